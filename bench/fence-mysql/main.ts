// What the fence costs on MySQL or MariaDB: raising and lowering it, and writes that pass it.
// node --import tsx bench/fence-mysql/main.ts mysql 200
import { createHash } from 'node:crypto'
import { startMariadb, startMysql } from '@quiesce/test-servers'
import mysql from 'mysql2/promise'
import { mysqlDialect } from '../../packages/core/src/dialects/mysql/mysql-dialect.ts'
import { compileExemptions } from '../../packages/core/src/domain/exemption.ts'
import type { FenceBackend, FenceStep, TableRef } from '../../packages/core/src/domain/fence.ts'

const [product = 'mysql', count = '200'] = process.argv.slice(2)
const TABLES = Number(count)
const ROUNDS = 15
const WRITES = 200
const TOKEN = 'bench.secret'
const bound = { lockWaitMs: 200 }

await using server = await (product === 'mariadb' ? startMariadb : startMysql)({ binlog: true })
const url = await server.createDatabase('bench')
const writer = await mysql.createConnection(url.replace(/^\w+/, 'mysql'))
for (let n = 0; n < TABLES; n += 1)
  await writer.query(`CREATE TABLE t${n} (id int PRIMARY KEY, v int, name varchar(100), seen int)`)
for (const table of ['t0', 't1', 't2']) {
  for (let n = 0; n < WRITES; n += 1) await writer.query(`INSERT INTO ${table} VALUES (${n}, 0, 'some name', 0)`)
}

const connection = {
  applicationName: 'bench',
  connectionTimeoutMs: 5000,
  statementTimeoutMs: 15_000,
  poolSize: 2,
  ownSessions: true,
}
const executor = mysqlDialect.connect(url, connection)
const location = { schema: undefined, tablePrefix: 'quiesce_' }
const fence = mysqlDialect.createFence?.(executor, { namespace: 'bench', location, synchronousCommit: 'on' })
if (fence === undefined) throw new Error('no fence')
const mark = { scope: fence.scope, epoch: '1', freeze: '0123456789ab' }
const tokenDigest = createHash('sha256').update(TOKEN).digest('hex')
const spec = { ...mark, freezeId: '01234567-89ab-4000-8000-000000000000', reason: 'bench', nonce: 'bench', tokenDigest }
await writer.query('CREATE TABLE quiesce_freeze (id char(36) PRIMARY KEY, nonce varchar(64), ended_at datetime)')
await writer.query('INSERT INTO quiesce_freeze VALUES (?, ?, NULL)', [spec.freezeId, spec.nonce])
const policy = compileExemptions({ t0: true, t1: ['seen'] }, undefined)
const { tables } = await fence.survey({ policy, selection: {}, defaultSchema: undefined })

console.log(`${product} ${server.version}, ${tables.length} tables, binary log on`)
console.log(`  ${'survey'.padEnd(44)} ${await took(() => surveyed(fence))}`)
await fence.prepare(spec)
console.log(
  `  ${'raise'.padEnd(44)} ${await took(() => onAll(fence, tables, (some) => fence.raise(spec, some, bound)))}`,
)
await writer.query('SET @quiesce_token = ?', [TOKEN])
await compareWrites()
console.log(`  ${'disarm'.padEnd(44)} ${await took(async () => void (await fence.disarm?.(mark)))}`)
console.log(
  `  ${'lower'.padEnd(44)} ${await took(() => onAll(fence, tables, (some) => fence.lower(mark, some, bound)))}`,
)
await fence.clear(mark)
await executor.close()
await writer.end()

async function surveyed({ survey }: FenceBackend): Promise<void> {
  await survey({ policy, selection: {}, defaultSchema: undefined, mark })
}

/** As the cluster does it: some tables an attempt, some attempts at once. */
async function onAll<T extends TableRef>(
  { pace }: FenceBackend,
  all: readonly T[],
  attempt: (some: readonly T[]) => Promise<FenceStep>,
): Promise<void> {
  const groups = Array.from({ length: Math.ceil(all.length / pace.tablesAtOnce) }, (_, n) =>
    all.slice(n * pace.tablesAtOnce, (n + 1) * pace.tablesAtOnce),
  )
  const queue = groups.values()
  const worker = async (): Promise<void> => {
    for (const group of queue) while ((await attempt(group)) === 'busy');
  }
  await Promise.all(Array.from({ length: pace.parallel }, worker))
}

async function took(work: () => Promise<void> | undefined): Promise<string> {
  const startedAtMs = performance.now()
  await work()
  return `${(performance.now() - startedAtMs).toFixed(0)} ms`
}

/** Writes of one row, each a transaction of its own, in turns: the medians of the rounds and of their ratios. */
async function compareWrites(): Promise<void> {
  const kinds = [
    ['a table without a fence', 't0', 'name'],
    ['an exempt column', 't1', 'seen'],
    ['the holder', 't2', 'name'],
  ] as const
  const rounds: number[][] = kinds.map(() => [])
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [n, [, table, column]] of kinds.entries()) {
      const startedAtMs = performance.now()
      for (let id = 0; id < WRITES; id += 1)
        await writer.query(`UPDATE ${table} SET ${column} = ? WHERE id = ?`, [round, id])
      rounds[n]?.push(((performance.now() - startedAtMs) / WRITES) * 1000)
    }
  }
  for (const [n, [what]] of kinds.entries()) {
    const times = rounds[n] ?? []
    const ratio = median(times.map((time, round) => time / (rounds[0]?.[round] ?? Number.NaN)))
    console.log(`  ${`a write: ${what}`.padEnd(44)} ${median(times).toFixed(0)} µs, ratio ${ratio.toFixed(2)}`)
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
