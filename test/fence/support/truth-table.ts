import { readFileSync, writeFileSync } from 'node:fs'
import { expect } from 'vitest'
import type { SlipForm } from './slip-forms.ts'

const document = new URL('../../../docs/fence.md', import.meta.url)

/** What came of one form on a real server. */
export interface Verdict {
  readonly form: SlipForm
  readonly verdict: string
}

/**
 * Compares what was found, by backend, with the table in the documentation that is marked with the product's name; with
 * `QUIESCE_WRITE_DOCS=1` the table is written instead.
 */
export function expectDocumented(product: string, found: ReadonlyMap<string, readonly Verdict[]>): void {
  const columns = [...found.values()]
  const rows = (columns[0] ?? []).map(({ form }, n) =>
    [form.what.replaceAll('|', '\\|'), ...columns.map((verdicts) => verdicts[n]?.verdict)].join(' | '),
  )
  const head = [['Statement', ...found.keys()].join(' | '), ['---', ...columns.map(() => '---')].join('|')]
  const table = [...head, ...rows].map((row) => `| ${row} |`).join('\n')
  const text = readFileSync(document, 'utf8')
  const block = new RegExp(`(<!-- truth: ${product} -->\\n)[\\s\\S]*?(\\n<!-- end -->)`)
  const written = text.replace(block, (_, start: string, end: string) => `${start}${table}${end}`)
  if (process.env['QUIESCE_WRITE_DOCS'] === '1') writeFileSync(document, written)
  else expect(written, `run this test with QUIESCE_WRITE_DOCS=1 to write the table of ${product}`).toBe(text)
  expect(block.test(text), `docs/fence.md has no table marked "truth: ${product}"`).toBe(true)
}
