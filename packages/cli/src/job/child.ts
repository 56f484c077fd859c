import type { ChildProcess } from 'node:child_process'
import spawn from 'cross-spawn'
import { EXIT } from '../exit-code.ts'
import { signalNumber } from '../signal-number.ts'

/** How a child is started. */
export interface ChildOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** Whether a terminal is shared with it; then it must stay in our foreground group. */
  readonly onTerminal: boolean
  /** Talk, for why it could not be started. */
  readonly say: (text: string) => void
}

/** A program that runs with our own stdin, stdout and stderr. */
export interface Child {
  /** Its exit code as a shell would report it: 128 + n for a signal, 126 and 127 when it could not be started. */
  readonly ended: Promise<number>
  send(signal: NodeJS.Signals): void
  /** Asks it to end, and ends it when it has not done so in time. */
  stop(graceMs: number): void
}

/** Starts a program without a shell. */
export function startChild(command: readonly string[], { env, cwd, onTerminal, say }: ChildOptions): Child {
  const [program = '', ...parameters] = command
  // Without a terminal it leads a group of its own, so that what it has started can be ended with it.
  const isLeader = !onTerminal && process.platform !== 'win32'
  const child = spawn(program, parameters, { env: { ...env }, cwd, stdio: 'inherit', detached: isLeader })
  const kill = (signal: NodeJS.Signals): void => {
    if (isLeader && child.pid !== undefined) process.kill(-child.pid, signal)
    else child.kill(signal)
  }
  let killTimer: NodeJS.Timeout | undefined
  const ended = exitCodeOf(child, say).finally(() => clearTimeout(killTimer))
  return {
    ended,
    send: (signal) => void child.kill(signal),
    stop(graceMs) {
      child.kill('SIGTERM')
      child.kill('SIGCONT')
      killTimer ??= setTimeout(() => ignoreGone(() => kill('SIGKILL')), graceMs)
    },
  }
}

function exitCodeOf(child: ChildProcess, say: (text: string) => void): Promise<number> {
  return new Promise((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      say(`quiesce: the command could not be started: ${error.message}`)
      resolve(error.code === 'ENOENT' ? EXIT.notFound : EXIT.notExecutable)
    })
    child.once('exit', (code, signal) => resolve(signal === null ? (code ?? 0) : 128 + signalNumber(signal)))
  })
}

/** A process may have ended a moment before it is signalled. */
function ignoreGone(send: () => void): void {
  try {
    send()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
