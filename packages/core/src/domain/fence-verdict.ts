/** A way to write, and what a fence did with it when it was tried on a real server. */
export interface StatementVerdict {
  readonly statement: string
  readonly verdict: 'refused' | 'passes'
  /** Why it passes, where that is not what one would expect. */
  readonly because?: string | undefined
}
