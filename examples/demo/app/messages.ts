/** What an application process tells the demo, a few times a second and when something happens. */
export type AppMessage =
  | { readonly type: 'ready'; readonly nodeId: string }
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'mode'; readonly mode: string; readonly atMs: number }
  | { readonly type: 'takeover'; readonly nodeId: string; readonly atMs: number }
  | { readonly type: 'stopped' }
  | { readonly type: 'frozen'; readonly freezeId: string }
  | { readonly type: 'failed'; readonly message: string }

/** Counts since the last message, and the cards whose creation was acknowledged. */
export interface Progress {
  readonly protectedWrites: number
  readonly exemptWrites: number
  readonly refusedByTable: Readonly<Record<string, number>>
  readonly acknowledgedCards: readonly string[]
  readonly errors: readonly string[]
}
