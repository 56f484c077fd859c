import { basename } from 'node:path'

const IN_URL = /(\w+:\/\/[^\s:/@]*):[^\s/]*@/g
const ASSIGNED = /([\w-]*(?:password|passwd|pwd|secret|token)=)(?:'[^']*'|"[^"]*"|[^\s&'"]+)/gi
const FLAG = /^--?(?:[\w-]*-)?(?:password|passwd|secret|token)$/i
/** Clients that take a password in the word `-p` itself. */
const MYSQL = /^(?:mysql|mariadb)/

/**
 * A command line for logs, names and the audit trail, which others read: without the passwords of URLs, of assignments
 * (`PGPASSWORD=…`, `--password=…`, `?password=…`), behind `--password` and in `-p…` of MySQL's clients.
 */
export function withoutPasswords(command: readonly string[]): readonly string[] {
  const isMysql = MYSQL.test(basename(command[0] ?? ''))
  return command.map((word, index) => {
    if (FLAG.test(command[index - 1] ?? '')) return '***'
    if (isMysql && /^-p./.test(word)) return '-p***'
    return word.replaceAll(IN_URL, '$1:***@').replaceAll(ASSIGNED, '$1***')
  })
}
