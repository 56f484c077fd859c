import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { findChromium } from '@quiesce/test-servers'
import axe from 'axe-core'
import { type Browser, chromium, type Page } from 'playwright-core'

const screenshots = fileURLToPath(new URL('../dist/screenshots/', import.meta.url))

/** Starts a real browser. */
export async function openBrowser(): Promise<Browser> {
  const { program, environment } = await findChromium()
  return chromium.launch({ executablePath: program, env: { ...process.env, ...environment } as Record<string, string> })
}

/** What to keep of how a page looks. */
export interface ScreenshotOptions {
  /** Default: both. */
  readonly schemes?: readonly ('light' | 'dark')[]
  /** Only what is on the screen. Default false. */
  readonly onScreen?: boolean
}

/** Keeps what the page looks like, for people. */
export async function keepScreenshots(page: Page, name: string, options: ScreenshotOptions = {}): Promise<void> {
  mkdirSync(screenshots, { recursive: true })
  for (const colorScheme of options.schemes ?? ['light', 'dark']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.screenshot({ path: `${screenshots}${name}-${colorScheme}.png`, fullPage: options.onScreen !== true })
  }
}

/** What axe finds wrong with the page for people who cannot see, or not well; what differs in dark is the colours. */
export async function barriers(page: Page, only?: 'colours'): Promise<readonly string[]> {
  const isThere = await page.evaluate("typeof axe === 'object'")
  if (isThere !== true) await page.evaluate(axe.source)
  const found: string[] = []
  const colours = "axe.run({ runOnly: ['color-contrast'] })"
  const looks = [
    ['light', only === 'colours' ? colours : 'axe.run()'],
    ['dark', colours],
  ] as const
  for (const [colorScheme, look] of looks) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const { violations } = (await page.evaluate(look)) as { violations: readonly Violation[] }
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
