import { type ChildProcess, spawn } from 'node:child_process'
import { type FileHandle, open } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type { OrphanGuard } from './orphan-guard.ts'
import { serverEnvironment } from './server-environment.ts'
import type { ServerKind } from './server-kind.ts'
import { serverUser } from './server-user.ts'
import { stopProcess } from './stop-process.ts'
import { TestServerError } from './test-server-error.ts'

/** A program and the arguments to begin with. */
export interface Command {
  readonly program: string
  readonly arguments: readonly string[]
}

/** What to run. */
export interface ServerLaunch {
  readonly kind: ServerKind
  readonly command: Command
  readonly port: number
  /** The server's log is appended here. */
  readonly logFile: string
  /** Told about the process for as long as it lives. */
  readonly guard: OrphanGuard
}

/** A running server. */
export interface ServerProcess {
  readonly pid: number
  /** Settles when the process has ended. */
  readonly ended: Promise<void>
  /** Sends a signal; does nothing when the process has ended. */
  kill(signal: NodeJS.Signals): void
}

const readyTimeoutMs = 30_000
const pollMs = 10

/**
 * Starts a server and waits until it accepts connections.
 *
 * The log goes to a file and not to a pipe: a busy parent must never make the server wait.
 *
 * @throws TestServerError `…_START_FAILED` with the log when the server ends or does not become ready in 30 s.
 */
export async function launchServer(launch: ServerLaunch, signal?: AbortSignal): Promise<ServerProcess> {
  const log = await open(launch.logFile, 'a+')
  try {
    const { size } = await log.stat()
    const child = spawnServer(launch, log.fd)
    const pid = child.pid ?? 0
    if (pid !== 0) launch.guard.watch(pid)
    // The system may give the id of an ended process to another one, which the guard must not end.
    const ended = endOf(child).then(() => launch.guard.unwatch(pid))
    const server = { pid, ended, kill: (signal: NodeJS.Signals) => void child.kill(signal) }
    try {
      await waitUntilReady(launch, child, () => readFrom(log, size), signal)
    } catch (error) {
      await stopProcess(server, launch.kind.stopSteps.immediate)
      throw error
    }
    child.unref()
    return server
  } finally {
    await log.close()
  }
}

function spawnServer(launch: ServerLaunch, logFd: number): ChildProcess {
  return spawn(launch.command.program, launch.command.arguments, {
    cwd: '/',
    // Its own session: Ctrl-C in a terminal lets the parent stop the server when it no longer needs it.
    detached: true,
    env: serverEnvironment(),
    stdio: ['ignore', 'ignore', logFd],
    ...serverUser(),
  })
}

function endOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
}

async function waitUntilReady(
  launch: ServerLaunch,
  child: ChildProcess,
  log: () => Promise<string>,
  signal: AbortSignal | undefined,
): Promise<void> {
  let spawnError: unknown
  child.once('error', (error) => {
    spawnError = error
  })
  const deadline = performance.now() + readyTimeoutMs
  for (;;) {
    signal?.throwIfAborted()
    const hasEnded = spawnError !== undefined || child.exitCode !== null || child.signalCode !== null
    const output = await log()
    if (hasEnded) throw notReady(launch, 'ended during its start', output, spawnError)
    if (output.includes(launch.kind.readyMessage)) return
    if (performance.now() > deadline) throw notReady(launch, `was not ready after ${readyTimeoutMs} ms`, output)
    await delay(pollMs)
  }
}

async function readFrom(file: FileHandle, start: number): Promise<string> {
  const { size } = await file.stat()
  const buffer = Buffer.alloc(Math.max(0, size - start))
  const { bytesRead } = await file.read(buffer, 0, buffer.length, start)
  return buffer.toString('utf8', 0, bytesRead)
}

function notReady(launch: ServerLaunch, what: string, output: string, cause?: unknown): TestServerError {
  const message =
    `${launch.kind.label} on port ${launch.port} ${what}` +
    `${cause === undefined ? '' : `: ${String(cause)}`}. Check the settings and the port; its log (${launch.logFile}) says:`
  return new TestServerError(`${launch.kind.code}_START_FAILED`, message, { cause, output: output || '(nothing)' })
}
