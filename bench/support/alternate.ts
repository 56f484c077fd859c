import { setImmediate as turn } from 'node:timers/promises'
import { median, quartiles } from './statistics.ts'

// The loader of TypeScript turns this on; it would be charged to whatever throws.
process.setSourceMapsEnabled(false)

/** One way of doing the same thing. */
export interface Variant {
  readonly name: string
  /** Does it `operations` times, one after the other. */
  run(operations: number): Promise<void>
}

/** What one variant cost; ratios are to the first variant of the same round. */
export interface Cost {
  readonly name: string
  /** Processor time of this process per operation, user and system: the median of the rounds. */
  readonly cpuUs: number
  readonly wallUs: number
  readonly ratio: number
  /** The quartiles of the rounds' ratios: what one round could have shown. */
  readonly ratioQuartiles: readonly [number, number]
  /** Median of the rounds' differences to the first variant. */
  readonly addedUs: number
  /** `cpuUs` of each round. */
  readonly rounds: readonly number[]
}

export interface AlternateOptions {
  readonly rounds: number
  /** Per variant and round. */
  readonly operations: number
  /** Operations of each variant before the first round, default those of one: compilers look at what ran often. */
  readonly warmUp?: number
  /** Operations before each round that are not counted, default none: so that no variant pays for the one before it. */
  readonly settle?: number
}

/**
 * Runs the variants in many short rounds, in another order each time, so that whatever else this machine does hits all of
 * them alike.
 *
 * Give the first variant a second time under another name: its ratio is the noise (A/A) that the others are judged by.
 */
export async function alternate(variants: readonly Variant[], options: AlternateOptions): Promise<readonly Cost[]> {
  const { rounds, operations, warmUp = operations, settle = 0 } = options
  for (const variant of variants) await variant.run(warmUp)
  const samples = variants.map(() => ({ cpu: [] as number[], wall: [] as number[] }))
  for (let round = 0; round < rounds; round++) {
    for (let place = 0; place < variants.length; place++) {
      // Forwards and backwards, so that no variant is always the one after the same other.
      const index =
        round % 2 === 0
          ? (place + round) % variants.length
          : (2 * variants.length - 1 - place + round) % variants.length
      const variant = variants[index] as Variant
      await variant.run(settle)
      const { cpuUs, wallUs } = await timed(variant, operations)
      samples[index]?.cpu.push(cpuUs)
      samples[index]?.wall.push(wallUs)
    }
  }
  const base = samples[0]?.cpu ?? []
  return variants.map(({ name }, index) => {
    const { cpu, wall } = samples[index] ?? { cpu: [], wall: [] }
    const ratios = cpu.map((value, round) => value / (base[round] ?? Number.NaN))
    return {
      name,
      cpuUs: median(cpu),
      wallUs: median(wall),
      ratio: median(ratios),
      ratioQuartiles: quartiles(ratios),
      addedUs: median(cpu.map((value, round) => value - (base[round] ?? Number.NaN))),
      rounds: cpu,
    }
  })
}

async function timed(variant: Variant, operations: number): Promise<{ cpuUs: number; wallUs: number }> {
  // A loop that waits for nothing keeps timers and sockets out; they get a turn between the rounds.
  await turn()
  const cpu = process.cpuUsage()
  const wall = performance.now()
  await variant.run(operations)
  const wallUs = ((performance.now() - wall) * 1000) / operations
  const { user, system } = process.cpuUsage(cpu)
  return { cpuUs: (user + system) / operations, wallUs }
}

/** Repeats one asynchronous operation. */
export function repeat(name: string, operation: () => Promise<unknown>): Variant {
  return {
    name,
    async run(operations) {
      for (let done = 0; done < operations; done++) await operation()
    },
  }
}
