import { columnsOf, type Exemptions, type TableName, tablesOf } from '../domain/exemption.ts'
import type { CoordinationStore } from '../domain/store.ts'

/** What the policy names although the database doesn't have it, in words: a name that is mistyped exempts nothing. */
export async function unknownNames(
  store: Pick<CoordinationStore, 'missingTables'>,
  policy: { readonly exempt: Exemptions; readonly skip: Exemptions },
  defaultSchema: string | undefined,
): Promise<readonly string[]> {
  const warnings: string[] = []
  for (const option of ['exempt', 'skip'] as const) {
    const named = tablesOf(policy[option], defaultSchema)
    const missing = named.length === 0 ? [] : await store.missingTables(named)
    if (missing.length > 0) {
      warnings.push(
        `${option} names tables that the database of the coordination does not have: ${missing.map(inWords).join(', ')}. Names are the database's own, and case-sensitive; writes to the tables that were meant are refused.`,
      )
    }
  }
  return warnings
}

/** The same for columns of tables that are there. */
export async function unknownColumns(
  store: Pick<CoordinationStore, 'missingColumns'>,
  policy: { readonly exempt: Exemptions; readonly skip: Exemptions },
  defaultSchema: string | undefined,
): Promise<readonly string[]> {
  const warnings: string[] = []
  for (const option of ['exempt', 'skip'] as const) {
    const named = columnsOf(policy[option], defaultSchema)
    const missing = named.length === 0 ? [] : await store.missingColumns(named)
    if (missing.length > 0) {
      const names = missing.map((one) => `${inWords(one)}.${one.column}`).join(', ')
      warnings.push(
        `${option} names columns that are not there: ${names}. Writes to the columns that were meant are refused.`,
      )
    }
  }
  return warnings
}

function inWords({ schema, table }: TableName): string {
  return schema === undefined ? table : `${schema}.${table}`
}
