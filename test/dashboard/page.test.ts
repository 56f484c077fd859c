import { createServer } from 'node:http'
import type { Cluster, RunHolder } from '@quiesce/core'
import { gateOf, guarded } from '@quiesce/core/adapter'
import { createDashboard } from '@quiesce/dashboard'
import { dashboardListener } from '@quiesce/dashboard/node'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { calmOptions } from '../http/calm-options.ts'
import { listening, type RunningShell } from '../http/shell.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { barriers, keepScreenshots, openBrowser } from './browser.ts'

let database: TestDatabase
let cluster: Cluster
let other: Cluster
let server: RunningShell
let browser: Browser
let page: Page
/** What the browser complained about: scripts that failed, things that the policy forbade. */
const complaints: string[] = []

const options = { ...calmOptions, namespace: 'shop' }
const ada = { name: 'ada@example.org' }

beforeAll(async () => {
  ;[browser, database] = await Promise.all([openBrowser(), testDatabase('dashboard')])
  cluster = database.cluster({ ...options, application: 'storefront' })
  other = database.cluster({ ...options, application: 'worker' })
  const auth = ({ headers }: Request) => (headers.get('x-user') === 'ada' ? ada : undefined)
  const dashboard = createDashboard(cluster, { auth, actions: true, refreshMs: 200 })
  server = await listening(createServer(dashboardListener(dashboard)))
  const context = await browser.newContext({
    viewport: { width: 1360, height: 900 },
    extraHTTPHeaders: { 'x-user': 'ada' },
  })
  page = await context.newPage()
  page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())))
  page.on('pageerror', (error) => void complaints.push(String(error)))
})
afterAll(async () => {
  await browser?.close()
  await server?.close()
  await database?.drop()
})
afterEach(() => expect(complaints.splice(0)).toEqual([]))

const see = (what: string, where = '#mode'): Promise<void> =>
  page.locator(where).filter({ hasText: what }).first().waitFor({ timeout: 10_000 })
/** Fails if the page was loaded again. */
const mark = (): Promise<void> => page.evaluate("void (window.mark = 'same page')")
const isSamePage = async (): Promise<boolean> => (await page.evaluate('window.mark')) === 'same page'

/** Is 40 % done, and goes on when it may. */
function copy(holder: RunHolder, until: Promise<void>): Promise<void> {
  holder.progress(0.4)
  return until
}

test('before anybody has joined it says what will be where (empty states)', async () => {
  await page.goto(`http://127.0.0.1:${server.port}/quiesce/ui`)
  await see('Live', '#live')
  await see('No process has joined')
  for (const section of ['nodes', 'refusals', 'timeline', 'runs', 'locks', 'history']) {
    expect(await page.locator(`#${section} .empty`).count(), section).toBe(1)
  }
  await keepScreenshots(page, 'empty', { schemes: ['light'] })
})

describe('a page that stays open', () => {
  test('sees nodes come, a freeze drain with its oldest write, and the refusals after it, without being loaded again', async () => {
    await mark()
    await Promise.all([cluster.start(), other.start()])
    await see('Read-write')
    let finish = (): void => {}
    const write = guarded(
      gateOf(other),
      gateOf(other),
      'UPDATE entry SET id = id',
      () => new Promise<void>((resolve) => (finish = resolve)),
    )
    const frozen = cluster.freeze({
      kind: 'operator',
      owner: 'ops',
      reason: 'Move the orders to the new cluster',
      expectedEnd: new Date(Date.now() + 900_000),
      drainTimeoutMs: 20_000,
    })
    await see('Draining')
    await see('statement for', '.oldest')
    await see('1 of 2 nodes', '.drain')
    expect(await barriers(page, 'colours')).toEqual([])
    await keepScreenshots(page, 'draining', { schemes: ['dark'] })
    finish()
    const freeze = await Promise.all([frozen, write]).then(([made]) => made)
    await see('Read-only')
    for (const [table, times] of [
      ['orders', 34],
      ['order_items', 21],
      ['invoices', 9],
      ['customers', 4],
    ] as const) {
      for (let count = 0; count < times; count++) gateOf(cluster).refuse({ operation: 'update', table })
    }
    await see('orders', '#refusals .legend')
    await see('68', '#figures')
    expect(await page.locator('#mode time[data-until]').textContent()).toMatch(/^1[45]:\d\d$/)
    expect(await page.locator('#announce').textContent()).toContain('The cluster is Read-only')
    expect(await page.title()).toBe('Read-only · shop · Quiesce')
    await freeze.thaw()
    await see('Read-write')
    await see('thawed', '#timeline')
    expect(await isSamePage()).toBe(true)
  })

  test('sees a run go on, the lock that it holds, and what it leaves in the audit trail', async () => {
    let finish = (): void => {}
    const held = new Promise<void>((resolve) => (finish = resolve))
    const run = cluster.run({
      name: 'move-orders',
      reason: 'Copy orders to the new shard',
      owner: 'deploy-bot',
      force: { reason: 'late nodes of a test' },
      steps: [
        { name: 'dump', run: () => {} },
        { name: 'copy', weight: 3, run: (holder) => copy(holder, held) },
        { name: 'switch over', run: () => {} },
      ],
    })
    await see('copy · 1 of 3 steps done', '#runs')
    await see('44 %', '#runs')
    await see('held', '#locks')
    await see('Read-only')
    expect(await barriers(page)).toEqual([])
    await keepScreenshots(page, 'read-only')
    finish()
    await run
    await see('done', '#runs')
    await see('free', '#locks')
    await see('run-ended', '#history')
    await see('Read-write')
    await keepScreenshots(page, 'read-write', { schemes: ['light'] })
    expect(await isSamePage()).toBe(true)
  })
})

describe('with the keyboard alone', () => {
  test('a viewer freezes and thaws; both are recorded with name and reason', async () => {
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.className')).toBe('skip')
    await page.getByRole('button', { name: 'Freeze the cluster' }).focus()
    await page.keyboard.press('Enter')
    expect(await barriers(page)).toEqual([])
    await page.keyboard.press('Escape')
    // Focus comes back to where it was.
    expect(await page.evaluate('document.activeElement.dataset.action')).toBe('freeze')
    await page.keyboard.press('Enter')
    await page.keyboard.type('Rotate the keys')
    await keepScreenshots(page, 'question', { schemes: ['light'], onScreen: true })
    await page.keyboard.press('Tab')
    await page.keyboard.type('10')
    await page.getByRole('button', { name: 'Freeze', exact: true }).press('Enter')
    await see('Rotate the keys')
    await see('ada@example.org')
    expect((await cluster.status()).freezes).toMatchObject([
      { kind: 'operator', owner: ada.name, reason: 'Rotate the keys' },
    ])
    await page.getByRole('button', { name: /^Extend/ }).press('Enter')
    await page.keyboard.type('more keys than thought')
    await page.locator('#ask-minutes').fill('45')
    await page.keyboard.press('Enter')
    await see('45 minutes', '#toast')
    await page.getByRole('button', { name: /^Thaw/ }).press('Enter')
    await page.keyboard.type('All rotated')
    await page.getByRole('button', { name: 'Thaw', exact: true }).press('Enter')
    await see('Read-write')
    await page.locator('#ask').waitFor({ state: 'hidden' })
    // The button that was pressed is gone with the freeze; focus is not lost with it.
    await page.locator('#mode:focus').waitFor({ timeout: 10_000 })
    const [thawed] = (await cluster.history(20)).filter(({ type }) => type === 'thawed')
    expect(thawed?.detail).toMatchObject({ why: 'thawed', note: 'ada@example.org: All rotated' })
  })
})

test('focus, and what a viewer has scrolled to, survive an update (catches sections that are thrown away)', async () => {
  await page.locator('#history .scroll').focus()
  await page.evaluate("document.querySelector('#history .scroll').scrollTop = 60")
  const lock = await cluster.lock('nightly-report', { owner: 'cron' })
  await see('nightly-report', '#locks')
  expect(await page.evaluate("document.activeElement.closest('section').id")).toBe('history')
  expect(await page.evaluate("document.querySelector('#history .scroll').scrollTop")).toBe(60)
  await page.getByRole('button', { name: /^Release/ }).press('Enter')
  await page.keyboard.type('It hangs')
  await page.getByRole('button', { name: 'Release', exact: true }).press('Enter')
  await eventually('the lock is free', async () => (await cluster.locks()).every(({ holder }) => holder === undefined))
  await lock.release().catch(() => {})
})

test('on a telephone nothing is wider than the screen', async () => {
  await page.setViewportSize({ width: 390, height: 844 })
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390)
  await keepScreenshots(page, 'telephone', { schemes: ['light'] })
  await page.setViewportSize({ width: 1360, height: 900 })
})

test('a page says that the database is away, keeps what it knew, and that the server is gone', async () => {
  await database.query(`ALTER TABLE ${database.flavour.table('cluster')} RENAME TO quiesce_cluster_away`)
  await see('cannot be asked')
  // Never the mode of a moment ago as if it were this one's.
  await see('Last seen read-write')
  expect(await page.locator('#mode-title').textContent()).toBe('Unknown')
  expect(await page.getByRole('button', { name: 'Freeze the cluster' }).count()).toBe(0)
  await see('storefront', '#nodes')
  await keepScreenshots(page, 'away', { schemes: ['dark'] })
  await database.query('ALTER TABLE quiesce.quiesce_cluster_away RENAME TO quiesce_cluster')
  await page.locator('#mode .note').waitFor({ state: 'detached', timeout: 10_000 })
  await server.close()
  await see('Reconnecting', '#live')
  expect(await page.locator('body[data-stale]').count()).toBe(1)
  complaints.length = 0
})
