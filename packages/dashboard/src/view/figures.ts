import type { View } from '../watch.ts'
import { type Html, html, type Part } from './html.ts'

/** The few numbers that tell whether all is well. */
export function figuresSection({ seen, refusals }: View): Html {
  const status = seen?.status
  const nodes = status?.nodes ?? []
  const present = nodes.filter((node) => node.status !== 'lost')
  const lost = nodes.length - present.length
  const epoch = BigInt(status?.epoch ?? '0')
  const acked = present.filter(({ ackedEpoch }) => BigInt(ackedEpoch) >= epoch).length
  const inFlight = present.reduce((sum, node) => sum + node.inFlight, 0)
  const unknown = present.reduce((sum, node) => sum + node.unknown, 0)
  const held = seen?.locks.filter(({ holder }) => holder !== undefined).length ?? 0
  const active = seen?.runs.filter(({ phase }) => phase !== 'ended').length ?? 0
  return html`<section id="figures" aria-label="Figures"><dl class="figures">
${figure('Nodes', present.length, lost > 0 ? html`<span class="ink bad">${lost} lost</span>` : present.length === 0 ? 'none yet' : 'all alive')}
${figure('Acked', html`${acked}<small>/${present.length}</small>`, `epoch ${status?.epoch ?? '–'}`)}
${figure('In flight', inFlight, unknown > 0 ? html`<span class="ink wait">${unknown} unknown</span>` : inFlight === 1 ? 'write' : 'writes')}
${figure('Refused', refusals.total, 'last 10 min, here')}
${figure('Locks held', held, `of ${seen?.locks.length ?? 0}`)}
${figure('Runs', active, 'in progress')}
</dl></section>`
}

function figure(label: string, value: Part, more: Part): Html {
  return html`<div><dt>${label}</dt><dd><span class="number">${value}</span><span class="more">${more}</span></dd></div>`
}
