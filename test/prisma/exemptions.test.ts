import { describeExemptions } from './support/describe-exemptions.ts'
import { prisma7 } from './support/prisma-7.ts'

describeExemptions(prisma7)
