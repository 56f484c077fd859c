import {
  describeFreezes,
  describeLocks,
  describeNames,
  describeSchema,
  describeState,
  type StoreSubject,
  storeSubject,
} from '@quiesce/core/testing'
import { describe } from 'vitest'
import { chooseDialect } from '../../packages/core/src/dialects/choose-dialect.ts'
import { sqlite } from './support/sqlite-product.ts'
import { temporaryFile } from './support/temporary-file.ts'

async function make(): Promise<StoreSubject> {
  const database = temporaryFile()
  const subject = await storeSubject(database.url, sqlite, chooseDialect)
  return { ...subject, close: () => subject.close().then(database.remove) }
}

// Left out: the registry, in which there is one node (see nodes.test.ts), and open writers, which SQLite does not tell.
describe('the store on sqlite', () => {
  for (const part of [describeSchema, describeState, describeFreezes, describeLocks, describeNames]) part(make)
})
