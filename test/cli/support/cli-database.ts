import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { DatabaseName } from '@quiesce/test-servers'
import { fastOptions, type TestDatabase, testDatabase } from '../../support/database.ts'
import { quiesceIn } from './fake-terminal.ts'

/** The command as it is installed. */
export const bin: string = join(import.meta.dirname, '../../../packages/cli/bin/quiesce.js')

/** A database, and a folder with a configuration file of the fast options in which the command runs. */
export interface CliDatabase extends TestDatabase {
  readonly folder: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly quiesce: ReturnType<typeof quiesceIn>
  /** Makes a file in the folder, or in folders of it; its path. */
  file(name: string, text: string): string
}

/** Makes both. */
export async function cliDatabase(hint: string, kind: DatabaseName = 'postgres'): Promise<CliDatabase> {
  const database = await testDatabase(hint, kind)
  const folder = mkdtempSync(join(tmpdir(), 'quiesce-cli-'))
  const file = (name: string, text: string): string => {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    return path
  }
  file('quiesce.config.json', JSON.stringify(fastOptions))
  const env = { PATH: process.env['PATH'], DATABASE_URL: database.url, QUIESCE_OWNER: 'ops' }
  return {
    ...database,
    folder,
    env,
    file,
    quiesce: quiesceIn({ env, cwd: folder }),
    async drop() {
      await database.drop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
