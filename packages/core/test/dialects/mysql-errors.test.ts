import { describe, expect, test } from 'vitest'
import { errorNumberOf, explain, meaningOf } from '../../src/dialects/mysql/errors.ts'
import { outcomeOf } from '../../src/dialects/mysql/outcome.ts'
import { QuiesceError } from '../../src/domain/errors.ts'

const error = (properties: object): Error => Object.assign(new Error('message'), properties)
const byServer = (errno: number): Error => error({ errno, code: 'ER_X', sqlState: 'HY000' })

/** One error as each layer hands it on. */
const wrappings: ReadonlyArray<readonly [string, (errno: number) => unknown]> = [
  ['mysql2', byServer],
  ['TypeORM', (errno) => error({ driverError: byServer(errno), query: 'UPDATE' })],
  [
    'a Prisma driver adapter',
    (errno) => error({ name: 'DriverAdapterError', cause: { kind: 'mysql', code: errno, message: 'm' } }),
  ],
  [
    'a Prisma driver adapter that knows its kind',
    (errno) => error({ cause: { kind: 'X', originalCode: String(errno) } }),
  ],
  [
    'Prisma',
    (errno) => error({ code: 'P2010', meta: { driverAdapterError: { cause: { kind: 'mysql', code: errno } } } }),
  ],
]

describe('an error of a guarded statement', () => {
  test.each(wrappings)('through %s is an answer when the server gave it', (_, wrap) => {
    for (const errno of [1062, 1205, 1213, 1290, 1317, 1451, 1644, 1792, 1969, 3024, 3101, 4025]) {
      expect(errorNumberOf(wrap(errno))).toBe(errno)
      expect(outcomeOf(wrap(errno))).toBe('answered')
    }
  })

  test.each(wrappings)(
    'through %s tells nothing when the server went away with it (catches an ack on a write that may live)',
    (_, wrap) => {
      for (const errno of [1053, 1105, 1152, 1158, 1159, 1160, 1161, 1180, 1927, 3169, 4031])
        expect(outcomeOf(wrap(errno))).toBe('unknown')
    },
  )

  test.each(wrappings)('through %s is an answer when no connection was free: nothing was sent', (_, wrap) => {
    const [raw, adapted] = [45_028, 45_028].map(wrap)
    expect(errorNumberOf(raw)).toBeUndefined()
    expect(outcomeOf(adapted)).toBe('answered')
  })

  test('of the client alone tells nothing', () => {
    for (const one of [
      error({ code: 'PROTOCOL_SEQUENCE_TIMEOUT', errorno: 'PROTOCOL_SEQUENCE_TIMEOUT' }),
      error({ code: 'PROTOCOL_CONNECTION_LOST', fatal: true }),
      error({ code: 'ECONNRESET', errno: -104 }),
      error({ code: 'ER_SOCKET_UNEXPECTED_CLOSE', errno: 45_009, sqlState: '08S01' }),
      error({ errno: 2013 }),
      error({}),
      'text',
      undefined,
    ]) {
      expect(errorNumberOf(one)).toBeUndefined()
      expect(outcomeOf(one)).toBe('unknown')
    }
    expect(outcomeOf(new QuiesceError('QUIESCE_READ_ONLY', 'm'))).toBe('answered')
  })
})

test('errors of the database are ours with its number and the driver’s error, every other error is untouched', () => {
  expect(explain(byServer(1146))).toMatchObject({ kind: 'QUIESCE_SCHEMA' })
  for (const [errno, word] of [
    [1046, 'no database'],
    [1142, 'privilege'],
    [1290, 'read-only'],
    [1665, 'binlog_format'],
    [1045, 'reached'],
    [1053, 'reached'],
  ] as const) {
    expect(explain(byServer(errno))).toMatchObject({ kind: 'QUIESCE_DATABASE', message: expect.stringContaining(word) })
  }
  expect(explain(error({ code: 'ECONNREFUSED' }))).toMatchObject({ kind: 'QUIESCE_DATABASE' })
  for (const [errno, kind] of [
    [1205, 'QUIESCE_CONTENDED'],
    [1064, 'QUIESCE_DATABASE'],
  ] as const) {
    const cause = byServer(errno)
    expect(explain(cause)).toMatchObject({ kind, data: { errno }, cause })
  }
  for (const untouched of [new TypeError('x'), new QuiesceError('QUIESCE_CLOSED', 'm')])
    expect(explain(untouched)).toBe(untouched)
  expect(meaningOf(byServer(3572))).toBe('retry')
})
