import { freshDatabase } from '@quiesce/test-servers'
import { inject } from 'vitest'
import { describeStoreContract } from './store-contract.ts'
import { postgres, storeSubject } from './store-subject.ts'

const url = inject('postgresUrl')

if (url !== undefined) {
  describeStoreContract('postgres', async () => {
    const database = await freshDatabase(url, 'store')
    const subject = await storeSubject(database.url, postgres)
    return { ...subject, close: () => subject.close().then(() => database.drop()) }
  })
}
