import { isQuiesceError, QuiesceError } from '@quiesce/core'
import { exitCodeOf } from '../exit-code.ts'
import { type ChildOptions, startChild } from './child.ts'
import type { Interruption } from './interruption.ts'

/** How a program under a freeze is watched over. */
export interface Supervision extends ChildOptions {
  readonly command: readonly string[]
  readonly interruption: Interruption
  /** Whichever aborts ends the program; its reason says why. */
  readonly stop: AbortSignal
  /** From the request to end to the end by force. */
  readonly graceMs: number
}

/** How a program ended. */
export interface Supervised {
  /** As a shell reports it. */
  readonly commandExitCode: number
  /** Why it was ended before it had done its work. */
  readonly stopped: QuiesceError | undefined
}

/** Runs a program: passes signals on, and ends it when it must not go on. */
export async function supervise(supervision: Supervision): Promise<Supervised> {
  const { command, interruption, stop, graceMs, say } = supervision
  const child = startChild(command, supervision)
  interruption.handOver(child.send)
  let stopped: QuiesceError | undefined
  const end = (): void => {
    stopped = reasonOf(stop)
    say(`quiesce: ${stopped.message}\nquiesce: asking ${command[0]} to end (SIGTERM, SIGKILL after ${graceMs} ms)`)
    child.stop(graceMs)
  }
  if (stop.aborted) end()
  stop.addEventListener('abort', end)
  try {
    const commandExitCode = await child.ended
    return { commandExitCode, stopped }
  } finally {
    stop.removeEventListener('abort', end)
    interruption.takeBack()
  }
}

/** The exit code for a program that was ended for this reason. */
export function codeForStopped(reason: QuiesceError): number {
  const given = reason.data['exitCode']
  return typeof given === 'number' ? given : exitCodeOf(reason.kind)
}

function reasonOf({ reason }: AbortSignal): QuiesceError {
  return isQuiesceError(reason) ? reason : new QuiesceError('QUIESCE_ABORTED', String(reason))
}
