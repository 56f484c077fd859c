import * as typeorm from 'typeorm'
import { describeExemptions } from '../exemption-suite.ts'
import { describeMatrix } from '../matrix-suite.ts'
import { sqliteTarget } from './sqlite-target.ts'

describeMatrix(typeorm, sqliteTarget)
describeExemptions(typeorm, sqliteTarget)
