import { freshDatabase } from '@quiesce/test-servers'
import { inject } from 'vitest'
import { describeStoreContract } from './store-contract.ts'
import { mysqlFamily, storeSubject } from './store-subject.ts'

const url = inject('mysqlUrl')

if (url !== undefined) {
  describeStoreContract('mysql', async () => {
    const database = await freshDatabase(url, 'store')
    const subject = await storeSubject(database.url, mysqlFamily)
    return { ...subject, close: () => subject.close().then(() => database.drop()) }
  })
}
