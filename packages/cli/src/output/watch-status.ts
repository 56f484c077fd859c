import { setTimeout as sleep } from 'node:timers/promises'
import { createLogUpdate } from 'log-update'
import type { CommandContext } from '../command-context.ts'
import type { StatusDocument } from '../documents/status-document.ts'
import { EXIT } from '../exit-code.ts'
import { failureOf, failureText } from '../failure.ts'
import { signalNumber } from '../signal-number.ts'
import { statusScreen } from './status-screen.ts'

/** Shows the state until a signal ends it: redrawn on a terminal, one line of JSON for each change otherwise. */
export async function watchStatus(
  context: CommandContext,
  look: () => Promise<StatusDocument>,
  intervalMs: number,
): Promise<number> {
  const { terminal, json } = context
  const ended = new AbortController()
  let endedBy: NodeJS.Signals | undefined
  const forget = terminal.signals((signal) => {
    endedBy = signal
    ended.abort()
  })
  const viewer = terminal.stdout.isTTY === true && !json ? screen(context) : stream(context)
  try {
    while (!ended.signal.aborted) {
      // The database may be away for a while; whoever watches wants to see it come back.
      await look().then(viewer.show, viewer.fail)
      await sleep(intervalMs, undefined, { signal: ended.signal }).catch(() => {})
    }
  } finally {
    forget()
    viewer.end()
  }
  return endedBy === undefined || endedBy === 'SIGINT' ? EXIT.ok : 128 + signalNumber(endedBy)
}

interface Viewer {
  show(document: StatusDocument): void
  fail(error: unknown): void
  end(): void
}

function screen({ terminal, colors }: CommandContext): Viewer {
  // The real stream; only its writing is ours.
  const draw = createLogUpdate(terminal.stdout as unknown as NodeJS.WritableStream, { showCursor: false })
  let last = ''
  return {
    show(document) {
      last = statusScreen(document, colors)
      draw(`${last}\n${colors.dim(`${document.at}  Ctrl-C ends`)}`)
    },
    fail: (error) => draw(`${last}\n${colors.red(failureText(failureOf(error)).trimEnd())}`),
    end: () => draw.done(),
  }
}

function stream({ terminal }: CommandContext): Viewer {
  let last = ''
  const line = (document: object, of: string): void => {
    if (of === last) return
    last = of
    terminal.stdout.write(`${JSON.stringify(document)}\n`)
  }
  return {
    show: (document) => line(document, JSON.stringify(withoutTimes(document))),
    fail: (error) => line({ schema: 'quiesce.error/1', ...failureOf(error) }, failureOf(error).message),
    end: () => {},
  }
}

/** What stays the same while nothing happens. */
function withoutTimes({ at: _at, freezes, nodes, writers, ...rest }: StatusDocument): unknown {
  return {
    ...rest,
    freezes: freezes.map(({ leaseRemainingMs, deadlineRemainingMs: _deadline, ...freeze }) => ({
      ...freeze,
      hasLease: leaseRemainingMs !== null,
    })),
    nodes: nodes.map(({ heartbeatAgeMs: _age, leaseRemainingMs: _lease, ...node }) => node),
    writers: writers.map(({ ageMs: _age, ...writer }) => writer),
  }
}
