import * as typeorm from 'typeorm'
import { describeTypeormGuard } from '../typeorm/guard-suite.ts'
import type { TypeormModule } from '../typeorm/typeorm-module.ts'

// The suite is typed by TypeORM 1.x; what it uses of 0.3 has the same shape, under types of its own.
describeTypeormGuard(typeorm as unknown as TypeormModule)
