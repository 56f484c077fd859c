import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'

/** The statements that the server logged for each application name. */
export interface StatementLog {
  /** A URL whose sessions are logged under this name. */
  loggedUrl(url: string, name: string): string
  /** What the sessions of this name have sent, once `marker` (a text that the last statement contained) has arrived. */
  sentBy(name: string, marker: string): Promise<readonly string[]>
}

/** The setting that a server needs for {@link openStatementLog}. */
export const logSettings = { log_line_prefix: '@%a@', log_statement: 'none' } as const

/** Reads what a PostgreSQL server itself wrote down of the statements that it was sent. */
export function openStatementLog(logFile: string): StatementLog {
  return {
    loggedUrl(url, name) {
      const logged = new URL(url)
      logged.searchParams.set('application_name', name)
      logged.searchParams.set('options', '-c log_statement=all')
      return logged.href
    },
    async sentBy(name, marker) {
      const deadline = performance.now() + 10_000
      for (;;) {
        const statements = statementsIn(await readFile(logFile, 'utf8'), name)
        if (statements.some((statement) => statement.includes(marker))) {
          return statements.filter((statement) => !statement.includes(marker))
        }
        if (performance.now() > deadline) throw new Error(`The server's log does not show ${marker} of ${name}.`)
        await delay(50)
      }
    },
  }
}

function statementsIn(log: string, name: string): readonly string[] {
  return log
    .split(/^(?=@)/m)
    .filter((entry) => entry.startsWith(`@${name}@`))
    .flatMap((entry) => {
      const text = /LOG: {2}(?:statement|execute [^:]*): (?<text>[\s\S]*)/.exec(entry)?.groups?.['text']
      return text === undefined ? [] : [text.trim()]
    })
}
