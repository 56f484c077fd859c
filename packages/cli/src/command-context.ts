import type { Cluster } from '@quiesce/core'
import type { ClusterSettings } from './settings/cluster-settings.ts'
import type { Colors, Terminal } from './terminal.ts'

/** What a command works with. */
export interface CommandContext {
  readonly terminal: Terminal
  readonly json: boolean
  /** For what goes to stdout. */
  readonly colors: Colors
  /** Options and where they came from; read once. */
  settings(): Promise<ClusterSettings>
  /** The cluster object of this process, not joined; closed when the command ends. */
  cluster(): Promise<Cluster>
  /** Data, to stdout: the document with `--json`, otherwise what `render` makes of it. */
  print<D extends { readonly schema: string }>(document: D, render: (document: D) => string): void
  /** Talk, to stderr. */
  say(text: string): void
}
