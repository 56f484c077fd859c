import { readFileSync } from 'node:fs'

/** The statements of a page of the documentation that stand under `<!-- grants: name -->`. */
export function documentedGrants(page: string, name: string): readonly string[] {
  const text = readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8')
  const [, block = ''] = new RegExp(`<!-- grants: ${name} -->\\n\`\`\`sql\\n([\\s\\S]*?)\`\`\``).exec(text) ?? []
  return block.split(';').filter((line) => line.trim() !== '')
}
