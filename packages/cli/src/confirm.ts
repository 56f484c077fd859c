import { createInterface } from 'node:readline/promises'
import { QuiesceError } from '@quiesce/core'
import { EXIT } from './exit-code.ts'
import { isInteractive, type Terminal } from './terminal.ts'
import { misuse } from './usage-error.ts'

/**
 * Asks before something that breaks somebody's work; resolves when it may be done.
 *
 * @throws QuiesceError `QUIESCE_CONFIG` when there is nobody to ask, `QUIESCE_ABORTED` when the answer is not yes.
 */
export async function confirm(terminal: Terminal, question: string, yes: boolean): Promise<void> {
  if (yes) return
  if (!isInteractive(terminal)) throw misuse(`${question} Nobody can be asked here: pass --yes if you mean it.`)
  // The real stream; only its writing is ours.
  const output = terminal.stderr as unknown as NodeJS.WritableStream
  const lines = createInterface({ input: terminal.stdin, output })
  try {
    const answer = await lines.question(`${question}\nType yes to go on: `)
    if (answer.trim().toLowerCase() === 'yes') return
  } finally {
    lines.close()
  }
  throw new QuiesceError('QUIESCE_ABORTED', 'Not confirmed; nothing was changed.', { exitCode: EXIT.problems })
}
