import { afterEach, describe, expect, it, vi } from 'vitest'
import { freshDatabase, wantedDatabases } from '../src/index.ts'

afterEach(() => vi.unstubAllEnvs())

describe('the databases to test with', () => {
  it.each([
    ['', ['postgres', 'mysql', 'mariadb']],
    ['postgres', ['postgres']],
    ['mariadb, postgres', ['postgres', 'mariadb']],
    ['sqlite', []],
  ])('are those of the list %j', (list, expected) => {
    vi.stubEnv('QUIESCE_TEST_DATABASES', list)
    expect(wantedDatabases()).toEqual(expected)
  })

  it('must be known', () => {
    vi.stubEnv('QUIESCE_TEST_DATABASES', 'postgres,oracle')
    expect(wantedDatabases).toThrow('"oracle"')
  })

  it('that are left out give no fresh database', async () => {
    await expect(freshDatabase(undefined)).rejects.toMatchObject({ code: 'DATABASE_NOT_SELECTED' })
  })
})
