import type { Analysis } from '../../src/sql/analysis.ts'

/** One line for a whole analysis: `read`, `control begin`, `insert shop.card + update shop.card(seen, score)`. */
export function inShort(analysis: Analysis): string {
  switch (analysis.kind) {
    case 'write':
      return analysis.writes
        .map(({ operation, schema, table, columns }) => {
          const name = schema === undefined ? table : `${schema}.${table}`
          if (operation !== 'update') return columns === 'all' ? `${operation} ${name}` : `${operation} ${name}(?)`
          return `${operation} ${name}(${columns === 'all' ? '*' : columns.join(', ')})`
        })
        .join(' + ')
    case 'control':
      return `control ${analysis.action}`
    case 'ddl':
      return `ddl ${analysis.verb}`
    default:
      return analysis.kind
  }
}

/** Statements that share the defect which they would catch. */
export interface Cases {
  readonly defect: string
  readonly rows: readonly (readonly [sql: string, expected: string])[]
}
