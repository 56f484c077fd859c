import { TestServerError } from './test-server-error.ts'

const names = ['postgres', 'mysql', 'mariadb'] as const

/** A database product that has a server. */
export type DatabaseName = (typeof names)[number]

const variable = 'QUIESCE_TEST_DATABASES'

/**
 * Returns the databases to test with: the list in `QUIESCE_TEST_DATABASES`, default all of them.
 *
 * The list may also name `sqlite`, which has no server.
 *
 * @throws TestServerError `DATABASE_UNKNOWN`
 */
export function wantedDatabases(): readonly DatabaseName[] {
  const list = process.env[variable]
  if (list === undefined || list.trim() === '') return names
  const wanted = list.split(',').map((name) => name.trim())
  const unknown = wanted.filter((name) => name !== 'sqlite' && !names.some((known) => known === name))
  if (unknown.length === 0) return names.filter((name) => wanted.includes(name))
  const message = `${variable} names ${unknown.map((name) => `"${name}"`).join(', ')}, which we do not test with. Known: ${names.join(', ')} and sqlite.`
  throw new TestServerError('DATABASE_UNKNOWN', message)
}
