import { openFixture } from './fixture.ts'
import { clientOperations, statementOperations } from './operations-below-orm.ts'
import { postgresReads, readOperations } from './read-operations.ts'
import type { TypeormTarget } from './target.ts'

export const postgresTarget: TypeormTarget = {
  name: 'PostgreSQL',
  open: openFixture,
  statements: statementOperations,
  clients: clientOperations,
  reads: [...readOperations, ...postgresReads],
  harmless: ['synchronize', 'GRANT', 'nextval', 'EXPLAIN ANALYZE', 'client, named'],
}
