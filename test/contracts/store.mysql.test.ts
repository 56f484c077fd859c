import { describeStoreContract, storeSubject } from '@quiesce/core/testing'
import { freshDatabase } from '@quiesce/test-servers'
import { describe, inject } from 'vitest'
import { chooseDialect } from '../../packages/core/src/dialects/choose-dialect.ts'
import { mysqlFamily } from './products.ts'

const url = inject('mysqlUrl')

// Left out only where QUIESCE_TEST_DATABASES says so.
describe.skipIf(url === undefined)('contract', () => {
  describeStoreContract('mysql', async () => {
    const database = await freshDatabase(url, 'store')
    const subject = await storeSubject(database.url, mysqlFamily, chooseDialect)
    return { ...subject, close: () => subject.close().then(() => database.drop()) }
  })
})
