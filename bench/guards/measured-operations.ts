// A process that measures the operations of both ORMs with and without the guard, and sends what it found to its parent.
import { createCluster } from '@quiesce/core'
import { alternate, repeat } from '../support/alternate.ts'
import { quantile } from '../support/statistics.ts'
import { type Operations, openers } from './orms.ts'

/** What one operation costs in one process. */
export interface Measured {
  readonly operation: string
  /** Processor time of the process without the guard, in microseconds. */
  readonly bareUs: number
  /** A second client without a guard against the first. */
  readonly same: number
  /** With the guard against without. */
  readonly ratio: number
  readonly addedUs: number
}

/** How often each operation is done, to the processes that measure. */
export interface Rounds {
  readonly rounds: number
  readonly operations: number
  readonly warmUp: number
}

const [url, rounds] = process.argv.slice(2)
if (url !== undefined && rounds !== undefined) process.send?.(await measure(url, JSON.parse(rounds) as Rounds))
process.disconnect?.()

async function measure(database: string, how: Rounds): Promise<readonly Measured[]> {
  const cluster = createCluster({ database, nodeLeaseMs: 120_000, freezeLeaseMs: 180_000 })
  await cluster.start()
  const measured: Measured[] = []
  for (const [orm, open] of Object.entries(openers)) {
    const opened = [await open(database, undefined), await open(database, undefined), await open(database, cluster)]
    for (const operation of Object.keys(opened[0]?.operations ?? {})) {
      const variants = opened.map(({ operations }) => repeat(operation, operationOf(operations, operation)))
      const [bare = Number.NaN, again = Number.NaN, guarded = Number.NaN] = (await alternate(variants, how)).map(
        (cost) => quiet(cost.rounds),
      )
      measured.push({
        operation: `${orm} ${operation}`,
        bareUs: bare,
        same: again / bare,
        ratio: guarded / bare,
        addedUs: guarded - bare,
      })
    }
    await Promise.all(opened.map(({ close }) => close()))
  }
  await cluster.close()
  return measured
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
