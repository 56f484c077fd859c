import type { SqlExecutor } from '../../domain/executor.ts'
import type { Dialect } from '../dialect.ts'
import { explaining, explainReading } from '../explaining.ts'
import { mysqlBelt } from './belt.ts'
import { clientEnvironment } from './client-token.ts'
import { connectionConfig, productOf } from './connection-config.ts'
import { createMysqlContent } from './content.ts'
import { explain } from './errors.ts'
import { createMysqlExecutor } from './executor.ts'
import { createMysqlFence } from './fence.ts'
import { fenceRefusalOf } from './fence-refusal.ts'
import { checkNames } from './names.ts'
import { outcomeOf } from './outcome.ts'
import { createSchemaFence } from './schema-fence.ts'
import { probeServer } from './server.ts'
import { createMysqlStandingFence } from './standing-fence.ts'
import { createMysqlStore } from './store.ts'

const explainRead = explainReading(explain)

async function productThatAnswers(
  executor: SqlExecutor,
  explained: (error: unknown) => unknown,
): Promise<'mysql' | 'mariadb'> {
  try {
    return (await probeServer(executor)).language.product
  } catch (error) {
    throw explained(error)
  }
}

/** What both products share; which one answers is found out at the first statement. */
const shared: Omit<Dialect, 'name' | 'grammar' | 'accepts'> = {
  guarantee: 'acknowledged',
  defaultSchema: undefined,
  defaultCoordinationSchema: undefined,
  checkNames,
  connect: (database, options) => createMysqlExecutor(connectionConfig(database), options),
  createStore: createMysqlStore,
  createFence: (executor, options) => explaining(createMysqlFence(executor, options), explain),
  createStandingFence: (executor, options) => explaining(createMysqlStandingFence(executor, options), explain),
  createSchemaFence: (executor, options) => explaining(createSchemaFence(executor, options), explain),
  fenceRefusalOf,
  grammarOf: (executor) => productThatAnswers(executor, explain),
  contentOf: async (executor) =>
    explaining(createMysqlContent(executor, await productThatAnswers(executor, explainRead)), explainRead),
  clientEnvironment,
  outcomeOf,
  belt: mysqlBelt,
}

/** MySQL 8.0.17 and later, through the driver `mysql2`. */
export const mysqlDialect: Dialect = {
  ...shared,
  name: 'mysql',
  grammar: 'mysql',
  accepts: (database) => productOf(database) === 'mysql',
}

/** MariaDB 10.6 and later, through the driver `mysql2`. */
export const mariadbDialect: Dialect = {
  ...shared,
  name: 'mariadb',
  grammar: 'mariadb',
  accepts: (database) => productOf(database) === 'mariadb',
}
