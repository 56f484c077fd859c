import type { View } from '../watch.ts'
import { type Html, html } from './html.ts'
import { card, empty } from './parts.ts'
import { counted } from './words.ts'

const SERIES = 5
const WIDTH = 600
const HEIGHT = 120
const GAP = 2

type Series = { readonly table: string; readonly total: number; readonly counts: readonly number[] }

/** Refused writes by table over the last minutes. */
export function refusalsSection({ refusals }: View): Html {
  const series = seriesOf(refusals.tables)
  return card({
    id: 'refusals',
    title: 'Refused writes',
    aside: 'last 10 minutes, by the process that serves this page',
    body:
      refusals.total === 0
        ? empty(
            'Nothing was refused.',
            'Writes that this process refuses while the cluster is read-only are counted here by table.',
          )
        : html`<div class="plot">${plot(series, refusals.steps)}${legend(series)}</div>`,
  })
}

/** The tables that matter most; the others together. */
function seriesOf(tables: readonly Series[]): readonly Series[] {
  if (tables.length <= SERIES + 1) return tables
  const rest = tables.slice(SERIES)
  const counts = rest[0]?.counts.map((_, step) => rest.reduce((sum, other) => sum + (other.counts[step] ?? 0), 0)) ?? []
  const total = rest.reduce((sum, other) => sum + other.total, 0)
  return [...tables.slice(0, SERIES), { table: counted(rest.length, 'more table'), total, counts }]
}

function plot(series: readonly Series[], steps: number): Html {
  const heights = Array.from({ length: steps }, (_, step) =>
    series.reduce((sum, { counts }) => sum + (counts[step] ?? 0), 0),
  )
  const top = niceTop(Math.max(...heights))
  const width = WIDTH / steps
  const bars = Array.from({ length: steps }, (_, step) => {
    let y = HEIGHT
    return series.map(({ counts }, index) => {
      const height = ((counts[step] ?? 0) / top) * HEIGHT
      if (height === 0) return undefined
      y -= height
      return html`<rect class="c${index}" x="${round(step * width + GAP / 2)}" y="${round(y)}" width="${round(width - GAP)}" height="${round(height)}"/>`
    })
  })
  const total = series.reduce((sum, each) => sum + each.total, 0)
  return html`<div class="axes"><span class="top" aria-hidden="true">${top}</span>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${counted(total, 'write')} refused in the last ten minutes, at most ${Math.max(...heights)} in ten seconds">
<line class="grid" x1="0" x2="${WIDTH}" y1="0.5" y2="0.5"/><line class="grid" x1="0" x2="${WIDTH}" y1="${HEIGHT / 2}" y2="${HEIGHT / 2}"/>${bars}<line class="base" x1="0" x2="${WIDTH}" y1="${HEIGHT - 0.5}" y2="${HEIGHT - 0.5}"/></svg>
<p class="times" aria-hidden="true"><span>−10 min</span><span>−5 min</span><span>now</span></p></div>`
}

function legend(series: readonly Series[]): Html {
  return html`<table class="legend"><caption class="sr">Refused writes by table</caption><thead class="sr"><tr><th scope="col">Table</th><th scope="col">Refused</th></tr></thead><tbody>${series.map(
    ({ table, total }, index) =>
      html`<tr><th scope="row"><svg class="key" viewBox="0 0 10 10" aria-hidden="true"><rect class="c${index}" width="10" height="10" rx="2.5"/></svg>${table}</th><td class="num">${total}</td></tr>`,
  )}</tbody></table>`
}

/** The next round number. */
function niceTop(most: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, most)))
  return [1, 2, 3, 4, 5, 6, 8, 10].map((factor) => factor * power).find((candidate) => candidate >= most) ?? most
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
