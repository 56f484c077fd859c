import { once } from 'node:events'
import { expect, test } from 'vitest'
import { inSteps } from '../../src/cluster/fence-steps.ts'
import { systemClock } from '../../src/cluster/system-clock.ts'

test('work that fails ends only when nothing of it is under way, and begins nothing more (catches triggers that are made behind the back of who removes them)', async () => {
  const gate = new AbortController()
  const slow = once(gate.signal, 'abort')
  const begun: string[] = []
  const ended: string[] = []
  const steps = inSteps({
    clock: systemClock,
    pace: { tablesAtOnce: 1, oneByOne: true, parallel: 2 },
    longestWaitMs: 100,
    tables: ['refused', 'slow', 'later'],
    async attempt([table = '']) {
      begun.push(table)
      if (table === 'refused') throw new TypeError('refused')
      if (table === 'slow') await slow
      ended.push(table)
      return 'done'
    },
    untilMs: systemClock.monotonicMs() + 1000,
    onProgress: () => {},
  })
  const failure = steps.then(
    () => undefined,
    (error: unknown) => ({ error, ended: [...ended] }),
  )
  setImmediate(() => gate.abort())
  expect(await failure).toMatchObject({ error: { message: 'refused' }, ended: ['slow'] })
  expect(begun).toEqual(['refused', 'slow'])
})
