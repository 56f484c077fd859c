import * as typeorm from 'typeorm'
import { describeExemptions } from '../typeorm/exemption-suite.ts'
import { describeMatrix } from '../typeorm/matrix-suite.ts'
import { sqliteTarget } from '../typeorm/sqlite/sqlite-target.ts'
import type { TypeormModule } from '../typeorm/typeorm-module.ts'

// As in typeorm.test.ts: the same shape, under types of its own.
const module = typeorm as unknown as TypeormModule

describeMatrix(module, sqliteTarget)
describeExemptions(module, sqliteTarget)
