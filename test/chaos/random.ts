/** Numbers that a seed decides, so that a run can be had again. */
export interface Random {
  /** From 0 to 1. */
  next(): number
  between(from: number, to: number): number
  pick<T>(of: readonly T[]): T
  shuffle<T>(of: readonly T[]): readonly T[]
}

/** The mulberry32 generator. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (end: number): number => Math.floor(next() * end)
  return {
    next,
    between: (from, to) => from + next() * (to - from),
    pick: (of) => of[below(of.length)] as (typeof of)[number],
    shuffle(of) {
      const shuffled = [...of]
      for (let at = shuffled.length - 1; at > 0; at -= 1) {
        const other = below(at + 1)
        const [a, b] = [shuffled[at], shuffled[other]] as [(typeof of)[number], (typeof of)[number]]
        shuffled[at] = b
        shuffled[other] = a
      }
      return shuffled
    },
  }
}
