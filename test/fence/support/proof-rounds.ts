import { setTimeout as delay } from 'node:timers/promises'
import type { Cluster, Freeze, FreezeOptions } from '@quiesce/core'
import { type CommitLog, commitLog } from '../../support/commit-log/commit-log.ts'
import type { TestDatabase } from '../../support/database.ts'
import { eventually } from '../../support/eventually.ts'
import type { NodeProcess } from '../../support/node-process.ts'
import type { RawConnection } from '../../support/raw-connection.ts'
import { proofActors } from './proof-actors.ts'
import type { ProofTables } from './proof-tables.ts'

/** What rounds came to. */
export interface Outcome {
  /** Rounds in which something protected was committed while the freeze held. */
  late: number
  frozen: number
  exemptWrites: number
  holderWrites: number
}

/** Which rounds, and against whom. */
export interface Rounds {
  readonly db: TestDatabase
  readonly tables: ProofTables
  readonly cluster: Cluster
  readonly count: number
  readonly options: Partial<FreezeOptions>
  /** Nobody is paused where this is left out. */
  readonly sleepers?: Sleepers
  /** In every so many rounds a transaction that has written stays open. Default 6. */
  readonly stubbornEvery?: number
  /** Called with each freeze that has resolved. */
  readonly onFrozen: (freeze: Freeze) => void
  /** Called after each round; stops them when it says so. */
  readonly onRound?: (outcome: Outcome) => boolean
}

/** Processes that are paused with SIGSTOP before the freeze, and continued when it holds. */
export interface Sleepers {
  /** Has no guard: nobody waits for it. */
  readonly rogue: NodeProcess
  /** Sleeps between the admission of a write and its sending. Its lease is waited for, so not in every round. */
  readonly guarded: NodeProcess
}

const GUARDED_EVERY = 8
/** Not in the same rounds: whoever is ended for the sleeper's sake would not be seen. */
const STUBBORN_EVERY = 6
/** How long a process that was continued may need until its writes have reached the server. */
const WAKE_MS = 60

/**
 * Freezes at random moments, wakes who sleeps at the worst one, and looks in the tables and in the database's own log
 * whether anything protected was committed before the thaw.
 */
export async function proofRounds(rounds: Rounds): Promise<Outcome> {
  const { db, tables, cluster, count, options, sleepers, onFrozen, onRound, stubbornEvery = STUBBORN_EVERY } = rounds
  const outcome: Outcome = { late: 0, frozen: 0, exemptWrites: 0, holderWrites: 0 }
  const log = await commitLog(db.flavour.kind, db.query)
  const actors = proofActors(db, tables)
  const job = await db.connect('job')
  for (let round = 1; round <= count; round += 1) {
    await delay(Math.random() * 20)
    const since = await log.position()
    await actors.begin(round % stubbornEvery === 0)
    const sleeper = sleeperOf(round, sleepers)
    sleeper?.signal('SIGSTOP')
    const freezing = cluster.freeze({
      reason: `round ${round}`,
      drainTimeoutMs: tables.drainTimeoutMs,
      ackTimeoutMs: 20_000,
      terminateBlockers: true,
      ...options,
    })
    actors.endSoon()
    const freeze = await freezing
    const watch = await startWatch(db, tables, log, since)
    onFrozen(freeze)
    sleeper?.signal('SIGCONT')
    await Promise.all([actors.goOn(), ...(sleeper === undefined ? [] : [awake(sleeper)])])
    await db.query('UPDATE card SET seen = seen + 1')
    outcome.exemptWrites += 1
    if (freeze.token !== undefined) outcome.holderWrites += await holderWrite(job, tables, freeze.token)
    if (await watch.isBroken()) outcome.late += 1
    await freeze.assertHeld()
    await freeze.thaw()
    outcome.frozen += 1
    if (onRound?.(outcome) === true) break
  }
  await Promise.all([actors.close(), job.end()])
  return outcome
}

/**
 * A holder that is lost while it has a transaction open, and its token: neither commits anything once the freeze that
 * stays has been taken from it. How many of the two did.
 */
export async function holderLost({ db, tables, cluster, options }: Rounds): Promise<number> {
  const freeze = await cluster.freeze({
    reason: 'lost',
    onHolderLost: 'stay',
    maxFreezeMs: 120_000,
    ackTimeoutMs: 20_000,
    drainTimeoutMs: tables.drainTimeoutMs,
    terminateBlockers: true,
    ...options,
  })
  const { token = '', id } = freeze
  const old = await db.connect('job')
  const write = 'INSERT INTO job VALUES (2)'
  for (const [sql, parameters] of tables.beginAsHolder(token)) await old.query(sql, parameters)
  await old.query(write)
  await db.query(tables.loseHolder(id))
  await eventually('its nodes know', async () => (await cluster.history()).some(({ type }) => type === 'takeover'))
  const isSettled = async (): Promise<boolean> =>
    (await isRefused(db, tables, token)) && !(await passes(old.query('SELECT 1')))
  let late = (await passes(eventually('both are over', isSettled, 20_000))) ? 0 : 1
  if (await passes(old.query('COMMIT'))) late += 1
  await old.end().catch(() => {})
  await cluster.thaw(id, { force: true, reason: 'over' })
  return late
}

function passes(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  )
}

async function isRefused(db: TestDatabase, tables: ProofTables, token: string): Promise<boolean> {
  const one = await db.connect('job')
  try {
    for (const [sql, parameters] of tables.beginAsHolder(token)) await one.query(sql, parameters)
    await one.query('INSERT INTO job VALUES (3)')
    return false
  } catch (error) {
    return error instanceof Error && error.message.includes('quiesce fence')
  } finally {
    await one.query('ROLLBACK').catch(() => {})
    await one.end().catch(() => {})
  }
}

function sleeperOf(round: number, sleepers: Sleepers | undefined): NodeProcess | undefined {
  if (sleepers === undefined) return undefined
  return round % GUARDED_EVERY === 2 ? sleepers.guarded : round % 2 === 1 ? sleepers.rogue : undefined
}

async function awake(sleeper: NodeProcess): Promise<void> {
  await sleeper.call('state')
  await delay(WAKE_MS)
}

async function holderWrite(job: RawConnection, tables: ProofTables, token: string): Promise<number> {
  for (const [sql, parameters] of tables.beginAsHolder(token)) await job.query(sql, parameters)
  await job.query('INSERT INTO job VALUES (1)')
  for (const [sql, parameters] of tables.endAsHolder) await job.query(sql, parameters)
  return 1
}

/** From the moment at which a freeze has resolved. */
async function startWatch(
  db: TestDatabase,
  tables: ProofTables,
  log: CommitLog,
  since: string,
): Promise<{ isBroken(): Promise<boolean> }> {
  const fingerprint = async (): Promise<string> =>
    JSON.stringify(await Promise.all([db.query(db.flavour.content), db.query(tables.protectedContent)]))
  const from = await log.position()
  const before = await fingerprint()
  return {
    async isBroken() {
      const after = await fingerprint()
      const window = { since, from, to: await log.position() }
      return before !== after || (await log.commitsTo(tables.protectedTables, window)) > 0
    },
  }
}
