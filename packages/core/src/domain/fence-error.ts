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
