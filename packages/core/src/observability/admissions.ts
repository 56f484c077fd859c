import type { Admission, Gate } from '../domain/admission.ts'

const KEPT_MS = 30_000
const MOST_KEYS = 1000

/** What guards have asked about and no driver has sent yet, by what the statements do. */
export interface Admissions {
  /** Takes one away; false when no guard had asked about anything of that kind. */
  take(key: string): boolean
  /** Stops watching. */
  close(): void
}

/**
 * Notes what the guards of a gate ask it about, from now on and on sessions that are opened from now on.
 *
 * It replaces `admit()` and `note()` on the gate object alone while it watches, so that a gate that nobody watches pays
 * nothing.
 * An admission that no driver takes is forgotten after half a minute.
 */
export function watchAdmissions(gate: Gate, keyOf: (sql: string) => string | undefined): Admissions {
  const noted = new Map<string, { count: number; atMs: number }>()
  let depth = 0

  function note(sql: string): void {
    // A session asks its gate in turn: that is one statement.
    if (depth > 1) return
    const key = keyOf(sql)
    if (key === undefined) return
    const now = performance.now()
    const known = noted.get(key)
    if (known !== undefined && now - known.atMs < KEPT_MS) {
      known.count += 1
      known.atMs = now
      return
    }
    noted.delete(key)
    noted.set(key, { count: 1, atMs: now })
    const [oldest] = noted.keys()
    if (noted.size > MOST_KEYS && oldest !== undefined) noted.delete(oldest)
  }

  function watch(admission: Admission): () => void {
    const { admit } = admission
    const watched: Admission['admit'] = (...args) => {
      depth += 1
      try {
        note(args[0])
        return Reflect.apply(admit, admission, args)
      } finally {
        depth -= 1
      }
    }
    Object.defineProperty(admission, 'admit', { value: watched, configurable: true, writable: true })
    // Nothing passes by it.
    Object.defineProperty(admission, 'note', { value: () => undefined, configurable: true, writable: true })
    return () => {
      Reflect.deleteProperty(admission, 'admit')
      Reflect.deleteProperty(admission, 'note')
    }
  }

  const unwatch = watch(gate)
  const { openSession } = gate
  const opened: Gate['openSession'] = () => {
    const session = Reflect.apply(openSession, gate, [])
    watch(session)
    return session
  }
  Object.defineProperty(gate, 'openSession', { value: opened, configurable: true, writable: true })
  return {
    take(key) {
      const known = noted.get(key)
      if (known === undefined || performance.now() - known.atMs >= KEPT_MS) return false
      known.count -= 1
      if (known.count === 0) noted.delete(key)
      return true
    },
    close() {
      unwatch()
      Reflect.deleteProperty(gate, 'openSession')
      noted.clear()
    },
  }
}
