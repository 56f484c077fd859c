import pc from 'picocolors'

/** A stream that text goes to. */
export interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  readonly rows?: number | undefined
}

/** Delivers the signals that a process of this terminal gets; returns what ends it. */
export type Signals = (listener: (signal: NodeJS.Signals) => void) => () => void

/** What the command knows of the place where it runs; tests give their own. */
export interface Terminal {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean | undefined }
  readonly stdout: Output
  readonly stderr: Output
  /** Writes bytes to stdout, no faster than they are taken. Rejects when they are not, e.g. because the disk is full. */
  readonly pipe: (bytes: AsyncIterable<Uint8Array>) => Promise<void>
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly signals: Signals
}

/** The colours of one output. */
export type Colors = ReturnType<typeof pc.createColors>

/** Colours for an output: none for pipes and with `NO_COLOR`, always with `FORCE_COLOR`. */
export function colorsFor(output: Output, env: Terminal['env']): Colors {
  if (env['NO_COLOR']) return pc.createColors(false)
  if (env['FORCE_COLOR']) return pc.createColors(true)
  return pc.createColors(output.isTTY === true && env['TERM'] !== 'dumb')
}

/** Whether a question would reach a person. */
export function isInteractive({ stdin, stderr }: Terminal): boolean {
  return stdin.isTTY === true && stderr.isTTY === true
}
