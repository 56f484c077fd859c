import { describeTransactions } from './support/describe-transactions.ts'
import { prisma7 } from './support/prisma-7.ts'

describeTransactions(prisma7)
