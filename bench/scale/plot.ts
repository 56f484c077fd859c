/** One line of a plot. */
export interface Series {
  readonly name: string
  readonly points: readonly (readonly [number, number])[]
}

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [640, 360, 70, 50, 30]
const COLOURS = ['#1f6feb', '#d1242f', '#1a7f37', '#9a6700', '#8250df', '#57606a']

/** Draws lines over logarithmic axes as SVG. */
export function logPlot(title: string, x: string, y: string, series: readonly Series[]): string {
  const all = series.flatMap(({ points }) => points)
  const [xs, ys] = [all.map(([value]) => value), all.map(([, value]) => value)]
  const across = scale(xs, LEFT, WIDTH - 160)
  const up = scale(ys, HEIGHT - BOTTOM, TOP)
  const lines = series.map(({ name, points }, index) => {
    const colour = COLOURS[index % COLOURS.length]
    const path = points.map(([px, py]) => `${across.at(px)},${up.at(py)}`).join(' ')
    const label = `<text x="${WIDTH - 150}" y="${TOP + 18 * index + 10}" fill="${colour}">${name}</text>`
    const dots = points
      .map(([px, py]) => `<circle cx="${across.at(px)}" cy="${up.at(py)}" r="3" fill="${colour}"/>`)
      .join('')
    return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>${dots}${label}`
  })
  const ticks = [
    ...across.ticks.map(
      (value) => `<text x="${across.at(value)}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${value}</text>`,
    ),
    ...up.ticks.map(
      (value) =>
        `<text x="${LEFT - 8}" y="${up.at(value)}" text-anchor="end">${value}</text><line x1="${LEFT}" x2="${WIDTH - 160}" y1="${up.at(value)}" y2="${up.at(value)}" stroke="#d0d7de"/>`,
    ),
  ]
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" font-family="sans-serif" font-size="12" role="img" aria-label="${title}">
<title>${title}</title>
<rect width="100%" height="100%" fill="white"/><text x="${LEFT}" y="16" font-weight="bold">${title}</text>
${ticks.join('\n')}
<text x="${(LEFT + WIDTH - 160) / 2}" y="${HEIGHT - 12}" text-anchor="middle">${x}</text>
<text x="14" y="${HEIGHT / 2}" transform="rotate(-90 14 ${HEIGHT / 2})" text-anchor="middle">${y}</text>
${lines.join('\n')}
</svg>
`
}

function scale(
  values: readonly number[],
  from: number,
  to: number,
): { at(value: number): number; ticks: readonly number[] } {
  const low = Math.floor(Math.log10(Math.min(...values)))
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))))
  return {
    at: (value) => Math.round(from + ((Math.log10(value) - low) / (high - low)) * (to - from)),
    ticks: Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index)),
  }
}
