import type { DumpLexis } from './dump-lexis.ts'

/** The programs whose dumps can be filtered: `pg_dump` as plain text, `mysqldump` and `mariadb-dump`. */
export type DumpFormat = 'postgresql' | 'mysql'

/** How each writes. */
export const lexes: Readonly<Record<DumpFormat, DumpLexis>> = {
  postgresql: { escapes: false, doubleQuotedText: false, dollarQuotes: true, executedComment: undefined },
  mysql: { escapes: true, doubleQuotedText: true, dollarQuotes: false, executedComment: /^\/\*M?!\d*/ },
}

/** Which program wrote a dump, by its first lines; `undefined` where they do not tell. */
export function formatOf(beginning: string): DumpFormat | undefined {
  if (/^-- PostgreSQL database (?:cluster )?dump/m.test(beginning)) return 'postgresql'
  return /^(?:-- (?:MySQL|MariaDB) dump|\/\*M?!)/m.test(beginning) ? 'mysql' : undefined
}
