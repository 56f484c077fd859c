import type { FenceSurvey } from '../domain/fence.ts'
import { fenceError } from '../domain/fence-error.ts'
import { type FenceRaise, raiseFence } from './fence-raise.ts'

/** DDL that came in between the last look and the hold makes another round; so often at most. */
const MAX_ROUNDS = 5

/**
 * Raises a fence and holds DDL back from then on; nothing was changed in between.
 *
 * @throws As `raiseFence`.
 */
export async function raiseUnderHold(raise: FenceRaise): Promise<FenceSurvey> {
  const { backend, events, fence, request } = raise
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    await raiseFence(raise)
    const lost = await backend.holdDdl?.(fence)
    const survey = await backend.survey({ ...request, mark: fence })
    if (lost?.aborted === false && survey.tables.every(({ covered }) => covered)) {
      const message = `DDL is not held back any more during freeze ${fence.freezeId}: the connection that did was lost`
      lost.addEventListener('abort', () => events.emit('warning', { message, error: undefined }), { once: true })
      return survey
    }
    // Ends the hold, under which nothing can be fenced, and changes nothing else.
    await backend.rekey(fence)
  }
  throw fenceError(['tables were changed faster than DDL could be held back'])
}
