import { spawn } from 'node:child_process'
import { join } from 'node:path'
import xterm from '@xterm/headless'
import { eventually } from '../../support/eventually.ts'

/** A person's terminal with a command running in it. */
export interface Screen {
  /** The lines that can be seen, without what is blank at their ends. */
  text(): Promise<string>
  /** Waits until the screen shows this; the screen. */
  shows(what: RegExp): Promise<string>
  type(keys: string): void
  readonly ended: Promise<number>
  /** Closes the terminal, which ends what is left in it. */
  close(): Promise<void>
}

/** Two processes start, on a machine that may be busy. */
const PATIENCE_MS = 30_000

export const CTRL_C = '\u0003'

/** Starts a command on a real pseudo-terminal, whose output a terminal emulator draws. */
export function onScreen(command: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Screen {
  const terminal = new xterm.Terminal({ cols: 100, rows: 24, allowProposedApi: true })
  const relay = spawn('python3', [join(import.meta.dirname, 'pseudo-terminal.py'), ...command], {
    cwd,
    env: { ...env, TERM: 'xterm-256color' },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  relay.stdout.on('data', (drawn: Buffer) => terminal.write(drawn))
  const ended = new Promise<number>((resolve, reject) => {
    relay.once('error', (cause) => reject(new Error('These tests need python3 for its pseudo-terminal.', { cause })))
    relay.once('close', (code) => resolve(code ?? -1))
  })
  const text = async (): Promise<string> => {
    await new Promise<void>((drawn) => terminal.write('', drawn))
    const { active } = terminal.buffer
    const lines = Array.from({ length: active.length }, (_, row) => active.getLine(row)?.translateToString(true) ?? '')
    return lines.join('\n').trimEnd()
  }
  return {
    text,
    async shows(what) {
      await eventually(`the screen shows ${what}`, async () => what.test(await text()), PATIENCE_MS)
      return text()
    },
    type: (keys) => void relay.stdin.write(keys),
    ended,
    async close() {
      relay.kill()
      await ended
      terminal.dispose()
    },
  }
}
