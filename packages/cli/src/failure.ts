import { type ErrorKind, isQuiesceError } from '@quiesce/core'
import { z } from 'zod'
import { EXIT, exitCodeOf } from './exit-code.ts'
import { plain } from './output/words.ts'

/** What `--json` prints when a command fails. */
export const errorDocument = z.strictObject({
  schema: z.literal('quiesce.error/1'),
  /** Stable; `INTERNAL` for a defect. */
  kind: z.string(),
  message: z.string(),
  /** What a handler needs; its keys depend on the kind. */
  data: z.record(z.string(), z.unknown()),
  exitCode: z.int(),
})

/** How a command failed. */
export interface Failure {
  readonly exitCode: number
  readonly kind: ErrorKind | 'INTERNAL'
  readonly message: string
  readonly data: Readonly<Record<string, unknown>>
}

/** What an error means for the caller of the command. */
export function failureOf(error: unknown): Failure {
  if (isQuiesceError(error)) {
    const { kind, message, data } = error
    const exitCode = typeof data['exitCode'] === 'number' ? data['exitCode'] : exitCodeOf(kind)
    return { exitCode, kind, message, data }
  }
  const message = error instanceof Error ? error.message || error.name : String(error)
  return { exitCode: isUnreachable(error) ? EXIT.unavailable : EXIT.internal, kind: 'INTERNAL', message, data: {} }
}

/** What to do about it on a command line, where the library's message speaks of code. */
const advice: Readonly<Partial<Record<Failure['kind'], string>>> = {
  QUIESCE_SCHEMA: 'On a command line: quiesce init.',
  QUIESCE_NOT_HOLDER: 'On a command line: --force --reason TEXT.',
}

/** One line for people, further lines as the message has them. */
export function failureText({ message, kind }: Failure): string {
  const lines = [...message.split('\n').map(plain), ...[advice[kind] ?? []].flat()]
  return `quiesce: ${lines.join('\n')}${kind === 'INTERNAL' ? '' : ` [${kind}]`}\n`
}

/** What the operating system says when nobody listens, in whatever driver's error. */
function isUnreachable(error: unknown): boolean {
  const codes = ['ECONNREFUSED', 'ENOTFOUND', 'ETIMEDOUT', 'EHOSTUNREACH', 'ECONNRESET', 'ENETUNREACH', 'EAI_AGAIN']
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && codes.includes(String(at.code))) return true
  }
  return false
}
