import { createLogUpdate } from 'log-update'
import { colorsFor, type Terminal } from '../terminal.ts'
import { duration, plain } from './words.ts'

/** How far a phase is. */
export interface PhaseProgress {
  /** 0 to 1. */
  readonly fraction: number
  /** What is done and who is waited for, in words. */
  readonly words: string
}

/** Tells people or programs which phase the work is in; on stderr, because stdout belongs to the child. */
export interface Phases {
  begin(phase: string, words: string): void
  progress(progress: PhaseProgress): void
  /** The phase is over; how long it took is measured here unless somebody knows better. */
  end(words: string, tookMs?: number): void
  /** The phase ended badly; why is told elsewhere. */
  fail(): void
  /** Nothing is drawn from now on until the next phase begins: the terminal belongs to somebody else. */
  leave(): void
}

/** Draws phases on a terminal, writes a line for each in a log, and a JSON document for each with `--json`. */
export function makePhases(terminal: Terminal, json: boolean): Phases {
  if (json) return jsonPhases(terminal)
  return terminal.stderr.isTTY === true ? drawnPhases(terminal) : loggedPhases(terminal)
}

const BAR = 20

function drawnPhases(terminal: Terminal): Phases {
  const colors = colorsFor(terminal.stderr, terminal.env)
  // The real stream; only its writing is ours.
  const draw = createLogUpdate(terminal.stderr as unknown as NodeJS.WritableStream, { showCursor: true })
  let phase = ''
  let startedAt = 0
  const name = (): string => phase.padEnd(8)
  const settle = (mark: string, words: string, tookMs = performance.now() - startedAt): void => {
    draw.clear()
    draw.done()
    const took = colors.dim(duration(tookMs))
    terminal.stderr.write(`${mark} ${name()} ${plain(words)}  ${took}\n`)
  }
  return {
    begin(next, words) {
      phase = next
      startedAt = performance.now()
      draw(`${colors.cyan('>')} ${name()} ${plain(words)}`)
    },
    progress({ fraction, words }) {
      const done = Math.round(BAR * Math.min(1, Math.max(0, fraction)))
      draw(`${colors.cyan('>')} ${name()} [${'#'.repeat(done)}${'.'.repeat(BAR - done)}] ${plain(words)}`)
    },
    end: (words, tookMs) => settle(colors.green('+'), words, tookMs),
    fail: () => settle(colors.red('x'), 'failed'),
    leave() {
      draw.done()
    },
  }
}

function loggedPhases({ stderr }: Terminal): Phases {
  let phase = ''
  let startedAt = 0
  return {
    begin(next, words) {
      phase = next
      startedAt = performance.now()
      stderr.write(`quiesce: ${phase}: ${plain(words)}\n`)
    },
    progress() {},
    end: (words, tookMs = performance.now() - startedAt) =>
      void stderr.write(`quiesce: ${phase}: ${plain(words)} (${duration(tookMs)})\n`),
    fail: () => void stderr.write(`quiesce: ${phase}: failed (${duration(performance.now() - startedAt)})\n`),
    leave() {},
  }
}

function jsonPhases({ stderr }: Terminal): Phases {
  let phase = ''
  const line = (state: string, words: string, fraction?: number): void => {
    const document = { schema: 'quiesce.progress/1', at: new Date().toISOString(), phase, state, words, fraction }
    stderr.write(`${JSON.stringify(document)}\n`)
  }
  let last = ''
  return {
    begin(next, words) {
      phase = next
      line('begun', words)
    },
    progress({ fraction, words }) {
      if (words === last) return
      last = words
      line('progress', words, fraction)
    },
    end: (words) => line('ended', words),
    fail: () => line('failed', ''),
    leave() {},
  }
}
