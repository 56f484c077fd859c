import { wantedDatabases } from '@quiesce/test-servers'
import * as typeorm from 'typeorm'
import { isLong } from '../../support/long.ts'
import { describeBoot } from '../boot-suite.ts'
import { describeCluster } from '../cluster-suite.ts'
import { describeDrain } from '../drain-suite.ts'
import { describeExemptions } from '../exemption-suite.ts'
import { describeMatrix } from '../matrix-suite.ts'
import { describePool } from '../pool-suite.ts'
import { describeRegistration } from '../registration-suite.ts'
import { describeSkips } from '../skip-suite.ts'
import { describeStress } from '../stress-suite.ts'
import { mysqlTarget } from './mysql-target.ts'

for (const kind of wantedDatabases()) {
  if (kind === 'postgres') continue
  const target = mysqlTarget(kind)
  describeMatrix(typeorm, target)
  describeExemptions(typeorm, target)
  // The rest is about the driver, which both products share.
  if (kind === 'mariadb' && !isLong) continue
  describePool(typeorm, target)
  describeSkips(typeorm, target)
  describeDrain(typeorm, target)
  describeStress(typeorm, target)
  describeRegistration(typeorm, target)
  describeBoot(typeorm, target)
  describeCluster(typeorm, target)
}
