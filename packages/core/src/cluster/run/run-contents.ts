import type { Dialect } from '../../dialects/dialect.ts'
import type { SqlExecutor } from '../../domain/executor.ts'
import { compileExemptions, type Exemptions } from '../../domain/exemption.ts'
import type { ContentReader } from '../../domain/table-content.ts'
import type { ResolvedRunOptions } from './run-options.ts'
import {
  createTableContents,
  noContent,
  openContent,
  type TableContents,
  type TableFingerprint,
} from './table-content.ts'

/** Reads tables of the coordination database for runs: whole, or what of them is protected. */
export function runContents(
  dialect: Dialect,
  executor: SqlExecutor,
  exempt: Exemptions,
  defaultSchema: string | undefined,
): {
  readonly contents: TableContents
  readonly protectedContent: (options: ResolvedRunOptions) => Promise<readonly TableFingerprint[]>
} {
  const own = async (): Promise<ContentReader> => {
    const reader = await dialect.contentOf?.(executor)
    if (reader === undefined) throw noContent()
    return reader
  }
  const contents = createTableContents(own, openContent)
  return {
    contents,
    protectedContent({ protect, freeze }) {
      const policies = [exempt, freeze.exempt].map((rules) => compileExemptions(rules, defaultSchema))
      const isExempt = (name: string, column: string): boolean => {
        const [table = '', schema] = name.split('.').reverse()
        const write = { operation: 'update', schema, table, columns: [column] } as const
        return policies.some((policy) => policy.refused(write) === undefined)
      }
      return contents.fingerprint(protect, isExempt)
    },
  }
}
