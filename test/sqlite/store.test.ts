import { describe } from 'vitest'
import { describeFreezes } from '../contracts/freeze-contract.ts'
import { describeLocks } from '../contracts/lock-contract.ts'
import { describeNames } from '../contracts/name-contract.ts'
import { describeSchema } from '../contracts/schema-contract.ts'
import { describeState } from '../contracts/state-contract.ts'
import { type StoreSubject, storeSubject } from '../contracts/store-subject.ts'
import { sqlite } from './support/sqlite-product.ts'
import { temporaryFile } from './support/temporary-file.ts'

async function make(): Promise<StoreSubject> {
  const database = temporaryFile()
  const subject = await storeSubject(database.url, sqlite)
  return { ...subject, close: () => subject.close().then(database.remove) }
}

// Left out: the registry, in which there is one node (see nodes.test.ts), and open writers, which SQLite does not tell.
describe('the store on sqlite', () => {
  for (const part of [describeSchema, describeState, describeFreezes, describeLocks, describeNames]) part(make)
})
