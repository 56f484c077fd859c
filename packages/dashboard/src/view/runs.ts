import type { RunInfo } from '@quiesce/core'
import type { View } from '../watch.ts'
import { type Html, html } from './html.ts'
import { actionButton, bar, card, chip, empty, type Tone } from './parts.ts'
import { clockTime, counted, duration } from './words.ts'

const MOST_ENDED = 5
const outcomes = { done: 'good', failed: 'bad', cancelled: 'quiet', 'timed-out': 'bad', lost: 'bad' } as const

/** Maintenance jobs: those that go on, and the last that ended. */
export function runsSection({ seen, now }: View, canAct: boolean): Html {
  const runs = seen?.runs ?? []
  const active = runs.filter(({ phase }) => phase !== 'ended')
  const ended = runs.filter(({ phase }) => phase === 'ended').slice(0, MOST_ENDED)
  return card({
    id: 'runs',
    title: 'Runs',
    aside: active.length > 0 ? `${active.length} in progress` : undefined,
    body:
      runs.length === 0
        ? empty('No run yet.', 'Maintenance jobs under cluster.run() or quiesce run appear here with their steps.')
        : html`<ul class="items">${[...active, ...ended].map((run) => item(run, now, canAct))}</ul>`,
  })
}

function item(run: RunInfo, now: Date, canAct: boolean): Html {
  const { id, name, reason, owner, phase, outcome, error, progress, steps, cancel, isLost, startedAt, endedAt } = run
  const isActive = phase !== 'ended'
  const took = (endedAt ?? now).getTime() - startedAt.getTime()
  return html`<li><div class="row"><strong>${name}</strong>${stateChip(run)}</div>
<p class="facts"><span>${reason}</span><span>${owner}</span><span>${clockTime(startedAt)}</span><span>${duration(took)}</span></p>
${isActive && html`${bar(`${name}: ${progress} %`, progress, 100, isLost ? 'bad' : 'frozen')}<p class="row small"><span>${stepWords(run)}</span><span class="num">${Math.round(progress)} %</span></p>`}
${!isActive && outcome !== 'done' && steps.length > 0 && html`<p class="small">${stepWords(run)}</p>`}
${error !== undefined && html`<p class="small ink bad">${error}</p>`}
${cancel !== undefined && isActive && html`<p class="small ink wait">told to stop: ${cancel.reason}</p>`}
${canAct && isActive && cancel === undefined && html`<div class="do">${actionButton({ action: 'cancel-run', label: 'Cancel', id, subject: `the run “${name}”` })}</div>`}</li>`
}

function stateChip({ phase, outcome, isLost }: RunInfo): Html {
  if (outcome !== undefined) return chip(outcomes[outcome], outcome)
  const tone: Tone =
    phase === 'rollback' || isLost ? 'bad' : phase === 'steps' || phase === 'verify' ? 'frozen' : 'wait'
  return chip(tone, isLost ? `${phase}, holder lost` : phase)
}

function stepWords({ steps }: RunInfo): string {
  const current = steps.find(({ status }) => status === 'running' || status === 'undoing')
  const done = steps.filter(({ status }) => status === 'done').length
  const counts = `${done} of ${counted(steps.length, 'step')} done`
  return current === undefined ? counts : `${current.status === 'undoing' ? 'undoing ' : ''}${current.name} · ${counts}`
}
