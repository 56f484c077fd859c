// A process that measures the operations of both ORMs with and without the guard, and sends what it found to its parent.
import { createCluster } from '@quiesce/core'
import { type AlternateOptions, alternate, repeat } from '../support/alternate.ts'
import { quantile } from '../support/statistics.ts'
import { type Opened, type Operations, openers } from './orms.ts'

/** What one operation costs in one process. */
export interface Measured {
  readonly operation: string
  /** Processor time of the process without the guard, in microseconds: the mean of two clients. */
  readonly bareUs: number
  /** One client without a guard against the other. */
  readonly same: number
  /** With the guard against without. */
  readonly ratio: number
  readonly addedUs: number
}

/** What a process is to measure. */
export interface Order {
  readonly url: string
  /** How often each operation is done. */
  readonly rounds: AlternateOptions
  /** Which of the three clients is opened first. */
  readonly first: number
}

process.once('message', async (order) => {
  process.send?.(await measure(order as Order))
  process.disconnect?.()
})

async function measure({ url, rounds, first }: Order): Promise<readonly Measured[]> {
  const cluster = createCluster({ database: url, nodeLeaseMs: 120_000, freezeLeaseMs: 180_000 })
  await cluster.start()
  const measured: Measured[] = []
  for (const [orm, open] of Object.entries(openers)) {
    const opened = new Map<string, Opened>()
    for (const name of turned(['bare', 'same', 'guarded'], first)) {
      opened.set(name, await open(url, name === 'guarded' ? cluster : undefined))
    }
    for (const operation of Object.keys([...opened.values()][0]?.operations ?? {})) {
      const variants = [...opened].map(([name, { operations }]) => repeat(name, operationOf(operations, operation)))
      const costs = new Map((await alternate(variants, rounds)).map((cost) => [cost.name, quiet(cost.rounds)]))
      const { bare = Number.NaN, same = Number.NaN, guarded = Number.NaN } = Object.fromEntries(costs)
      const bareUs = (bare + same) / 2
      const found = { bareUs, same: same / bare, ratio: guarded / bareUs, addedUs: guarded - bareUs }
      measured.push({ operation: `${orm} ${operation}`, ...found })
    }
    await Promise.all([...opened.values()].map(({ close }) => close()))
  }
  await cluster.close()
  return measured
}

function turned<T>(values: readonly T[], first: number): readonly T[] {
  const from = first % values.length
  return [...values.slice(from), ...values.slice(0, from)]
}

function operationOf(operations: Operations, name: string): () => Promise<unknown> {
  const operation = operations[name]
  if (operation === undefined) throw new Error(`There is no operation ${name}.`)
  return operation
}

/** What a round costs when little else is going on: whatever else a machine does only adds. */
function quiet(rounds: readonly number[]): number {
  return quantile(rounds, 0.25)
}
