import { describeRefusals } from '../prisma/support/describe-refusals.ts'
import { prisma6 } from './prisma-6.ts'

describeRefusals(prisma6)
