import type { Grammar } from './analysis.ts'

/** What a statement is by its first word, where that word alone decides. */
type Verb = 'query' | 'ddl' | 'session' | 'lock' | 'control'

const POSTGRES: Readonly<Record<Verb, string>> = {
  query: 'select values table show fetch move close',
  ddl: `create alter drop grant revoke comment security reassign import refresh reindex cluster vacuum analyze analyse
    checkpoint`,
  session: 'listen unlisten discard deallocate',
  lock: 'lock',
  control: 'begin start commit end rollback abort savepoint release',
}

const MYSQL: Readonly<Record<Verb, string>> = {
  query: 'select values table show help',
  ddl: `create alter drop grant revoke rename optimize repair check checksum cache flush reset purge install uninstall`,
  session: 'use deallocate get',
  lock: 'lock unlock',
  control: 'begin start commit rollback savepoint release',
}

const SQLITE: Readonly<Record<Verb, string>> = {
  query: 'select values',
  ddl: 'create alter drop vacuum reindex analyze',
  session: '',
  lock: '',
  control: 'begin commit end rollback savepoint release',
}

const VERBS: Readonly<Record<Grammar, ReadonlyMap<string, Verb>>> = {
  postgres: byWord(POSTGRES),
  mysql: byWord(MYSQL),
  mariadb: byWord(MYSQL),
  sqlite: byWord(SQLITE),
}

function byWord(lists: Readonly<Record<Verb, string>>): ReadonlyMap<string, Verb> {
  const verbs = new Map<string, Verb>()
  for (const verb of ['query', 'ddl', 'session', 'lock', 'control'] as const) {
    for (const word of lists[verb].split(/\s+/)) if (word !== '') verbs.set(word, verb)
  }
  return verbs
}

/** What the first word says, `undefined` where more must be read, or where the word is unknown. */
export function verbOf(grammar: Grammar, word: string): Verb | undefined {
  return VERBS[grammar].get(word)
}
