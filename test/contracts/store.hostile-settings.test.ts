import { describeStoreContract, storeSubject } from '@quiesce/core/testing'
import { freshDatabase, type SqlServer, startMariadb, startMysql } from '@quiesce/test-servers'
import { afterAll, describe, inject } from 'vitest'
import { chooseDialect } from '../../packages/core/src/dialects/choose-dialect.ts'
import { databases } from '../support/database.ts'
import { oneOfEachFamily } from '../support/long.ts'
import { mysqlFamily } from './products.ts'

// Everything that a server may set for its sessions and that would change what our statements mean.
const settings = {
  'sql-mode': 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT,NO_AUTO_VALUE_ON_ZERO',
  'default-time-zone': '+05:00',
  autocommit: '0',
  'transaction-isolation': 'SERIALIZABLE',
  'completion-type': '1',
  'character-set-server': 'latin1',
  'collation-server': 'latin1_swedish_ci',
}

const products = [
  ['mysql', inject('mysqlUrl'), startMysql],
  ['mariadb', inject('mariadbUrl'), startMariadb],
] as const

// Both take their words and their modes in the same way; where time is short, one of them has to do.
const taken = oneOfEachFamily(databases)

describe.each(products)('%s', (name, wanted, start) => {
  describe.skipIf(wanted === undefined || !taken.includes(name))('contract', () => {
    let server: Promise<SqlServer> | undefined
    afterAll(async () => (await server)?.stop('immediate'))
    describeStoreContract(`${name} with hostile settings`, async () => {
      server ??= start({ binlog: true, settings })
      const database = await freshDatabase((await server).url, 'hostile')
      const subject = await storeSubject(database.url, mysqlFamily, chooseDialect)
      return { ...subject, close: () => subject.close().then(() => database.drop()) }
    })
  })
})
