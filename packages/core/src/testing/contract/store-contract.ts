import { describe } from 'vitest'
import { describeFreezes } from './freeze-contract.ts'
import { describeLocks } from './lock-contract.ts'
import { describeNames } from './name-contract.ts'
import { describeNodes } from './node-contract.ts'
import { describeRuns } from './run-contract.ts'
import { describeSchema } from './schema-contract.ts'
import { describeState } from './state-contract.ts'
import type { StoreSubject } from './store-subject.ts'
import { describeWriters } from './writer-contract.ts'

/** What every coordination store must do; `make` gives an empty database. */
export function describeStoreContract(name: string, make: () => Promise<StoreSubject>): void {
  describe(`the store on ${name}`, () => {
    for (const part of [
      describeSchema,
      describeState,
      describeNodes,
      describeFreezes,
      describeLocks,
      describeNames,
      describeRuns,
      describeWriters,
    ]) {
      part(make)
    }
  })
}
