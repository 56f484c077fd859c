import { type ClusterOptions, type ClusterStatus, clientEnvironment, urlWithToken } from '@quiesce/core'
import { misuse } from '../usage-error.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** What a child is told of the freeze that it runs under. */
export interface GrantedFreeze {
  readonly id: string
  readonly epoch: string
  /** Names the cluster, so that a nested run can tell whether it is the same. */
  readonly cluster: string
  /** Passes the fence; `undefined` where there is none. */
  readonly token: string | undefined
}

/** The name of a cluster: its namespace and the identity of its database. */
export function clusterName({ namespace, database }: Pick<ClusterStatus, 'namespace' | 'database'>): string {
  return `${namespace}@${database}`
}

/** How a child shows its token to the database. */
export interface TokenCarriers {
  readonly database: ClusterOptions['database']
  /** Variables that hold a database URL, for programs that read the token from nowhere else. */
  readonly urlVariables: readonly string[]
}

/** The environment of a child that runs under a freeze. */
export function childEnvironment(env: Environment, freeze: GrantedFreeze, carriers: TokenCarriers): Environment {
  const { id, epoch, cluster } = freeze
  const told = { ...env, QUIESCE_FREEZE_ID: id, QUIESCE_EPOCH: epoch, QUIESCE_FREEZE_CLUSTER: cluster }
  if (freeze.token === undefined) return told
  // A run of another cluster around this one may have a fence in the same database.
  const token = [env['QUIESCE_TOKEN'], freeze.token].filter(Boolean).join(',')
  const urls = Object.fromEntries(carriers.urlVariables.map((name) => [name, carrying(env, name, token)]))
  return { ...told, ...urls, QUIESCE_TOKEN: token, ...clientEnvironment(carriers.database, token, env) }
}

/** @throws QuiesceError `QUIESCE_CONFIG` for a variable that holds no URL which can carry a token; before anything is frozen. */
export function checkTokenUrls(env: Environment, names: readonly string[]): void {
  for (const name of names) carrying(env, name, 'token')
}

function carrying(env: Environment, name: string, token: string): string {
  const url = env[name] === undefined ? undefined : urlWithToken(env[name], token)
  if (url === undefined) throw misuse(`${name} (--token-url) holds no database URL that can carry a token.`)
  return url
}

/** The freeze that an outer `quiesce run` has put into our environment, if it is one of this cluster. */
export function outerFreeze(env: Environment, cluster: string): string | undefined {
  return env['QUIESCE_FREEZE_CLUSTER'] === cluster ? env['QUIESCE_FREEZE_ID'] : undefined
}
