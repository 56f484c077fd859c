/** One statement (or several of one transaction) against the fence. */
export interface SlipForm {
  readonly what: string
  readonly sql: string | readonly string[]
  /** What must come of it; `passes` needs a reason to be in the table at all. */
  readonly expected: 'refused' | 'passes'
}

/** A database with every kind of thing that can be written. */
export interface SlipSuite {
  readonly product: string
  readonly setup: readonly string[]
  readonly exempt: Readonly<Record<string, true | readonly string[] | { readonly insert: true }>>
  readonly forms: readonly SlipForm[]
}

/** Forms that must be refused, and forms that pass. */
export const refused = (what: string, sql: SlipForm['sql']): SlipForm => ({ what, sql, expected: 'refused' })
export const passes = (what: string, sql: SlipForm['sql']): SlipForm => ({ what, sql, expected: 'passes' })
