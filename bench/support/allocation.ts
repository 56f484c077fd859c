import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Variant } from './alternate.ts'
import { median } from './statistics.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/**
 * Bytes that one operation allocates, whether they are kept or not: the growth of the heap over a batch that is too short
 * for a collection to come between.
 */
export async function allocatedBytes(variant: Variant, operations = 2000): Promise<number> {
  await variant.run(operations)
  const batches: number[] = []
  for (let batch = 0; batch < 7; batch++) {
    collect()
    const before = process.memoryUsage().heapUsed
    await variant.run(operations)
    batches.push((process.memoryUsage().heapUsed - before) / operations)
  }
  return median(batches)
}

/** Bytes in use after a full collection. */
export function retainedBytes(): number {
  collect()
  collect()
  return process.memoryUsage().heapUsed
}
