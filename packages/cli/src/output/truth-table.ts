import type { DoctorDocument } from '../documents/doctor-document.ts'
import { table } from './table.ts'

/** Ways to write against fences, one line each; what passes somewhere stands behind what is refused everywhere. */
export function truthTable(fences: NonNullable<DoctorDocument['fences']>): string {
  const names = [...new Set(fences.flatMap(({ statements }) => statements.map(({ statement }) => statement)))]
  const columns = fences.map(({ statements }) => new Map(statements.map((one) => [one.statement, one])))
  const rows = names.map((name) => [
    name,
    ...columns.map((column) => {
      const { verdict = '', because = null } = column.get(name) ?? {}
      return because === null ? verdict : `${verdict} (${because})`
    }),
  ])
  const passes = (row: readonly string[]): boolean => row.some((cell, n) => n > 0 && cell.startsWith('passes'))
  const ordered = [...rows.filter((row) => !passes(row)), ...rows.filter(passes)]
  return table(['STATEMENT', ...fences.map(({ backend }) => backend.toUpperCase())], ordered)
}
