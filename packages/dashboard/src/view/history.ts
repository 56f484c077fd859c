import type { RecordedEvent } from '@quiesce/core'
import type { View } from '../watch.ts'
import { type Html, html } from './html.ts'
import { card, empty } from './parts.ts'
import { clockTime, shortId } from './words.ts'

const MOST = 40
/** What the line says already, or what only programs want to know. */
const hidden = new Set(['holder', 'nonce', 'baseline'])

/** The audit trail. */
export function historySection({ seen }: View): Html {
  const events = seen?.history.slice(0, MOST) ?? []
  return card({
    id: 'history',
    title: 'History',
    aside: events.length > 0 ? 'the audit trail, newest first' : undefined,
    body:
      events.length === 0
        ? empty('Nothing has happened yet.', 'Freezes, thaws, runs, takeovers and released locks are recorded here.')
        : html`<div class="scroll tall" role="region" tabindex="0" aria-label="Audit trail"><ol class="history">${events.map(line)}</ol></div>`,
  })
}

function line({ at, type, epoch, detail }: RecordedEvent): Html {
  const facts = Object.entries(detail).filter(
    ([key, value]) => value !== null && value !== undefined && !hidden.has(key),
  )
  return html`<li><p class="row"><span class="event ${toneOf(type)}">${type}</span><span class="small">${clockTime(at)}</span></p>
<p class="facts">${epoch !== undefined && html`<span>epoch ${epoch}</span>`}${facts.map(([key, value]) => html`<span>${labelOf(key)} <b>${inWords(value)}</b></span>`)}</p></li>`
}

function toneOf(type: string): string {
  if (type === 'frozen') return 'frozen'
  if (type === 'freeze-begun') return 'wait'
  if (type === 'thawed') return 'good'
  return /lost|takeover|taken-over|forced|adopted/.test(type) ? 'bad' : 'quiet'
}

/** `onHolderLost` as people write it. */
function labelOf(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}

function inWords(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value)
  return /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(value) ? shortId(value) : value
}
