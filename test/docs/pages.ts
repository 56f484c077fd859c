import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The repository's root, with a slash at its end. */
export const root = fileURLToPath(new URL('../../', import.meta.url))

/** One page of documentation. */
export interface Page {
  /** From the root, e.g. `docs/http.md`. */
  readonly path: string
  readonly text: string
}

/** A piece of TypeScript on a page. */
export interface Snippet {
  /** The file that the page says it is, or a name of its place. */
  readonly file: string
  readonly text: string
}

/** Every page that a reader is sent to. */
export function readPages(): readonly Page[] {
  const docs = readdirSync(`${root}docs`).filter((name) => name.endsWith('.md'))
  const packages = readdirSync(`${root}packages`).map((name) => `packages/${name}/README.md`)
  const paths = ['README.md', 'CONTRIBUTING.md', ...docs.map((name) => `docs/${name}`), ...packages]
  return paths.map((path) => ({ path, text: readFileSync(root + path, 'utf8') }))
}

/** The TypeScript on a page, in its order. */
export function snippetsOf({ text }: Page): readonly Snippet[] {
  const blocks = text.matchAll(/(?:<!-- file: (\S+) -->\n)?```(?:ts|tsx|typescript)\n([\s\S]*?)```/g)
  return [...blocks].map(([, file, code = ''], index) => ({ file: file ?? `snippet-${index + 1}.ts`, text: code }))
}

/** The links of a page to other files and to headings. */
export function linksOf({ text }: Page): readonly string[] {
  const prose = text.replace(/```[\s\S]*?```/g, '').replace(/`[^`\n]*`/g, '')
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
}

/** The anchors of a page's headings, as GitHub makes them. */
export function anchorsOf({ text }: Page): ReadonlySet<string> {
  const headings = text.replace(/```[\s\S]*?```/g, '').matchAll(/^#{1,6} (.+)$/gm)
  return new Set(
    [...headings].map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replace(/\s/g, '-'),
    ),
  )
}
