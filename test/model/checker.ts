/** One thing that can happen next: its name for the trace, the world after it, and what an invariant must know of it. */
export interface Step<W> {
  readonly name: string
  readonly world: W
  readonly event?: string | undefined
}

/** A protocol as a machine: where it starts and what can happen in each world. Worlds are plain JSON. */
export interface Machine<W> {
  readonly initial: W
  /** Everything that can happen in `world`, which stays as it is. */
  steps(world: W): readonly Step<W>[]
}

/** What must hold after every step. */
export interface Invariant<W> {
  readonly name: string
  broken(world: W, event: string | undefined): boolean
}

/** A shortest way to a world that must not be. */
export interface Violation {
  readonly invariant: string
  readonly trace: readonly string[]
}

/** What an exploration found. */
export interface Exploration {
  readonly states: number
  /** `undefined`: no world that can be reached breaks an invariant. */
  readonly violation: Violation | undefined
}

interface Visited {
  readonly from: number
  readonly step: string
}

/**
 * Visits every world that can be reached, breadth first, so that the first violation found has a shortest trace.
 *
 * With `goal`, the goal must stay reachable from everywhere; a world from which it is not is a violation named
 * `goal.name`, with a shortest trace to it.
 *
 * @throws Error when there are more than `limit` worlds: a model that has outgrown its bound proves nothing.
 */
export function explore<W>(
  machine: Machine<W>,
  invariants: readonly Invariant<W>[],
  { limit, goal }: { readonly limit: number; readonly goal?: { readonly name: string; reached(world: W): boolean } },
): Exploration {
  const places = new Map<string, number>()
  const worlds: W[] = []
  const visited: Visited[] = []
  const backwards: number[][] = []
  const goals: number[] = []

  const visit = (world: W, from: number, step: string): number => {
    const key = JSON.stringify(world)
    const known = places.get(key)
    if (known !== undefined) return known
    const place = worlds.length
    if (place >= limit) throw new Error(`The model has more than ${limit} states. Make it smaller.`)
    places.set(key, place)
    worlds.push(world)
    visited.push({ from, step })
    backwards.push([])
    return place
  }
  const traceTo = (place: number): readonly string[] => {
    const steps: string[] = []
    for (let at = visited[place]; at !== undefined && at.from >= 0; at = visited[at.from]) steps.push(at.step)
    return steps.reverse()
  }

  visit(machine.initial, -1, '')
  for (let place = 0; place < worlds.length; place++) {
    const world = worlds[place] as W
    if (goal?.reached(world)) goals.push(place)
    for (const step of machine.steps(world)) {
      const broken = invariants.find((invariant) => invariant.broken(step.world, step.event))
      if (broken !== undefined) {
        const trace = [...traceTo(place), step.name]
        return { states: worlds.length, violation: { invariant: broken.name, trace } }
      }
      const next = visit(step.world, place, step.name)
      if (goal !== undefined) backwards[next]?.push(place)
    }
  }
  if (goal === undefined) return { states: worlds.length, violation: undefined }
  const stuck = firstOutside(worlds.length, goals, backwards)
  const violation = stuck === undefined ? undefined : { invariant: goal.name, trace: traceTo(stuck) }
  return { states: worlds.length, violation }
}

/** The first place from which no way leads to `goals`. */
function firstOutside(count: number, goals: readonly number[], backwards: readonly number[][]): number | undefined {
  const reaches = new Uint8Array(count)
  const open = [...goals]
  for (const place of open) reaches[place] = 1
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    for (const before of backwards[place] ?? []) {
      if (reaches[before] === 1) continue
      reaches[before] = 1
      open.push(before)
    }
  }
  const outside = reaches.indexOf(0)
  return outside < 0 ? undefined : outside
}
