import { type Cluster, type Freeze, isQuiesceError } from '@quiesce/core'
import { z } from 'zod'
import { plain } from './access.ts'
import type { ResolvedDashboardOptions, Viewer } from './dashboard-options.ts'

/** What viewers may do. */
export interface Actions {
  perform(request: Request, viewer: Viewer): Promise<Response>
  /** Freezes that this process made and that can be extended by it. */
  canExtend(): ReadonlySet<string>
}

const reason = z.string({ error: 'say why' }).trim().min(1, 'say why').max(400)
const minutes = z.coerce.number({ error: 'must be minutes' }).positive().max(1440)
const optionalMinutes = z.preprocess((value) => (value === '' ? undefined : value), minutes.optional())

const schema = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('freeze'), reason, expect: optionalMinutes, most: optionalMinutes }),
  z.strictObject({ action: z.literal('thaw'), id: z.uuid(), reason }),
  z.strictObject({ action: z.literal('extend'), id: z.uuid(), reason, minutes }),
  z.strictObject({ action: z.literal('cancel-run'), id: z.uuid(), reason }),
  z.strictObject({ action: z.literal('release-lock'), id: z.string().min(1).max(500), reason }),
])

type Action = z.output<typeof schema>

const MOST_BYTES = 16_384

/** Makes the actions on a cluster; each is recorded with who did it and why. */
export function createActions(cluster: Cluster, { logger }: Pick<ResolvedDashboardOptions, 'logger'>): Actions {
  const made = new Map<string, Freeze>()
  const perform = async (action: Action, actor: string): Promise<string> => {
    const why = `${action.reason} (${actor})`
    switch (action.action) {
      case 'freeze': {
        const freeze = await cluster.freeze({ kind: 'operator', owner: actor, ...freezeOptionsOf(action) })
        made.set(freeze.id, freeze)
        return `The cluster is read-only (${freeze.guarantee}).`
      }
      case 'thaw': {
        const { changed } = await cluster.thaw(action.id, { owner: actor, force: true, reason: action.reason })
        made.delete(action.id)
        return changed ? 'The freeze was ended.' : 'It had ended before; nothing was changed.'
      }
      case 'extend': {
        const freeze = made.get(action.id)
        if (freeze === undefined) return 'Only the process that made a freeze can extend it; nothing was changed.'
        await freeze.extend({ expectedEnd: new Date(Date.now() + action.minutes * 60_000) })
        return `Writes are now expected in ${action.minutes} minutes.`
      }
      case 'cancel-run':
        return (await cluster.cancelRun(action.id, why))
          ? 'The run was told to stop; it undoes what it has done.'
          : 'It had ended before; nothing was changed.'
      case 'release-lock': {
        const freed = await cluster.releaseLocks({ name: action.id, force: true, reason: why })
        return freed.length === 0 ? 'Nobody held it; nothing was changed.' : 'The lock is free.'
      }
    }
  }
  return {
    canExtend: () => new Set(made.keys()),
    async perform(request, viewer) {
      const { action, problem } = await read(request)
      if (action === undefined) return plain(400, `${problem} Nothing was changed.`)
      logger?.info({ ...action, actor: viewer.name }, 'an action was asked for on the dashboard')
      try {
        return plain(200, await perform(action, viewer.name))
      } catch (error) {
        logger?.warn({ err: error, ...action, actor: viewer.name }, 'an action on the dashboard failed')
        return isQuiesceError(error)
          ? plain(error.kind === 'QUIESCE_CONFIG' ? 400 : 409, error.message)
          : plain(500, 'It failed for a reason that the log of this process tells.')
      }
    },
  }
}

function freezeOptionsOf({ reason: why, expect, most }: Extract<Action, { action: 'freeze' }>) {
  return {
    reason: why,
    ...(expect === undefined ? {} : { expectedEnd: new Date(Date.now() + expect * 60_000) }),
    ...(most === undefined ? {} : { maxFreezeMs: Math.round(most * 60_000) }),
  }
}

async function read(request: Request): Promise<{ readonly action?: Action; readonly problem?: string }> {
  const text = await request.text()
  if (text.length > MOST_BYTES) return { problem: 'That is too much.' }
  try {
    const parsed = schema.safeParse(JSON.parse(text))
    if (parsed.success) return { action: parsed.data }
    return { problem: parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}.`).join(' ') }
  } catch {
    return { problem: 'The request is not JSON.' }
  }
}
