import { Readable, Writable } from 'node:stream'
import { main } from '../../../packages/cli/src/main.ts'
import type { Terminal } from '../../../packages/cli/src/terminal.ts'

/** What one command line came to. */
export interface Outcome {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
  /** The JSON documents on stdout. */
  readonly documents: readonly unknown[]
  /** The JSON documents on stderr. */
  readonly talk: readonly unknown[]
}

/** A command line that runs in this process. */
export interface CommandLine {
  readonly ended: Promise<Outcome>
  signal(name: NodeJS.Signals): void
  /** What it has written so far. */
  stdout(): string
  stderr(): string
}

/** Where command lines run. */
export interface Place {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** What somebody types; there is a terminal then. */
  readonly typed?: string
  /** What another program writes into it. */
  readonly piped?: string
}

/** Runs command lines in this process, as in a folder with an environment. */
export function quiesceIn(place: Place): {
  (...argv: string[]): Promise<Outcome>
  start(...argv: string[]): CommandLine
} {
  const start = (...argv: string[]): CommandLine => startIn(place, argv)
  return Object.assign((...argv: string[]) => start(...argv).ended, { start })
}

function startIn({ env, cwd, typed, piped }: Place, argv: readonly string[]): CommandLine {
  const out: string[] = []
  const err: string[] = []
  const listeners = new Set<(signal: NodeJS.Signals) => void>()
  const isTTY = typed !== undefined
  const terminal: Terminal = {
    stdin: Object.assign(
      Readable.from(typed === undefined ? (piped === undefined ? [] : [Buffer.from(piped)]) : [typed]),
      { isTTY },
    ),
    stdout: { write: (text) => out.push(text) },
    // Only questions look whether this is a terminal; drawing is tested on a real one.
    stderr: Object.assign(collector(err), { isTTY }),
    async pipe(bytes) {
      for await (const chunk of bytes) out.push(Buffer.from(chunk).toString())
    },
    env,
    cwd,
    signals(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  const finish = (exitCode: number): Outcome => ({
    exitCode,
    stdout: out.join(''),
    stderr: err.join(''),
    documents: documentsIn(out.join('')),
    talk: documentsIn(err.join('')),
  })
  return {
    ended: main(argv, terminal).then(finish),
    signal: (name) => {
      for (const listener of listeners) listener(name)
    },
    stdout: () => out.join(''),
    stderr: () => err.join(''),
  }
}

function collector(into: string[]): NodeJS.WritableStream {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      into.push(chunk.toString())
      done()
    },
  })
}

function documentsIn(text: string): readonly unknown[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line))
}
