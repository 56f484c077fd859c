import { describeClients } from '../support/describe-clients.ts'
import { describeExemptions } from '../support/describe-exemptions.ts'
import { describeRefusals } from '../support/describe-refusals.ts'
import { describeSkips } from '../support/describe-skips.ts'
import { describeTransactions } from '../support/describe-transactions.ts'
import { prismaSqlite } from './prisma-sqlite.ts'

describeRefusals(prismaSqlite)
describeExemptions(prismaSqlite)
describeSkips(prismaSqlite)
describeTransactions(prismaSqlite)
describeClients(prismaSqlite)
