import { describeClients } from '../prisma/support/describe-clients.ts'
import { prisma6 } from './prisma-6.ts'

describeClients(prisma6)
