import type { ClusterOptions } from '@quiesce/core'
import { misuse } from '../usage-error.ts'
import { type LoadedConfig, loadConfig } from './config-file.ts'

/** The flags that every command has. */
export interface ConnectionFlags {
  readonly config?: string | undefined
  readonly database?: string | undefined
  readonly namespace?: string | undefined
  readonly schema?: string | undefined
  readonly tablePrefix?: string | undefined
}

/** The options of this process's cluster object, and where the database's address came from. */
export interface ClusterSettings {
  readonly options: ClusterOptions
  readonly configPath: string | undefined
  readonly databaseFrom: '--database' | 'QUIESCE_DATABASE_URL' | 'configuration file' | 'DATABASE_URL'
}

/**
 * Puts the options together: flags, then `QUIESCE_*`, then the configuration file, then `DATABASE_URL`.
 *
 * @throws QuiesceError `QUIESCE_CONFIG` when nothing names a database, or the file cannot be used.
 */
export async function clusterSettings(
  flags: ConnectionFlags,
  env: Readonly<Record<string, string | undefined>>,
  folder: string,
): Promise<ClusterSettings> {
  const file = await loadConfig(folder, flags.config ?? env['QUIESCE_CONFIG'])
  const { database, databaseFrom } = findDatabase(flags, env, file)
  const given = {
    namespace: flags.namespace ?? env['QUIESCE_NAMESPACE'],
    schema: flags.schema ?? env['QUIESCE_SCHEMA'],
    tablePrefix: flags.tablePrefix ?? env['QUIESCE_TABLE_PREFIX'],
  }
  const chosen = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  // Never the application's own name: its nodes are counted by it. And a node that only reports could not freeze.
  const options: ClusterOptions = { ...file?.config, ...chosen, database, application: 'cli', enforcement: 'enforce' }
  return { options, configPath: file?.path, databaseFrom }
}

function findDatabase(
  flags: ConnectionFlags,
  env: Readonly<Record<string, string | undefined>>,
  file: LoadedConfig | undefined,
): Pick<ClusterSettings, 'databaseFrom'> & Pick<ClusterOptions, 'database'> {
  const places = [
    { database: flags.database, databaseFrom: '--database' },
    { database: env['QUIESCE_DATABASE_URL'], databaseFrom: 'QUIESCE_DATABASE_URL' },
    { database: file?.config.database, databaseFrom: 'configuration file' },
    { database: env['DATABASE_URL'], databaseFrom: 'DATABASE_URL' },
  ] as const
  const found = places.find(({ database }) => database !== undefined && database !== '')
  if (found !== undefined) return found
  throw misuse(
    'No database is given. Set DATABASE_URL or QUIESCE_DATABASE_URL, pass --database, or export one from quiesce.config.ts.',
  )
}
