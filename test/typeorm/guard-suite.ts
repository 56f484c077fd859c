import { describeBoot } from './boot-suite.ts'
import { describeCluster } from './cluster-suite.ts'
import { describeDrain } from './drain-suite.ts'
import { describeExemptions } from './exemption-suite.ts'
import { describeMatrix } from './matrix-suite.ts'
import { describePool } from './pool-suite.ts'
import { describePostgresBoot } from './postgres-boot-suite.ts'
import { describePostgresClient } from './postgres-client-suite.ts'
import { describePostgresDrain } from './postgres-drain-suite.ts'
import { postgresTarget } from './postgres-target.ts'
import { describeRegistration } from './registration-suite.ts'
import { describeStress } from './stress-suite.ts'
import type { TypeormModule } from './typeorm-module.ts'

/** What the guard promises, for one version of TypeORM. */
export function describeTypeormGuard(typeorm: TypeormModule): void {
  describeMatrix(typeorm, postgresTarget)
  describePool(typeorm, postgresTarget)
  describeExemptions(typeorm, postgresTarget)
  describeDrain(typeorm, postgresTarget)
  describePostgresClient(typeorm)
  describePostgresDrain(typeorm)
  describeStress(typeorm, postgresTarget)
  describeRegistration(typeorm, postgresTarget)
  describeBoot(typeorm, postgresTarget)
  describePostgresBoot(typeorm)
  describeCluster(typeorm, postgresTarget)
}
