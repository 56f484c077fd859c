import { describeClients } from './support/describe-clients.ts'
import { prisma7 } from './support/prisma-7.ts'

describeClients(prisma7)
