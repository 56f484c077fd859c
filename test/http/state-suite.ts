import type { Cluster } from '@quiesce/core'
import { describe, expect, test } from 'vitest'
import { openStream } from './event-stream.ts'
import { rawRequest } from './raw-request.ts'
import { shells } from './shells/all.ts'

/** The state and the health, over every shell; freezes and thaws by itself. */
export function describeState(cluster: () => Cluster, portOf: (name: string) => number): void {
  describe('the state', () => {
    test.each(shells)('$name tells it with a tag, and not again to whoever knows it', async ({ name }) => {
      const first = await rawRequest(portOf(name), 'GET', '/quiesce/state')
      expect(first.status).toBe(200)
      expect(first.headers['content-type']).toBe('application/json')
      expect(JSON.parse(first.body)).toEqual({
        mode: 'read-write',
        writable: true,
        health: 'ok',
        epoch: cluster().state.epoch,
      })
      const etag = String(first.headers['etag'])
      const again = await rawRequest(portOf(name), 'GET', '/quiesce/state', { 'If-None-Match': `"x", W/${etag}` })
      expect([again.status, again.body, again.headers['etag']]).toEqual([304, '', etag])
      expect((await rawRequest(portOf(name), 'HEAD', '/quiesce/state')).headers['etag']).toBe(etag)
      expect((await rawRequest(portOf(name), 'GET', '/quiesce/other')).status).toBe(404)
    })

    test('of a freeze reaches the open streams of every shell at once, and only once', async () => {
      const streams = await Promise.all(shells.map(({ name }) => openStream(portOf(name))))
      for (const stream of streams) await stream.until(() => stream.events.length === 1)
      const expectedEnd = new Date(Date.now() + 60_000)
      const freeze = await cluster().freeze({ reason: 'a secret', expectedEnd })
      for (const stream of streams) {
        await stream.until(() => stream.events.at(-1)?.data['mode'] === 'read-only')
        expect(stream.response.headers['content-type']).toBe('text/event-stream')
        expect(stream.events.at(-1)?.data).toEqual({
          mode: 'read-only',
          writable: false,
          health: 'ok',
          epoch: expect.any(String),
          message: expect.stringContaining('reading works'),
          since: cluster().state.freezes[0]?.since.toISOString(),
          expectedEnd: expectedEnd.toISOString(),
        })
        expect(stream.text).not.toContain('a secret')
      }
      await freeze.thaw()
      for (const stream of streams) {
        await stream.until(() => stream.events.at(-1)?.data['mode'] === 'read-write')
        const ids = stream.events.map(({ id }) => id)
        expect(ids, 'each change once').toEqual(ids.filter((id, i) => id !== ids[i - 1]))
        stream.close()
      }
    })

    test.each(shells)('$name resumes: a client that comes back hears only what it does not know', async ({ name }) => {
      const first = await openStream(portOf(name))
      await first.until(() => first.events.length === 1)
      first.close()
      const again = await openStream(portOf(name), first.events[0]?.id)
      const stale = await openStream(portOf(name), '"read-only.ok.0."')
      await again.until(() => again.text.includes(': alive'))
      await stale.until(() => stale.events.length === 1)
      expect(again.events).toEqual([])
      again.close()
      stale.close()
    })

    test('leaves every shell alive and ready while read-only; a load balancer may ask for more', async () => {
      const paths = ['/quiesce/health/live', '/quiesce/health/ready', '/quiesce/health/ready?read-only=503']
      const statuses = () =>
        Promise.all(
          shells.map(({ name }) =>
            Promise.all(paths.map(async (path) => (await rawRequest(portOf(name), 'GET', path)).status)),
          ),
        )
      expect(await statuses()).toEqual(shells.map(() => [200, 200, 200]))
      const freeze = await cluster().freeze({ reason: 'the move' })
      expect(await statuses()).toEqual(shells.map(() => [200, 200, 503]))
      await freeze.thaw()
    })
  })
}
