import { expect, test } from 'vitest'
import { html } from '../src/view/html.ts'
import { age, countdown, duration } from '../src/view/words.ts'

test.each([
  [0, '0 ms'],
  [850, '850 ms'],
  [4200, '4.2 s'],
  [59_999, '59 s'],
  [245_000, '4 min 5 s'],
  [3_600_000, '1 h'],
  [90_000_000, '1 d 1 h'],
])('%d ms is %s', (ms, words) => expect(duration(ms)).toBe(words))

test('an age is short', () => {
  expect([age(400), age(12_000), age(130_000)]).toEqual(['0.4 s ago', '12 s ago', '2 min ago'])
})

test('a countdown ends in words', () => {
  const at = new Date('2026-01-01T12:00:00Z')
  expect(countdown(new Date(at.getTime() + 61_000), at, 'overdue').html).toContain('>01:01<')
  expect(countdown(new Date(at.getTime() + 3_723_000), at, 'overdue').html).toContain('>01:02:03<')
  expect(countdown(at, at, 'overdue').html).toContain('>overdue<')
})

test('a template escapes everything but what a template made', () => {
  expect(html`<b title="${'"<'}">${['&', html`<i>${0}</i>`, false, undefined]}</b>`.html).toBe(
    '<b title="&quot;&lt;">&amp;<i>0</i></b>',
  )
})
