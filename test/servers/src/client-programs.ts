import type { DebianPackage } from './debian-packages.ts'
import { debianCommand, prepareDebianRoot } from './debian-root.ts'
import { mariadbKind, mysqlKind, type Product, postgresKind } from './server-kind.ts'

/** A program that people use on a database. */
export type ClientProgram = 'psql' | 'pg_dump' | 'mariadb' | 'mysql'

interface Source {
  readonly product: Product
  readonly debianPackage: DebianPackage
  readonly folder: string
}

const postgres: Source = {
  product: postgresKind,
  debianPackage: { suite: 'sid', name: 'postgresql-client-18' },
  folder: 'usr/lib/postgresql/18/bin',
}
const mariadb: Source = {
  product: mariadbKind,
  debianPackage: { suite: 'bookworm', name: 'mariadb-client-core', keepsPrograms: true },
  folder: 'usr/bin',
}
const mysql: Source = {
  product: mysqlKind,
  debianPackage: { suite: 'sid', name: 'mysql-client-core', keepsPrograms: true },
  folder: 'usr/bin',
}
const sources: Readonly<Record<ClientProgram, Source>> = { psql: postgres, pg_dump: postgres, mariadb, mysql }

/**
 * Returns the command line of a client of the version of the test servers, from Debian's packages: the first call
 * downloads them into the user's cache; nothing is installed.
 *
 * @throws TestServerError `…_BINARIES_MISSING`
 */
export async function clientProgram(name: ClientProgram): Promise<readonly string[]> {
  const { product, debianPackage, folder } = sources[name]
  const root = await prepareDebianRoot(product, debianPackage)
  const { program, arguments: more } = debianCommand(root, `${folder}/${name}`)
  return [program, ...more]
}
