import type { FreezeStatus } from '@quiesce/core'
import type { Seen, View } from '../watch.ts'
import { type Html, html, type Part } from './html.ts'
import { icon } from './icons.ts'
import { actionButton, bar } from './parts.ts'
import { age, clockTime, countdown, counted, duration, shortId } from './words.ts'

const faces = {
  'read-write': ['Read-write', 'good'],
  draining: ['Draining', 'wait'],
  'read-only': ['Read-only', 'frozen'],
  unknown: ['Unknown', 'bad'],
  nobody: ['No node yet', 'quiet'],
} as const

type Face = keyof typeof faces

/** The mode, why, until when; and the freezes behind it. */
export function modeSection({ seen, now, failure, extensible }: View, canAct: boolean): Html {
  const mode = faceOf(seen, failure)
  const [title, tone] = faces[mode]
  const freezes = seen?.status.freezes ?? []
  const end = endOf(freezes)
  return html`<section class="hero ${tone}" id="mode" aria-labelledby="mode-title" tabindex="-1">
${failure !== undefined && failureNote(failure)}
<div class="headline"><span class="glyph">${icon(mode)}</span>
<div><h1 id="mode-title" data-mode="${mode}">${title}</h1><p class="lead">${lead(mode, seen, now, failure)}</p></div>
${end !== undefined && html`<div class="countdown"><p class="number">${countdown(end, now, 'overdue')}</p><p class="label">until writes are expected back</p></div>`}
${canAct && freezes.length === 0 && mode === 'read-write' && html`<div class="do">${actionButton({ action: 'freeze', label: 'Freeze the cluster', isMain: true })}</div>`}
</div>
${mode === 'draining' && seen !== undefined && drain(seen, now)}
${freezes.length > 0 && html`<ul class="freezes">${freezes.map((freeze) => freezeItem(freeze, now, canAct, extensible.has(freeze.id)))}</ul>`}
</section>`
}

function failureNote(failure: string): Html {
  return html`<p class="note bad" role="alert"><strong>The database cannot be asked.</strong> ${failure}</p>`
}

/** What was true a moment ago may not be now; a namespace that nobody has ever joined is no failure. */
function faceOf(seen: Seen | undefined, failure: string | undefined): Face {
  if (seen === undefined || failure !== undefined) return 'unknown'
  const { status, history } = seen
  const isNew = status.epoch === undefined && status.nodes.length === 0 && history.length === 0
  return isNew ? 'nobody' : status.mode
}

function lead(mode: Face, seen: Seen | undefined, now: Date, failure: string | undefined): Part {
  if (seen === undefined) return 'Nothing is known of the cluster yet.'
  const { status } = seen
  if (failure !== undefined) return `Last seen ${status.mode}, ${age(now.getTime() - seen.at.getTime())}.`
  if (mode === 'nobody') return 'No process has joined this namespace; the state appears with the first one.'
  if (mode === 'unknown') return `The state must not be believed: ${status.distrust ?? 'it could not be read'}.`
  if (mode === 'read-write') return 'Writes flow. No freeze is active.'
  const since = new Date(Math.min(...status.freezes.map((freeze) => freeze.since.getTime())))
  const words =
    mode === 'draining' ? 'No new write is admitted; those in flight may finish.' : 'No protected write commits.'
  return html`${words} Since ${clockTime(since)}, ${duration(now.getTime() - since.getTime())}.`
}

/** The moment when the last freeze is expected to be over; none when one of them does not say. */
function endOf(freezes: readonly FreezeStatus[]): Date | undefined {
  const ends = freezes.map(({ expectedEnd }) => expectedEnd?.getTime())
  if (ends.length === 0 || ends.includes(undefined)) return undefined
  return new Date(Math.max(...ends.map((end) => end ?? 0)))
}

/** How far the drain is, and for which write it waits longest. */
function drain({ status, at }: Seen, now: Date): Html {
  const nodes = status.nodes.filter(({ status: node }) => node !== 'lost')
  const epoch = BigInt(status.epoch ?? '0')
  const done = nodes.filter(({ ackedEpoch }) => BigInt(ackedEpoch) >= epoch)
  const inFlight = nodes.reduce((sum, node) => sum + node.inFlight, 0)
  const waiting = nodes.filter((node) => node.oldest !== undefined && node.inFlight > 0)
  const left = Math.max(0, ...status.freezes.map(({ drainRemainingMs }) => drainRemainingMs))
  return html`<div class="drain">
<p class="row"><span><strong>${done.length} of ${counted(nodes.length, 'node')}</strong> acked</span><span>${counted(inFlight, 'write')} in flight</span><span>${left > 0 ? html`${countdown(new Date(at.getTime() + left), now, '00:00')} left to finish` : 'the time to finish is over'}</span></p>
${bar(`${done.length} of ${nodes.length} nodes acked`, done.length, nodes.length, 'wait')}
${waiting.length > 0 && html`<p class="oldest">Waiting for ${waiting.slice(0, 3).map((node, index) => html`${index > 0 && '; '}<code>${node.oldest}</code> on ${node.host} (pid ${node.pid})`)}${waiting.length > 3 && ` and ${waiting.length - 3} more`}</p>`}
</div>`
}

function freezeItem(freeze: FreezeStatus, now: Date, canAct: boolean, canExtend: boolean): Html {
  const { id, kind, owner, reason, since, phase, leaseRemainingMs, deadlineRemainingMs } = freeze
  const facts: readonly Part[] = [
    html`<span><b>${owner}</b></span>`,
    html`<span>${kind === 'operator' ? 'by an operator, until somebody thaws it' : 'by a process'}</span>`,
    html`<span>since ${clockTime(since)}</span>`,
    kind === 'machine' &&
      leaseRemainingMs !== undefined &&
      html`<span>lease ${leaseRemainingMs > 0 ? duration(leaseRemainingMs) : 'over'}</span>`,
    deadlineRemainingMs !== undefined &&
      html`<span>ends by itself in ${countdown(new Date(now.getTime() + deadlineRemainingMs), now, '00:00')}</span>`,
    phase === 'draining' && html`<span>draining</span>`,
    html`<span class="mono" title="${id}">${shortId(id)}</span>`,
  ]
  return html`<li><div><p class="reason">${reason}</p><p class="facts">${facts}</p></div>
${canAct && html`<div class="do">${canExtend && actionButton({ action: 'extend', label: 'Extend', id, subject: `the freeze “${reason}”` })}${actionButton({ action: 'thaw', label: 'Thaw', id, subject: `the freeze “${reason}” of ${owner}`, isMain: true })}</div>`}</li>`
}
