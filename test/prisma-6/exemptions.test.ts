import { describeExemptions } from '../prisma/support/describe-exemptions.ts'
import { prisma6 } from './prisma-6.ts'

describeExemptions(prisma6)
