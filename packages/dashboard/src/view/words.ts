import { type Html, html } from './html.ts'

const units = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1000, 's'],
] as const

/** A duration in at most two units, e.g. `850 ms`, `12 s`, `3 min 05 s`. */
export function duration(milliseconds: number): string {
  const ms = Math.max(0, Math.round(milliseconds))
  if (ms < 1000) return `${ms} ms`
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`
  const first = units.findIndex(([size]) => ms >= size)
  const [size, unit] = units[first] ?? units[3]
  const next = units[first + 1]
  const whole = `${Math.floor(ms / size)} ${unit}`
  const rest = next === undefined ? 0 : Math.floor((ms % size) / next[0])
  return next === undefined || rest === 0 ? whole : `${whole} ${rest} ${next[1]}`
}

/** An age in one unit; short enough for a table that changes every second. */
export function age(milliseconds: number): string {
  const ms = Math.max(0, milliseconds)
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s ago`
  const [size, unit] = units.find(([each]) => ms >= each) ?? units[3]
  return `${Math.floor(ms / size)} ${unit} ago`
}

/** `1 node`, `2 nodes`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

/** The beginning of an id, enough to tell ids apart. */
export function shortId(id: string): string {
  return id.slice(0, 8)
}

/** A time of day in UTC, which the page's script turns into the viewer's own. */
export function clockTime(at: Date): Html {
  const iso = at.toISOString()
  return html`<time datetime="${iso}" data-clock title="${iso}">${iso.slice(11, 19)} UTC</time>`
}

/** A number that runs down on the page until a moment; `over` is shown after it. */
export function countdown(until: Date, now: Date, over: string): Html {
  const left = until.getTime() - now.getTime()
  const shown = left <= 0 ? over : clock(left)
  return html`<time datetime="${until.toISOString()}" data-until data-over="${over}" role="timer">${shown}</time>`
}

function clock(ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  const parts = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60]
  const shown = parts[0] === 0 ? parts.slice(1) : parts
  return shown.map((part) => String(part).padStart(2, '0')).join(':')
}
