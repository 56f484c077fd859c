import { pipeline } from 'node:stream/promises'
import { main } from './main.ts'
import type { Terminal } from './terminal.ts'

const watched: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']

/** Runs the command line of this process and sets its exit code. */
export async function runProcess(): Promise<void> {
  const { stdin, stdout, stderr, env } = process
  const pipe: Terminal['pipe'] = (bytes) => pipeline(bytes, stdout, { end: false })
  const terminal: Terminal = { stdin, stdout, stderr, pipe, env, cwd: process.cwd(), signals }
  // A reader that went away (`quiesce history | head`) ends the output, not the work.
  stdout.on('error', () => {})
  process.exitCode = await main(process.argv.slice(2), terminal)
}

const signals: Terminal['signals'] = (listener) => {
  for (const signal of watched) process.on(signal, listener)
  return () => {
    for (const signal of watched) process.off(signal, listener)
  }
}
