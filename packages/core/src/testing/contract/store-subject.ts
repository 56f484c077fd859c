import type { Dialect } from '../../dialects/dialect.ts'
import { QuiesceError } from '../../domain/errors.ts'
import type { Row } from '../../domain/executor.ts'
import type { CoordinationStore } from '../../domain/store.ts'

/** A connection that no store knows. */
export interface PlainSession {
  /** Parameters stand in the text: the two databases write them differently. */
  query(sql: string): Promise<readonly Row[]>
  close(): Promise<void>
}

/** How the databases say what the contract needs. */
export interface Product {
  /** A moment long ago. */
  readonly past: string
  /** Where the tables are by default. */
  readonly place: string
  /** The table of a contract's own, as `openWriters()` names it. */
  entry(database: string): string
  open(url: string): Promise<PlainSession>
}

/** An empty database, and stores on it. */
export interface StoreSubject {
  readonly url: string
  readonly product: Product
  readonly plain: PlainSession
  /** A store as a node makes it, closed with the subject. */
  store(options?: {
    readonly namespace?: string
    readonly tablePrefix?: string
    readonly database?: unknown
  }): CoordinationStore
  /** A session of another program, closed with the subject. */
  session(): Promise<PlainSession>
  table(name: string): string
  close(): Promise<void>
}

/** Makes a subject on an empty database, with whichever dialect `choose` has for it. */
export async function storeSubject(
  url: string,
  product: Product,
  choose: (database: unknown) => Dialect | undefined,
): Promise<StoreSubject> {
  const closing: Array<() => Promise<unknown>> = []
  const session = async (): Promise<PlainSession> => {
    const opened = await product.open(url)
    closing.push(() => opened.close())
    return opened
  }
  return {
    url,
    product,
    plain: await session(),
    session,
    table: (name) => `${product.place}quiesce_${name}`,
    store({ namespace = 'default', tablePrefix = 'quiesce_', database = url } = {}) {
      const dialect = choose(database)
      if (dialect === undefined) throw noDialect()
      const connection = {
        applicationName: 'contract',
        connectionTimeoutMs: 5000,
        statementTimeoutMs: 3000,
        poolSize: 2,
        ownSessions: true,
      }
      const location = { schema: dialect.defaultCoordinationSchema, tablePrefix }
      const options = { namespace, location, synchronousCommit: 'on' } as const
      const store = dialect.createStore(dialect.connect(database, connection), options)
      closing.push(() => store.close())
      return store
    },
    async close() {
      await Promise.all(closing.map((close) => close()))
    },
  }
}

function noDialect(): QuiesceError {
  return new QuiesceError('QUIESCE_CONFIG', 'No dialect accepts this database. Give the contract one that does.')
}
