import type { DatabaseName } from '@quiesce/test-servers'

/**
 * Whether this run may take its time (`pnpm test:long`): every demo, every fault, many rounds. The test command, which has
 * ten minutes for everything, takes a share of each.
 */
export const isLong: boolean = process.env['QUIESCE_TEST_LONG'] === '1'

/** One database of each family for tests that take long: MySQL and MariaDB share a dialect. A long run has them all. */
export function oneOfEachFamily(databases: readonly DatabaseName[]): readonly DatabaseName[] {
  return isLong || !databases.includes('mysql') ? databases : databases.filter((name) => name !== 'mariadb')
}

/** The same for tests of that family alone. */
export function mysqlFamilyInTime(databases: readonly DatabaseName[]): readonly ('mysql' | 'mariadb')[] {
  return isLong || !databases.includes('mysql') ? ['mysql', 'mariadb'] : ['mysql']
}
