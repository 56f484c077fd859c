import { QuiesceError } from './errors.ts'

/** The database can't be made to refuse writes; nothing stays frozen. `data.obstacles` holds all reasons. */
export function fenceError(obstacles: readonly string[]): QuiesceError {
  const list = obstacles.map((obstacle) => `\n- ${obstacle}`).join('')
  return new QuiesceError(
    'QUIESCE_FENCE',
    `No fence could be raised, so the cluster was not frozen:${list}\nRemove the obstacles, or freeze with fence: 'auto' or 'off', which holds back the nodes alone.`,
    { obstacles },
  )
}

/** The standing fence can't be installed, changed or removed. `data.obstacles` holds all reasons. */
export function installationError(
  what: 'installed' | 'changed' | 'removed',
  obstacles: readonly string[],
): QuiesceError {
  const list = obstacles.map((obstacle) => `\n- ${obstacle}`).join('')
  return new QuiesceError(
    'QUIESCE_FENCE',
    `The standing fence could not be ${what}:${list}\nRemove the obstacles and try again; what was done so far does no harm, and freezes do not use it.`,
    { obstacles },
  )
}
