import { columnsOf, type Exemptions, type TableName, tablesOf } from '../domain/exemption.ts'
import type { CoordinationStore } from '../domain/store.ts'

/** What may be written, and what is skipped. */
interface Policy {
  readonly exempt: Exemptions
  readonly skip: Exemptions
}

/** What the policy names although the database doesn't have it, in words: a name that is mistyped exempts nothing. */
export function unknownNames(
  store: Pick<CoordinationStore, 'missingTables'>,
  policy: Policy,
  defaultSchema: string | undefined,
): Promise<readonly string[]> {
  return missingIn(policy, async (rules) => {
    const named = tablesOf(rules, defaultSchema)
    const missing = named.length === 0 ? [] : (await store.missingTables(named)).map(inWords)
    return [
      missing,
      `tables that the database of the coordination does not have: ${missing.join(', ')}. Names are the database's own, and case-sensitive; writes to the tables that were meant are refused.`,
    ]
  })
}

/** The same for columns of tables that are there. */
export function unknownColumns(
  store: Pick<CoordinationStore, 'missingColumns'>,
  policy: Policy,
  defaultSchema: string | undefined,
): Promise<readonly string[]> {
  return missingIn(policy, async (rules) => {
    const named = columnsOf(rules, defaultSchema)
    const found = named.length === 0 ? [] : await store.missingColumns(named)
    const missing = found.map((one) => `${inWords(one)}.${one.column}`)
    return [
      missing,
      `columns that are not there: ${missing.join(', ')}. Writes to the columns that were meant are refused.`,
    ]
  })
}

/** One sentence for each option in which something is missing. */
async function missingIn(
  policy: Policy,
  look: (rules: Exemptions) => Promise<readonly [missing: readonly string[], words: string]>,
): Promise<readonly string[]> {
  const sentences: string[] = []
  for (const option of ['exempt', 'skip'] as const) {
    const [missing, words] = await look(policy[option])
    if (missing.length > 0) sentences.push(`${option} names ${words}`)
  }
  return sentences
}

function inWords({ schema, table }: TableName): string {
  return schema === undefined ? table : `${schema}.${table}`
}
