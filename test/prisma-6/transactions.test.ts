import { describeTransactions } from '../prisma/support/describe-transactions.ts'
import { prisma6 } from './prisma-6.ts'

describeTransactions(prisma6)
