import type { PoolOptions } from 'mysql2/promise'
import { QuiesceError } from '../../domain/errors.ts'

const URL_PATTERN = /^(mysql|mariadb):\/\//
/** What leads to the server; everything that changes how values are read or sessions behave is left out. */
const KEPT = [
  'host',
  'port',
  'localAddress',
  'socketPath',
  'user',
  'password',
  'password1',
  'password2',
  'password3',
  'passwordSha1',
  'database',
  'ssl',
  'stream',
  'compress',
  'insecureAuth',
  'authPlugins',
  'authSwitchHandler',
  'enableCleartextPlugin',
] as const

/** Which product a database that was given names; the server's own word decides later. */
export function productOf(database: unknown): 'mysql' | 'mariadb' | undefined {
  if (typeof database === 'string') return productOfUrl(database)
  if (typeof database !== 'object' || database === null) return undefined
  const { uri, type } = database as Record<string, unknown>
  if (type === 'mysql' || type === 'mariadb') return type
  return poolConfigOf(database) === undefined ? productOfUrl(uri) : 'mysql'
}

/**
 * Options for own connections: from a URL, from a pool that the application made, or from the options of one (`uri`, or
 * TypeORM's `type: 'mysql'` beside host, user…).
 */
export function connectionConfig(database: unknown): PoolOptions {
  if (typeof database === 'string') return fromUrl(database)
  if (typeof database === 'object' && database !== null && productOf(database) !== undefined) {
    const options = poolConfigOf(database) ?? (database as Record<string, unknown>)
    const { uri, username } = options
    const url = typeof uri === 'string' ? fromUrl(uri) : {}
    const user = typeof username === 'string' ? { user: username } : {}
    return { ...url, ...user, ...kept(options) }
  }
  throw new QuiesceError(
    'QUIESCE_CONFIG',
    'database must be a mysql:// or mariadb:// URL, a mysql2 pool or its options.',
    {
      database: typeof database,
    },
  )
}

function productOfUrl(url: unknown): 'mysql' | 'mariadb' | undefined {
  const scheme = typeof url === 'string' ? URL_PATTERN.exec(url)?.[1] : undefined
  return scheme === 'mysql' || scheme === 'mariadb' ? scheme : undefined
}

/** A pool of mysql2 keeps its options here, one of mysql2/promise those of the pool that it wraps. */
function poolConfigOf(database: object): Record<string, unknown> | undefined {
  const { config, pool } = database as { config?: unknown; pool?: { config?: unknown } }
  const { connectionConfig } = (config ?? pool?.config ?? {}) as { connectionConfig?: Record<string, unknown> }
  return connectionConfig
}

function kept(options: Record<string, unknown>): PoolOptions {
  return Object.fromEntries(KEPT.flatMap((key) => (options[key] === undefined ? [] : [[key, options[key]]])))
}

/** Reads the parts that every driver and ORM writes alike; their other parameters say nothing to us. */
function fromUrl(text: string): PoolOptions {
  const url = parseUrl(text)
  const parameters = url.searchParams
  const socketPath = parameters.get('socketPath') ?? parameters.get('socket')
  const ssl = sslOf(parameters)
  return {
    host: decodeURIComponent(url.hostname).replace(/^\[|\]$/g, ''),
    ...(url.port === '' ? {} : { port: Number(url.port) }),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    ...(url.pathname.length > 1 ? { database: decodeURIComponent(url.pathname.slice(1)) } : {}),
    ...(socketPath === null ? {} : { socketPath }),
    ...(ssl === undefined ? {} : { ssl }),
  }
}

function parseUrl(text: string): URL {
  try {
    return new URL(text)
  } catch {
    throw new QuiesceError(
      'QUIESCE_CONFIG',
      'database is not a well-formed URL; percent-encode special characters in the password.',
    )
  }
}

/** `ssl` as mysql2 reads it, `ssl-mode` as MySQL's own clients, `sslaccept` as Prisma. */
function sslOf(parameters: URLSearchParams): PoolOptions['ssl'] | undefined {
  const ssl = parameters.get('ssl')
  if (ssl !== null && ssl !== 'false') return ssl.startsWith('{') ? JSON.parse(ssl) : ssl === 'true' ? {} : ssl
  const accept = parameters.get('sslaccept')
  if (accept !== null) return { rejectUnauthorized: accept === 'strict' }
  const mode = (parameters.get('ssl-mode') ?? parameters.get('sslmode'))?.toUpperCase()
  if (mode === undefined || mode === 'DISABLED' || mode === 'PREFERRED') return undefined
  return { rejectUnauthorized: mode.startsWith('VERIFY') }
}
