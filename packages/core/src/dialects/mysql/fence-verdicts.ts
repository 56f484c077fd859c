import type { StatementVerdict } from '../../domain/fence-verdict.ts'
import type { ServerLanguage } from './server.ts'

/** What was tried, and why it passes where it does. */
interface Tried {
  readonly statement: string
  /** Why the triggers let it pass; left out: they refuse it. */
  readonly passes?: string
  /** Why a READ ONLY schema lets it pass. */
  readonly passesSchema?: string
  readonly only?: ServerLanguage['product']
}

const tried: readonly Tried[] = [
  { statement: 'INSERT' },
  { statement: 'INSERT IGNORE' },
  { statement: 'INSERT … SELECT' },
  { statement: 'INSERT … SELECT of no rows', passes: 'nothing is written' },
  { statement: 'INSERT … ON DUPLICATE KEY UPDATE' },
  { statement: 'INSERT … RETURNING', only: 'mariadb' },
  { statement: 'REPLACE' },
  { statement: 'LOAD DATA' },
  { statement: 'LOAD DATA … REPLACE' },
  { statement: 'LOAD DATA … IGNORE' },
  { statement: 'UPDATE' },
  { statement: 'UPDATE IGNORE' },
  { statement: 'UPDATE that changes nothing' },
  { statement: 'UPDATE of no rows', passes: 'nothing is written' },
  { statement: 'UPDATE of two tables' },
  { statement: 'WITH … UPDATE', only: 'mysql' },
  { statement: 'DELETE' },
  { statement: 'DELETE IGNORE' },
  { statement: 'DELETE from two tables' },
  { statement: 'through a view' },
  { statement: 'in a procedure of another user' },
  { statement: 'in a procedure that swallows errors' },
  { statement: 'PREPARE and EXECUTE' },
  { statement: 'in an XA transaction' },
  { statement: 'MyISAM' },
  { statement: 'a partitioned table' },
  { statement: 'a partition by name' },
  { statement: 'under LOCK TABLES … WRITE' },
  { statement: 'with foreign_key_checks = 0' },
  { statement: "with sql_mode = '' and sql_log_bin = 0" },
  { statement: 'SELECT … FOR UPDATE', passes: 'nothing is written' },
  { statement: 'a foreign key’s cascade from a fenced table' },
  { statement: 'a foreign key’s ON UPDATE CASCADE from a fenced table' },
  { statement: 'a foreign key’s cascade from an exempt table', passes: 'told as the gap `cascade`' },
  { statement: 'a foreign key’s ON UPDATE CASCADE from an exempt table', passes: 'told as the gap `cascade`' },
  { statement: 'a foreign key’s SET NULL from an exempt table', passes: 'told as the gap `cascade`' },
  { statement: 'an exempt table', passes: 'exempt' },
  { statement: 'an exempt column', passes: 'exempt' },
  { statement: 'an exempt column, others assigned to themselves', passes: 'exempt' },
  { statement: 'an exempt column and another one' },
  { statement: 'another column, in case only' },
  { statement: 'another column, by a trailing blank' },
  { statement: 'another column, from NULL' },
  { statement: 'another column, JSON' },
  { statement: 'another column, by a trigger of the application' },
  { statement: 'INSERT into a table with an exempt column' },
  { statement: 'upsert into a table with an exempt column' },
  { statement: 'a temporary table', passes: 'nobody else sees it', passesSchema: 'nobody else sees it' },
  { statement: 'with the holder’s token', passes: 'the holder’s' },
  { statement: 'with the holder’s token among others', passes: 'the holder’s' },
  { statement: 'with the token of another freeze' },
  { statement: 'with a token that is a number, bytes or a list of blanks' },
  { statement: 'with the token’s digest as the token' },
  { statement: 'with the token in capitals' },
  { statement: 'NEXTVAL of a sequence', passes: 'told as the gap `sequence`', only: 'mariadb' },
  { statement: 'RENAME TABLE, then UPDATE' },
  { statement: 'ALTER TABLE … ADD COLUMN', passes: 'DDL' },
  { statement: 'ALTER TABLE … AUTO_INCREMENT', passes: 'DDL' },
  { statement: 'TRUNCATE', passes: 'DDL' },
  { statement: 'ALTER TABLE … TRUNCATE PARTITION', passes: 'DDL' },
  { statement: 'ALTER TABLE … EXCHANGE PARTITION', passes: 'DDL' },
  { statement: 'CREATE TABLE … SELECT', passes: 'DDL; fenced when the holder looks next' },
  { statement: 'DROP TABLE', passes: 'DDL' },
]

/** What triggers did with every way to write that we know of, on MySQL 9.7 or MariaDB 10.11. */
export function triggerVerdicts(product: ServerLanguage['product']): readonly StatementVerdict[] {
  return tried
    .filter(({ only = product }) => only === product)
    .map(({ statement, passes }) => verdict(statement, passes))
}

/** What a READ ONLY schema of MySQL 9.7 did with them. */
export function schemaVerdicts(): readonly StatementVerdict[] {
  return tried
    .filter(({ only }) => only !== 'mariadb')
    .map(({ statement, passesSchema }) => verdict(statement, passesSchema))
}

function verdict(statement: string, because: string | undefined): StatementVerdict {
  return because === undefined ? { statement, verdict: 'refused' } : { statement, verdict: 'passes', because }
}
