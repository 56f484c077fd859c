/**
 * What the database's own log says, in the order of commits.
 *
 * `mark`: the run writes into an exempt table when a freeze has resolved (`resolved`) and before it asks for its end
 * (`thawing`). `mode`: the coordination row's mode and epoch after a change; no epoch where the log does not tell it.
 */
export type TruthEvent =
  | { readonly kind: 'entry'; readonly id: string }
  | { readonly kind: 'mark'; readonly mark: 'resolved' | 'thawing'; readonly freeze: string }
  | { readonly kind: 'mode'; readonly mode: string; readonly epoch: number | undefined }

/** Reads a database's log of commits. */
export interface TruthSource {
  /** What was committed since the last call. */
  read(): Promise<readonly TruthEvent[]>
}
