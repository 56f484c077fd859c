import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { findChromium } from '@quiesce/test-servers'
import { type Browser, chromium, type Page } from 'playwright-core'

const axeFile = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
const screenshots = fileURLToPath(new URL('../dist/screenshots/', import.meta.url))

/** Starts a real browser. */
export async function openBrowser(): Promise<Browser> {
  const { program, environment } = await findChromium()
  return chromium.launch({ executablePath: program, env: { ...process.env, ...environment } as Record<string, string> })
}

/** Keeps what the page looks like, for people: in light and in dark. */
export async function keepScreenshots(page: Page, name: string): Promise<void> {
  mkdirSync(screenshots, { recursive: true })
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.screenshot({ path: `${screenshots}${name}-${colorScheme}.png`, fullPage: true })
  }
}

/** What axe finds wrong with the page for people who cannot see, or not well, in light and in dark. */
export async function barriers(page: Page): Promise<readonly string[]> {
  const found: string[] = []
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    // Through the debugger's door: the page's own policy lets no script in.
    const isThere = await page.evaluate("typeof axe === 'object'")
    if (isThere !== true) await page.evaluate(readFileSync(axeFile, 'utf8'))
    const { violations } = (await page.evaluate('axe.run()')) as { violations: readonly Violation[] }
    for (const { id, help, nodes } of violations) {
      found.push(
        ...nodes.map(({ html, failureSummary }) => `${colorScheme}: ${id}: ${help}\n${html}\n${failureSummary}`),
      )
    }
  }
  return found
}

interface Violation {
  readonly id: string
  readonly help: string
  readonly nodes: ReadonlyArray<{ readonly html: string; readonly failureSummary: string }>
}
