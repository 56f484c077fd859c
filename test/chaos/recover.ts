import { setTimeout as delay } from 'node:timers/promises'
import { insertEntry } from '../support/database.ts'
import type { Recovery } from './round.ts'
import { within } from './within.ts'
import type { World } from './world.ts'

const BOUND_MS = 40_000
const WRITES_WITHIN_MS = 5000
const PAUSE_MS = 50

/** Waits until the cluster is as declared again: everybody writes, nothing is left behind. */
export async function recover(world: World): Promise<Recovery> {
  const startedAt = performance.now()
  const elapsed = (): number => performance.now() - startedAt
  for (;;) {
    const [missing, orphans] = await Promise.all([missingIn(world), orphansIn(world)])
    if (missing.length + orphans.length === 0) return { afterMs: elapsed(), boundMs: BOUND_MS, missing, orphans }
    if (elapsed() > BOUND_MS) {
      return { afterMs: missing.length === 0 ? BOUND_MS : undefined, boundMs: BOUND_MS, missing, orphans }
    }
    await delay(PAUSE_MS)
  }
}

async function missingIn({ members, observer }: World): Promise<readonly string[]> {
  const status = await observer.status().catch(String)
  if (typeof status === 'string') return [`the database does not answer: ${status}`]
  const state = status.mode === 'read-write' ? [] : [`the mode is ${status.mode}: ${status.distrust ?? ''}`]
  const writes = await Promise.all(
    members.map(({ name, process }) =>
      within(WRITES_WITHIN_MS, 'a write', process.call('write', insertEntry())).then(
        () => undefined,
        (error: unknown) => `${name} does not write: ${String(error)}`,
      ),
    ),
  )
  return [...state, ...writes.filter((missing) => missing !== undefined)]
}

async function orphansIn({ observer }: World): Promise<readonly string[]> {
  try {
    const [fences, { freezes }] = await Promise.all([observer.fences(), observer.status()])
    return [...fences.map(({ name }) => `fence ${name}`), ...freezes.map(({ id }) => `freeze ${id}`)]
  } catch {
    // That the database does not answer is said elsewhere.
    return []
  }
}
