// What the statement analysis costs, on statements of the size that ORMs send.
// node --import tsx bench/sql/analyze.ts
import { createAnalyzer } from '../../packages/core/src/sql/analyzer.ts'
import { transactionControl } from '../../packages/core/src/sql/transaction-control.ts'

const COLUMNS = ['id', 'name', 'description', 'deck_id', 'creator_id', 'created_at', 'updated_at', 'last_used_at']
const postgres = (column: string): string => `"public"."card"."${column}"`
const mysql = (column: string): string => `\`shop\`.\`card\`.\`${column}\``

const STATEMENTS: Readonly<Record<string, readonly ['postgres' | 'mysql', string]>> = {
  'select, 8 columns': [
    'postgres',
    `SELECT ${COLUMNS.map(postgres).join(', ')} FROM "public"."card" WHERE (${postgres('id')} = $1 AND 1=1) LIMIT $2 OFFSET $3`,
  ],
  'select, 8 columns, MySQL': [
    'mysql',
    `SELECT ${COLUMNS.map(mysql).join(', ')} FROM \`shop\`.\`card\` WHERE (${mysql('id')} = ? AND 1=1) LIMIT ? OFFSET ?`,
  ],
  'update, 2 columns': [
    'postgres',
    `UPDATE "public"."card" SET "last_used_at" = $1, "updated_at" = $2 WHERE (${postgres('id')} = $3 AND 1=1) RETURNING ${postgres('id')}`,
  ],
  'insert, 8 columns': [
    'postgres',
    `INSERT INTO "public"."card" (${COLUMNS.map((column) => `"${column}"`).join(',')}) VALUES ($1,$2,$3,$4,$5,$6,$7,$8) RETURNING ${postgres('id')}`,
  ],
  'join of two, 16 aliases': [
    'postgres',
    `SELECT ${COLUMNS.map((column) => `"Card"."${column}" AS "Card_${column}", "deck"."${column}" AS "deck_${column}"`).join(', ')} FROM "card" "Card" LEFT JOIN "deck" "deck" ON "deck"."id"="Card"."deck_id" WHERE "Card"."id" = $1`,
  ],
}

/** The best of several rounds, in nanoseconds: the machine may be busy, the code is not slower for it. */
function nanoseconds(rounds: number, run: () => void): number {
  run()
  let best = Number.POSITIVE_INFINITY
  for (let batch = 0; batch < 15; batch++) {
    const started = process.hrtime.bigint()
    for (let round = 0; round < rounds; round++) run()
    best = Math.min(best, Number(process.hrtime.bigint() - started) / rounds)
  }
  return best
}

let sink = 0
for (const [name, [grammar, sql]] of Object.entries(STATEMENTS)) {
  const analyzer = createAnalyzer(grammar)
  // A new text each time: the cache must not answer, and neither may the hash that V8 keeps with a string.
  let serial = 0
  const first = nanoseconds(4000, () => {
    sink += analyzer(`${sql} -- ${serial++}`).kind.length
  })
  const cached = nanoseconds(200_000, () => {
    sink += analyzer(sql).kind.length
  })
  const peek = nanoseconds(200_000, () => {
    sink += transactionControl(sql) === undefined ? 1 : 0
  })
  console.log(
    `${name.padEnd(26)} ${sql.length} characters: first seen ${(first / 1000).toFixed(2)} us, cached ${cached.toFixed(1)} ns, peek ${peek.toFixed(1)} ns`,
  )
}
for (const sql of ['BEGIN', 'COMMIT', 'START TRANSACTION', 'SAVEPOINT typeorm_1']) {
  const cost = nanoseconds(100_000, () => {
    sink += transactionControl(sql) === undefined ? 0 : 1
  })
  console.log(`${sql.padEnd(26)} ${cost.toFixed(1)} ns`)
}
const rows = `INSERT INTO card (id, name) VALUES ${"(1, 'it''s'),".repeat(99_999)}(1, 'x')`
const bulk = createAnalyzer('postgres')
const cost = nanoseconds(1, () => {
  sink += bulk(rows).kind.length
})
console.log(`100,000 rows, ${(rows.length / 1e6).toFixed(1)} MB: ${(cost / 1e6).toFixed(0)} ms (${sink > 0})`)
