import type { LockRecord } from '@quiesce/core'
import type { Seen, View } from '../watch.ts'
import { type Html, html } from './html.ts'
import { actionButton, card, chip, empty } from './parts.ts'
import { counted, duration, shortId } from './words.ts'

const MOST_FREE = 5

/** Named locks and who holds them. */
export function locksSection({ seen }: View, canAct: boolean): Html {
  const locks = seen?.locks ?? []
  const held = locks.filter(({ holder }) => holder !== undefined)
  const free = locks.filter(({ holder }) => holder === undefined)
  return card({
    id: 'locks',
    title: 'Locks',
    aside: locks.length > 0 ? `${held.length} held` : undefined,
    body:
      seen === undefined || locks.length === 0
        ? empty('No lock was ever taken.', 'Locks of cluster.lock() and of runs appear here with their fencing tokens.')
        : html`<ul class="items">${held.map((lock) => heldItem(lock, seen, canAct))}${free.slice(0, MOST_FREE).map(freeItem)}</ul>${free.length > MOST_FREE && html`<p class="rest">and ${counted(free.length - MOST_FREE, 'more free lock')}</p>`}`,
  })
}

function heldItem(lock: LockRecord, { status }: Seen, canAct: boolean): Html {
  const { name, token, owner, holder = '', heldForMs = 0, leaseRemainingMs = 0 } = lock
  const node = status.nodes.find(({ id }) => id === holder)
  const where = node === undefined ? shortId(holder) : `${node.host} (pid ${node.pid})`
  const isOver = leaseRemainingMs <= 0
  return html`<li><div class="row"><strong>${name}</strong>${isOver ? chip('bad', 'lease over') : chip('frozen', 'held')}</div>
<p class="facts"><span>${owner ?? 'unnamed'}</span>${owner?.includes(where) !== true && html`<span>${where}</span>`}<span>for ${duration(heldForMs)}</span><span>token <span class="mono">${token}</span></span><span>lease ${isOver ? `over since ${duration(-leaseRemainingMs)}` : duration(leaseRemainingMs)}</span></p>
${canAct && html`<div class="do">${actionButton({ action: 'release-lock', label: 'Release', id: name, subject: `the lock “${name}” of ${owner ?? where}` })}</div>`}</li>`
}

function freeItem({ name, token }: LockRecord): Html {
  return html`<li><div class="row"><span>${name}</span>${chip('quiet', 'free')}</div><p class="facts"><span>last token <span class="mono">${token}</span></span></p></li>`
}
