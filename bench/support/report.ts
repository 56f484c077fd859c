import { mkdir, writeFile } from 'node:fs/promises'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'

/** A table of results. */
export interface Section {
  readonly title: string
  /** What was measured and how, in one or two sentences. */
  readonly note: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | number)[])[]
}

const directory = join(import.meta.dirname, '../results')

/** Writes `results/<name>.md` and `results/<name>.json`, and prints the tables. */
export async function writeReport(
  name: string,
  title: string,
  servers: readonly string[],
  sections: readonly Section[],
): Promise<void> {
  const conditions = {
    node: process.version,
    processor: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
    loadAverage: loadavg().map((value) => Number(value.toFixed(1))),
    servers,
    measuredAt: new Date().toISOString().slice(0, 10),
  }
  const text = [
    `# ${title}`,
    `${conditions.measuredAt}, Node ${conditions.node}, ${conditions.processor}, load average ${conditions.loadAverage.join(' / ')}${servers.length > 0 ? `, ${servers.join(', ')}` : ''}. Repeat with \`pnpm bench ${name}\`.`,
    ...sections.map(markdownOf),
  ].join('\n\n')
  await mkdir(directory, { recursive: true })
  await writeFile(join(directory, `${name}.md`), `${text}\n`)
  await writeFile(join(directory, `${name}.json`), `${JSON.stringify({ name, conditions, sections }, undefined, 2)}\n`)
  console.log(text)
}

/** Writes a picture beside the tables. */
export async function writePicture(name: string, svg: string): Promise<void> {
  await mkdir(directory, { recursive: true })
  await writeFile(join(directory, `${name}.svg`), svg)
}

function markdownOf({ title, note, columns, rows }: Section): string {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`
  return [`## ${title}`, '', note, '', line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n')
}

/** A number with as many digits as mean something. */
export function rounded(value: number, digits = 2): string {
  return Number.isFinite(value) ? value.toFixed(digits) : 'n/a'
}
