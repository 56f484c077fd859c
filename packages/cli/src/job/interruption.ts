import { QuiesceError } from '@quiesce/core'
import { signalNumber } from '../signal-number.ts'
import type { Terminal } from '../terminal.ts'

/** What a signal to this process does: aborts while nothing runs, reaches the child while one does. */
export interface Interruption {
  /** Aborts when a signal asks for the end and there is no child to ask. */
  readonly signal: AbortSignal
  /** The first signal that came. */
  readonly received: NodeJS.Signals | undefined
  /** From now on signals are the child's. */
  handOver(send: (signal: NodeJS.Signals) => void): void
  /** The child is gone; what comes now must not stop the undoing. */
  takeBack(): void
  close(): void
}

/** Signals that a terminal sends to the whole foreground group by itself: the child has them already. */
const fromTerminal: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT']

/** Watches the signals of this process. */
export function watchSignals(terminal: Terminal): Interruption {
  const controller = new AbortController()
  let received: NodeJS.Signals | undefined
  let send: ((signal: NodeJS.Signals) => void) | undefined
  const onTerminal = terminal.stdin.isTTY === true
  const close = terminal.signals((signal) => {
    received ??= signal
    if (send === undefined) controller.abort(interrupted(signal))
    else if (!(onTerminal && fromTerminal.includes(signal))) send(signal)
  })
  return {
    signal: controller.signal,
    get received() {
      return received
    },
    handOver(next) {
      send = next
    },
    takeBack() {
      send = () => {}
    },
    close,
  }
}

/** Work that a signal ended before it had begun; everything was undone. */
export function interrupted(signal: NodeJS.Signals): QuiesceError {
  return new QuiesceError('QUIESCE_ABORTED', `Interrupted by ${signal}; what had begun was undone.`, {
    signal,
    exitCode: 128 + signalNumber(signal),
  })
}
