import { ReadOnlyError } from '@quiesce/core'
import { describe, expect, test } from 'vitest'
import { type Answer, answerTo } from '../src/answer.ts'
import type { AnswerOptions } from '../src/http-options.ts'
import { refusalIn } from '../src/refusal-in.ts'

const inSeconds = (seconds: number): Date => new Date(Date.now() + seconds * 1000)

type Context = Partial<ConstructorParameters<typeof ReadOnlyError>[1]>

const errorWith = (context: Context = {}): ReadOnlyError =>
  new ReadOnlyError(
    { operation: 'update', table: 'secret_table', model: 'Secret' },
    { because: 'freeze', status: 403, reason: 'secret <b>', freezeId: 'f1', epoch: '7', ...context },
  )

const answer = (error: ReadOnlyError, options: AnswerOptions = {}, accept?: string): Answer =>
  answerTo(error, accept, { expose: false, retryAfterJitter: 0.2, ...options })

describe('the status', () => {
  const rows: ReadonlyArray<readonly [string, AnswerOptions['status'], Context, number]> = [
    ['the cluster’s', undefined, {}, 403],
    ['the cluster’s', undefined, { status: 423 }, 423],
    ['a number', 503, {}, 503],
    ['auto, without an end', 'auto', {}, 403],
    ['auto, with an end', 'auto', { expectedEnd: inSeconds(30) }, 503],
    ['auto, of a node that lost its lease', 'auto', { because: 'lease-lost' }, 503],
    ['a function', () => 429, {}, 429],
    ['a function that gives no error status', () => 200, {}, 403],
    ['a function that gives nonsense', () => Number.NaN, {}, 403],
  ]
  test.each(rows)('is %s', (_what, status, context, expected): void => {
    const { status: given, body } = answer(errorWith(context), status === undefined ? {} : { status })
    expect([given, JSON.parse(body).status]).toEqual([expected, expected])
  })
})

describe('Retry-After', () => {
  const retryAfter = (seconds: number, options?: AnswerOptions): number =>
    Number(answer(errorWith({ expectedEnd: inSeconds(seconds) }), options).headers['retry-after'])

  test('is never before the end, and not the same for all (catches all clients coming back at once)', () => {
    const all = Array.from({ length: 200 }, () => retryAfter(100))
    expect(Math.min(...all)).toBeGreaterThanOrEqual(100)
    expect(Math.max(...all)).toBeLessThanOrEqual(121)
    expect(new Set(all).size).toBeGreaterThan(5)
  })

  test('is at least a second, also when the end has passed', () => {
    expect(retryAfter(-60, { retryAfterJitter: 0 })).toBe(1)
  })

  test('is left out when nobody knows the end', () => {
    expect(answer(errorWith()).headers).not.toHaveProperty('retry-after')
    expect(JSON.parse(answer(errorWith()).body)).not.toHaveProperty('retryAfter')
  })
})

describe('what is told', () => {
  test('keeps table, model, operation and reason back, unless they are exposed', () => {
    for (const accept of ['text/html', 'application/json']) {
      expect(answer(errorWith(), {}, accept).body).not.toMatch(/secret/i)
    }
    expect(JSON.parse(answer(errorWith(), { expose: true }).body)).toMatchObject({
      reason: 'secret <b>',
      operation: 'update',
      table: 'secret_table',
      model: 'Secret',
    })
  })

  test('is escaped in the page', () => {
    const { body } = answer(errorWith(), { expose: true, message: '<script>alert("x")</script>&' }, 'text/html')
    expect(body).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;')
    expect(body).toContain('secret &lt;b&gt;')
    expect(body).not.toContain('<script>')
  })

  test('is said in the application’s own words', () => {
    const end: Date = inSeconds(5)
    const message = ({ expectedEnd }: { expectedEnd: Date | undefined }) => `Bis ${expectedEnd?.toISOString()}`
    const error = errorWith({ expectedEnd: end })
    expect(JSON.parse(answer(error, { message }).body).detail).toBe(`Bis ${end.toISOString()}`)
    const page = ({ detail, status }: Readonly<Record<string, unknown>>) => `${status} ${detail}`
    expect(answer(error, { message, page }, 'text/html').body).toBe(`403 Bis ${end.toISOString()}`)
  })

  test('survives functions that throw or give nonsense, and says so (catches a refusal that ends the process)', () => {
    const lines: string[] = []
    const note = (_about: object, line: string): void => void lines.push(line)
    const fails = (): never => {
      throw new Error('x')
    }
    const logger = { debug: note, info: note, warn: note, error: note }
    const all = { status: fails, message: fails, page: fails, logger }
    const { status, body } = answer(errorWith(), all, 'text/html')
    expect([status, body]).toEqual([403, answer(errorWith(), {}, 'text/html').body])
    const nonsense = { status: () => 200, message: () => 7 as never, logger }
    expect(answer(errorWith(), nonsense).body).toBe(answer(errorWith()).body)
    expect(lines.map((line) => line.split(' ')[2]).sort()).toEqual(['message', 'message', 'page', 'status', 'status'])
  })

  test.each([
    [undefined, false],
    ['', false],
    ['*/*', false],
    ['application/json', false],
    ['text/html', true],
    ['text/html,application/xhtml+xml,*/*;q=0.8', true],
    ['application/json, text/html;q=0.5', false],
    ['text/html;q=0', false],
    ['text/html;q=nonsense;;;,,,', false],
    [`text/html${',a/b'.repeat(5000)}`, false],
  ])('is a page for Accept %j: %j', (accept, isPage) => {
    const type = answer(errorWith(), {}, accept).headers['content-type']
    expect(type).toBe(isPage ? 'text/html; charset=utf-8' : 'application/problem+json')
  })
})

describe('the refusal in an error', () => {
  const refusal = errorWith()

  test('is found however it was wrapped', () => {
    expect(refusalIn(refusal)).toBe(refusal)
    expect(refusalIn(new Error('x', { cause: new Error('y', { cause: refusal }) }))).toBe(refusal)
    expect(refusalIn({ originalError: { driverError: refusal } })).toBe(refusal)
  })

  test('is not found in anything else, also when it goes round in circles', () => {
    const circle: { cause?: unknown; originalError?: unknown } = {}
    circle.cause = { cause: circle, originalError: circle }
    circle.originalError = circle.cause
    for (const error of [undefined, null, 'x', 7, new Error('x'), { kind: 'QUIESCE_READ_ONLY' }, circle]) {
      expect(refusalIn(error)).toBeUndefined()
    }
  })
})
