import { describeRefusals } from './support/describe-refusals.ts'
import { prisma7 } from './support/prisma-7.ts'

describeRefusals(prisma7)
