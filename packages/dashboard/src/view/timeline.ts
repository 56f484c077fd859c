import { type FreezeStory, freezeStories } from '../freeze-stories.ts'
import type { View } from '../watch.ts'
import { type Html, html } from './html.ts'
import { card, chip, empty } from './parts.ts'
import { clockTime, duration } from './words.ts'

const MOST = 8
const WIDTH = 600
/** What is drawn of a phase that is too short to be seen. */
const LEAST = 5

/** The last freezes, phase by phase. */
export function timelineSection({ seen, now }: View): Html {
  const stories = seen === undefined ? [] : freezeStories(seen.history, now).slice(0, MOST)
  const longest = Math.max(1, ...stories.map(({ drainMs, frozenMs = 0 }) => drainMs + frozenMs))
  return card({
    id: 'timeline',
    title: 'Last freezes',
    aside:
      stories.length > 0 &&
      html`<span class="key-line"><i class="dot wait"></i>draining <i class="dot frozen"></i>read-only</span>`,
    body:
      stories.length === 0
        ? empty('The cluster was never frozen.', 'Each freeze appears here with the time that its phases took.')
        : html`<ol class="timeline">${stories.map((story) => item(story, longest))}</ol>`,
  })
}

function item(story: FreezeStory, longest: number): Html {
  const { reason, owner, begunAt, drainMs, frozenMs } = story
  const drain = width(drainMs, longest)
  const frozen = width(frozenMs, longest)
  return html`<li><div class="row"><span class="name">${reason}</span>${outcomeChip(story)}</div>
<svg class="phases" viewBox="0 0 ${WIDTH} 10" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="${WIDTH}" height="10"/><rect class="wait" width="${drain}" height="10"/><rect class="frozen" x="${drain}" width="${frozen}" height="10"/></svg>
<p class="facts"><span>${owner}</span><span>${clockTime(begunAt)}</span><span>drain ${duration(drainMs)}</span>${frozenMs !== undefined && html`<span>read-only ${duration(frozenMs)}</span>`}</p></li>`
}

function width(ms: number | undefined, longest: number): number {
  return ms === undefined ? 0 : Math.max(LEAST, Math.round((ms / longest) * (WIDTH - 2 * LEAST)))
}

function outcomeChip({ ended, frozenMs }: FreezeStory): Html {
  switch (ended) {
    case undefined:
      return frozenMs === undefined ? chip('wait', 'draining') : chip('frozen', 'active')
    case 'thawed':
      return chip('good', 'thawed')
    case 'aborted':
      return chip('bad', 'undone')
    default:
      return chip(ended === 'deadline' ? 'wait' : 'bad', ended)
  }
}
