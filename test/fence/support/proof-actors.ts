import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { insertEntry, type TestDatabase } from '../../support/database.ts'
import type { RawConnection } from '../../support/raw-connection.ts'
import type { ProofTables } from './proof-tables.ts'

/** Programs that are in the middle of something when a freeze begins. */
export interface Actors {
  /** Brings each to where it is when the freeze begins; a stubborn writer does not end before it has resolved. */
  begin(isStubborn: boolean): Promise<void>
  /** Those that can end by themselves do so, some time after the freeze has begun; the others are left to the freeze. */
  endSoon(): void
  /** The freeze has resolved: all of them do what they had in mind. */
  goOn(): Promise<void>
  close(): Promise<void>
}

/** By then the freeze is waiting for most of them. */
const SOON_MS = 120

/**
 * One transaction that has written and commits, one that is prepared for two-phase commit, one that has taken its
 * snapshot and writes when the freeze holds (REPEATABLE READ and SERIALIZABLE in turn), and a statement that comes then.
 *
 * The connections are kept from round to round; one that the freeze has ended is made anew.
 */
export function proofActors(db: TestDatabase, tables: ProofTables): Actors {
  const open = new Map<string, RawConnection>()
  let round = 0
  let stubborn = false
  let ends: readonly (() => Promise<void>)[] = []
  const connection = async (name: string): Promise<RawConnection> => {
    const found = open.get(name) ?? (await db.connect(name))
    open.set(name, found)
    return found
  }
  const drop = async (name: string): Promise<void> => {
    const broken = open.get(name)
    open.delete(name)
    await broken?.end().catch(() => {})
  }
  /** Runs statements on an actor's connection; what the freeze or the fence has ended is made anew next time. */
  const attempt = async (name: string, statements: readonly string[]): Promise<void> => {
    const one = await connection(name)
    try {
      for (const sql of statements) await one.query(sql)
    } catch {
      await drop(name)
    }
  }
  const once = (work: () => Promise<void>): (() => Promise<void>) => {
    let done: Promise<void> | undefined
    return () => {
      done ??= work()
      return done
    }
  }
  return {
    async begin(isStubborn) {
      round += 1
      stubborn = isStubborn
      const { twoPhases } = tables
      const id = `proof-${randomUUID()}`
      const isolation = round % 2 === 0 ? 'REPEATABLE READ' : 'SERIALIZABLE'
      await Promise.all([
        attempt('writer', [...db.flavour.begin('READ COMMITTED'), insertEntry()]),
        attempt('two phases', [twoPhases.begin(id), insertEntry(), ...twoPhases.prepare(id)]),
        attempt('snapshot', [...db.flavour.begin(isolation), tables.snapshot(isolation)]),
      ])
      ends = [
        // One that does not is ended when the patience of the freeze is over.
        ...(stubborn ? [] : [once(() => attempt('writer', ['COMMIT']))]),
        // It has no session that could be ended, so it always ends by itself.
        once(async () => {
          await attempt('two phases', [twoPhases.commit(id)])
          // From another session, in case its own was ended; otherwise there is nothing to commit any more.
          if (!open.has('two phases')) await db.query(twoPhases.commit(id)).catch(() => {})
        }),
      ]
    },
    endSoon() {
      for (const end of ends) void delay(Math.random() * SOON_MS).then(end)
    },
    async goOn() {
      await Promise.all([
        ...ends.map((end) => end()),
        stubborn ? attempt('writer', ['COMMIT']) : undefined,
        attempt('snapshot', [insertEntry(), 'COMMIT']),
        attempt('late', [insertEntry()]),
      ])
    },
    async close() {
      await Promise.all([...open.keys()].map(drop))
    },
  }
}
