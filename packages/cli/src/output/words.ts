import ms from 'ms'

/** A duration in one short word, e.g. `850ms`, `12s`, `3m`; `-` when there is none. */
export function duration(milliseconds: number | undefined): string {
  return milliseconds === undefined ? '-' : ms(Math.round(milliseconds))
}

/** How long ago or ahead, e.g. `3m ago`, `in 12s`. */
export function fromNow(at: Date | undefined, now: number): string {
  if (at === undefined) return '-'
  const distance = at.getTime() - now
  return distance <= 0 ? `${duration(-distance)} ago` : `in ${duration(distance)}`
}

/** The beginning of an id, enough to tell ids apart and to name one to a command. */
export function shortId(id: string): string {
  return id.slice(0, 8)
}

/** `1 node`, `2 nodes`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

/** Who acked a freeze; this command is a node while it freezes, and nobody that one would wait for. */
export function ackWords(acks: number): string {
  return acks > 1 ? `${counted(acks - 1, 'node')} and this command acked` : 'only this command acked, no node'
}

/** Text of others (reasons, owners, names) without what could steer a terminal. */
export function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, '\u{fffd}')
}
