import { mkdirSync } from 'node:fs'
import type { Cluster } from '@quiesce/core'
import type { DatabaseName, SqlServer } from '@quiesce/test-servers'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import type { NodeSettings } from '../support/protocol.ts'
import { poolRaw, type RawConnection } from '../support/raw-connection.ts'
import { chaosDatabases } from './chaos-server.ts'
import { type ForeignWriter, startForeignWriter } from './foreign-writer.ts'
import { type Member, startMember } from './member.ts'
import type { Random } from './random.ts'
import type { TruthSource } from './truth/truth.ts'

/** Everything that a run breaks, and what it looks at. */
export interface World {
  readonly kind: DatabaseName
  readonly server: SqlServer
  readonly db: TestDatabase
  readonly random: Random
  /** The applications: one with each ORM, and one with a driver whose statements are under way for longer. */
  readonly members: readonly Member[]
  readonly holder: Member
  /** Looks at the cluster past every proxy, without being a node. */
  readonly observer: Cluster
  readonly truth: TruthSource
  /** Asks past every proxy. */
  readonly query: RawConnection['query']
  readonly directory: string
  /** Ends everybody who writes. */
  quiet(): Promise<void>
  close(): Promise<void>
}

/** When a node that nobody knows of any more refuses writes, at the latest. */
export const NODE_LEASE_MS = 2000

/** Long enough that a busy machine can renew a lease, short enough that one runs out within a round. */
const durations = {
  pollIntervalMs: 300,
  fastPollIntervalMs: 50,
  nodeLeaseMs: NODE_LEASE_MS,
  writeBoundMs: 400,
  freezeLeaseMs: 5000,
  lockDelayMs: 100,
  statementTimeoutMs: 1200,
  closeTimeoutMs: 1000,
  connectionTimeoutMs: 2000,
} as const

/** Members are called so that the turnstile of their registration stops them. */
const cluster = { ...durations, namespace: 'chaos', application: 'late', exempt: { mark: true } } as const
const DRIVER_TIMEOUT_MS = 400

/** Starts a server, the applications and a program without a guard; the histories are written into `directory`. */
export async function startWorld(kind: DatabaseName, random: Random, directory: string): Promise<World> {
  mkdirSync(directory, { recursive: true })
  const server = await chaosDatabases[kind].start()
  const db = await testDatabase('chaos', kind, server.url)
  const { query, end } = poolRaw(db.url)
  await query('CREATE TABLE mark (name varchar(20), freeze_id varchar(36))')
  const truth = await chaosDatabases[kind].truth(query)
  const start = (name: string, more: Partial<NodeSettings>, loads = true): Promise<Member> =>
    startMember({
      name,
      url: db.url,
      directory,
      settings: { guard: 'driver', cluster, appPoolSize: 4, ...more },
      loads,
    })
  const [prisma, typeorm, driver, holder] = await Promise.all([
    start('prisma', { guard: 'prisma', clockOffsetMs: 2 * 3_600_000 }),
    start('typeorm', { guard: 'typeorm', clockOffsetMs: -2 * 3_600_000 }),
    start('driver', { sendDelayMs: 30, appQueryTimeoutMs: DRIVER_TIMEOUT_MS, clockOffsetMs: 0 }),
    start('holder', {}, false),
  ])
  const foreign: ForeignWriter = startForeignWriter(query, directory)
  const observer = db.cluster({ ...cluster })
  const quiet = async (): Promise<void> => {
    await foreign.stop()
    await Promise.all([prisma, typeorm, driver, holder].map((member) => member.close()))
  }
  return {
    ...{ kind, server, db, random, holder, observer, truth, query, directory },
    members: [prisma, typeorm, driver],
    quiet,
    async close() {
      await quiet()
      await Promise.allSettled([db.drop(), end()])
      await server.stop('immediate')
    },
  }
}
