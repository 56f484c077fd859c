import { hostname, userInfo } from 'node:os'
import type { FreezeOptions } from '@quiesce/core'
import { z } from 'zod'
import type { Flag } from '../command.ts'
import { durationFlag } from './duration.ts'

/** The flags that say how a cluster is frozen. */
export const freezeFlags: readonly Flag[] = [
  {
    flags: '--reason <text>',
    description: 'why; shown in refusals, status and the audit trail',
    env: 'QUIESCE_REASON',
  },
  { flags: '--owner <name>', description: 'who asks (default: user@host)', env: 'QUIESCE_OWNER' },
  {
    flags: '--drain-timeout <duration>',
    description: 'how long transactions that have written may go on (default: 10s)',
    env: 'QUIESCE_DRAIN_TIMEOUT',
  },
  {
    flags: '--ack-timeout <duration>',
    description: 'how long to wait for every node, the drain included (default: drain + 20s)',
    env: 'QUIESCE_ACK_TIMEOUT',
  },
  { flags: '--max-freeze <duration>', description: 'the freeze ends after this time whatever happens' },
  { flags: '--expect <duration>', description: 'when clients may expect writes again (Retry-After)' },
  {
    flags: '--fence <mode>',
    description: 'let the database itself refuse writes: auto (default), required, off',
    env: 'QUIESCE_FENCE',
  },
  {
    flags: '--fence-backend <name>',
    description: 'how the fence refuses: triggers (default), or schema: READ ONLY schemas of MySQL, the job included',
    env: 'QUIESCE_FENCE_BACKEND',
  },
  { flags: '--no-await-server', description: 'do not wait for transactions of programs that are no nodes' },
  { flags: '--terminate-blockers', description: 'end database sessions that are in the way after the drain time-out' },
]

/** For plans: the statements too. */
export const sqlFlag: Flag = { flags: '--sql', description: 'with a plan: print the statements too' }

/** What it must be. */
export const sqlInput = { sql: z.boolean().default(false) }

const DRAIN_TIMEOUT_MS = 10_000
const MORE_FOR_ACKS_MS = 20_000

/** What those flags must be. */
export const freezeInput = {
  reason: z.string({ error: 'is needed: say why' }).trim().min(1).max(500),
  owner: z.string().trim().min(1).max(200).optional(),
  drainTimeout: durationFlag.optional(),
  ackTimeout: durationFlag.optional(),
  maxFreeze: durationFlag.optional(),
  expect: durationFlag.optional(),
  fence: z.enum(['auto', 'required', 'off'], { error: 'must be auto, required or off' }).default('auto'),
  fenceBackend: z.enum(['triggers', 'schema'], { error: 'must be triggers or schema' }).default('triggers'),
  awaitServer: z.boolean().default(true),
  terminateBlockers: z.boolean().default(false),
}

/** Those flags, read. */
export type FreezeInput = z.output<z.ZodObject<typeof freezeInput>>

/** The options of the freeze that the flags ask for. */
export function freezeOptionsOf(input: FreezeInput): FreezeOptions & { readonly owner: string } {
  const drainTimeoutMs = input.drainTimeout ?? DRAIN_TIMEOUT_MS
  return {
    reason: input.reason,
    owner: ownerOf(input.owner),
    drainTimeoutMs,
    ackTimeoutMs: input.ackTimeout ?? drainTimeoutMs + MORE_FOR_ACKS_MS,
    fence: input.fence,
    fenceBackend: input.fenceBackend,
    awaitServer: input.awaitServer,
    terminateBlockers: input.terminateBlockers,
    ...(input.maxFreeze === undefined ? {} : { maxFreezeMs: input.maxFreeze }),
    ...(input.expect === undefined ? {} : { expectedEnd: new Date(Date.now() + input.expect) }),
  }
}

/** Who asks, when nobody says: the same person on the same machine is the same owner tomorrow. */
export function ownerOf(given: string | undefined): string {
  return given ?? `${userName()}@${hostname()}`
}

function userName(): string {
  try {
    return userInfo().username
  } catch {
    // Containers run under users that no file knows.
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}
