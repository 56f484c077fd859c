import { wantedDatabases } from '@quiesce/test-servers'
import { isLong } from '../../support/long.ts'
import { describeClients } from '../support/describe-clients.ts'
import { describeExemptions } from '../support/describe-exemptions.ts'
import { describeRefusals } from '../support/describe-refusals.ts'
import { describeSkips } from '../support/describe-skips.ts'
import { describeTransactions } from '../support/describe-transactions.ts'
import { prismaMysql } from './prisma-mysql.ts'

for (const kind of wantedDatabases()) {
  if (kind === 'postgres') continue
  const version = prismaMysql(kind)
  describeRefusals(version)
  describeExemptions(version)
  // The rest is about the adapter, which both products share.
  if (kind === 'mariadb' && !isLong) continue
  describeSkips(version)
  describeTransactions(version)
  describeClients(version)
}
