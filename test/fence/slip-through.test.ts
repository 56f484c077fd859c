import type { DatabaseName } from '@quiesce/test-servers'
import { expect, test } from 'vitest'
import { databases, testDatabase } from '../support/database.ts'
import type { RawConnection } from '../support/raw-connection.ts'
import type { SlipForm, SlipSuite } from './support/slip-forms.ts'
import { slipPostgres } from './support/slip-postgres.ts'
import { expectDocumented, type Verdict } from './support/truth-table.ts'

const suites: Partial<Record<DatabaseName, SlipSuite>> = { postgres: slipPostgres }

/** `refused`, `passes`, or the error of something that is neither. */
async function verdictOf(connection: RawConnection, { sql }: SlipForm): Promise<string> {
  await connection.query('BEGIN')
  try {
    for (const statement of typeof sql === 'string' ? [sql] : sql) await connection.query(statement)
    return 'passes'
  } catch (error) {
    const { code, message } = error as Error & { readonly code?: string }
    return code === '25006' && message.startsWith('quiesce fence: ') ? 'refused' : `${code} ${message}`
  } finally {
    await connection.query('ROLLBACK')
  }
}

/** Executes every form and undoes it. */
async function verdictsOf({ forms }: SlipSuite, connection: RawConnection): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = []
  for (const form of forms) verdicts.push({ form, verdict: await verdictOf(connection, form) })
  return verdicts
}

test.each(databases.filter((kind) => suites[kind] !== undefined))(
  'on %s every known way of writing has the verdict that the documentation tells, by either backend (catches a trigger that is missing, or asks too little)',
  async (kind) => {
    const suite = suites[kind]
    if (suite === undefined) return
    const db = await testDatabase('slip', kind)
    const connection = await db.connect('psql')
    try {
      for (const statement of suite.setup) await connection.query(statement)
      const cluster = db.cluster({ exempt: suite.exempt })
      const found = new Map<string, readonly Verdict[]>()
      for (const backend of ['on-freeze', 'standing']) {
        if (backend === 'standing') await cluster.installFence()
        const freeze = await cluster.freeze({ reason: 'slip', fence: 'required' })
        expect(freeze).toMatchObject({ guarantee: 'fenced', fence: { backend } })
        const verdicts = await verdictsOf(suite, connection)
        expect(verdicts.filter(({ form, verdict }) => verdict !== form.expected)).toEqual([])
        await freeze.thaw()
        const after = await verdictsOf(suite, connection)
        expect(after.filter(({ verdict }) => verdict !== 'passes')).toEqual([])
        found.set(backend, verdicts)
        const told = (await cluster.fenceOptions()).find((option) => option.backend === backend)?.statements
        expect(told?.map(({ statement, verdict }) => [statement, verdict]).sort()).toEqual(
          verdicts.map(({ form, verdict }) => [form.what, verdict]).sort(),
        )
      }
      expectDocumented(suite.product, found)
    } finally {
      await connection.end()
      await db.drop()
    }
  },
)
