import type { NodeRecord } from '@quiesce/core'
import type { View } from '../watch.ts'
import { type Html, html, type Part } from './html.ts'
import { card, chip, empty, table } from './parts.ts'
import { age, counted, shortId } from './words.ts'

const MOST = 50
const columns = ['Node', 'Status', 'Heartbeat', 'Acked', 'In flight', 'Version']

/** The registered nodes; those that somebody waits for first. */
export function nodesSection({ seen }: View): Html {
  const nodes = seen?.status.nodes ?? []
  const epoch = seen?.status.epoch ?? '0'
  const isFrozen = seen !== undefined && seen.status.freezes.length > 0
  const sorted = [...nodes].sort(
    (a, b) => rank(a, epoch, isFrozen) - rank(b, epoch, isFrozen) || a.host.localeCompare(b.host) || a.pid - b.pid,
  )
  const more = sorted.length - MOST
  return card({
    id: 'nodes',
    title: 'Nodes',
    aside: counted(nodes.length, 'process').replace('processs', 'processes'),
    body:
      nodes.length === 0
        ? empty('No node has joined.', 'Each process of the application appears here once it calls cluster.start().')
        : [
            table(
              'Table of nodes',
              columns,
              sorted.slice(0, MOST).map((node) => row(node, epoch, isFrozen)),
            ),
            more > 0 && html`<p class="rest">and ${counted(more, 'more node')}</p>`,
          ],
  })
}

function rank(node: NodeRecord, epoch: string, isFrozen: boolean): number {
  const { status } = node
  if (isFrozen && status !== 'lost' && !hasAcked(node, epoch)) return 0
  return { overdue: 1, lost: 2, alive: 3 }[status]
}

function hasAcked({ ackedEpoch }: NodeRecord, epoch: string): boolean {
  return BigInt(ackedEpoch) >= BigInt(epoch)
}

function row(node: NodeRecord, epoch: string, isFrozen: boolean): Html {
  const { id, host, pid, application, heartbeatAgeMs, libraryVersion, enforcement, inFlight, unknown, oldest } = node
  return html`<tr><th scope="row"><span class="name">${host}</span><span class="sub">${application} · pid ${pid} · <span class="mono" title="${id}">${shortId(id)}</span></span></th>
<td>${statusChip(node)}${enforcement === 'report' && html` ${chip('wait', 'only reports')}`}</td>
<td class="num">${age(heartbeatAgeMs)}</td>
<td class="num">${ackCell(node, epoch, isFrozen)}</td>
<td class="num">${inFlight}${unknown > 0 && html` <span class="ink wait">(${unknown} unknown)</span>`}${inFlight > 0 && oldest !== undefined && html`<span class="sub mono">${oldest}</span>`}</td>
<td class="num">${libraryVersion}</td></tr>`
}

function statusChip({ status }: NodeRecord): Html {
  return chip(({ alive: 'good', overdue: 'wait', lost: 'bad' } as const)[status], status)
}

function ackCell(node: NodeRecord, epoch: string, isFrozen: boolean): Part {
  if (hasAcked(node, epoch))
    return html`<span class="mono">${node.ackedEpoch}</span> <span aria-hidden="true">✓</span><span class="sr">up to date</span>`
  const tone = isFrozen && node.status !== 'lost' ? 'wait' : 'quiet'
  return html`<span class="mono ink ${tone}">${node.ackedEpoch}</span> <span class="sub">of ${epoch}</span>`
}
