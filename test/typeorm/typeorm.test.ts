import * as typeorm from 'typeorm'
import { describeTypeormGuard } from './guard-suite.ts'

describeTypeormGuard(typeorm)
