// Scores the statement analysis against statements with a database's own verdict.
// node --import tsx scripts/score-sql.mjs FILE[.gz] [--list KIND] : KIND is false-write, policy, session, tx or hidden.
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { createAnalyzer } from '../packages/core/src/sql/analyzer.ts'

const [file, ...flags] = process.argv.slice(2)
if (file === undefined) {
  console.error('usage: node --import tsx scripts/score-sql.mjs FILE [--list KIND]')
  process.exit(2)
}
const wanted = flags[0] === '--list' ? flags[1] : undefined
const raw = readFileSync(file)
const rows = (file.endsWith('.gz') ? gunzipSync(raw) : raw)
  .toString('utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line))

const GRAMMARS = { postgresql: 'postgres', mysql: 'mysql', mariadb: 'mariadb', sqlite: 'sqlite' }
const ACTING =
  /\b(insert|update|delete|merge|replace|truncate|create|alter|drop|grant|revoke|rename|copy|load|nextval|setval|vacuum|analyze|reindex|cluster|refresh|reassign|import|outfile|dumpfile|install|call|execute|lo_\w+)\b/i

/** The text without strings and comments, crudely: an own eye, not the scanner's. */
const bare = (sql) =>
  sql.replace(
    /'[^'\\]*(?:\\[\s\S][^'\\]*)*'|"[^"\\]*(?:\\[\s\S][^"\\]*)*"|\$(\w*)\$[\s\S]*?\$\1\$|\/\*(?!!)[\s\S]*?\*\/|--[^\n]*/g,
    ' ',
  )
const plainExplain = (sql) => /^\s*(explain|describe|desc)\b(?!\s+(format\s*=\s*\w+\s+)?analyze)/i.test(sql)
const percent = (part, whole) => `${((100 * part) / Math.max(1, whole)).toFixed(2)}%`

function score(dialect, functions) {
  const own = rows.filter((row) => row.dialect === dialect)
  const analyzer = createAnalyzer(GRAMMARS[dialect], { functions, cacheSize: 1 })
  for (const row of own.slice(0, 3000)) analyzer(`${row.sql} `)
  const started = process.hrtime.bigint()
  const verdicts = own.map((row) => analyzer(row.sql))
  const micros = Number(process.hrtime.bigint() - started) / 1000 / own.length
  const sum = { W: 0, FR: [], R: 0, FW: [], policy: 0, asRead: [], session: 0, sessionAsRead: [], sessionAgrees: 0 }
  Object.assign(sum, { tx: 0, txAgrees: 0, txOther: [], mode: 0, modeUnknown: 0, into: 0, intoAsRead: 0 })
  for (const [index, row] of own.entries()) tally(sum, row, verdicts[index])
  const visible = sum.FR.filter(({ row }) => !plainExplain(row.sql) && ACTING.test(bare(row.sql)))
  const explains = sum.FR.filter(({ row }) => plainExplain(row.sql)).length
  console.log(`== ${dialect}, functions: ${functions}`)
  console.log(
    `W ${sum.W} FR ${sum.FR.length} (visible ${visible.length}, hidden ${sum.FR.length - visible.length - explains}, plain EXPLAIN ${explains})`,
    `| R ${sum.R} FW ${sum.FW.length} (${percent(sum.FW.length, sum.R)}) | policy ${sum.policy} asRead ${sum.asRead.length}`,
    `| tx ${sum.txAgrees}/${sum.tx} | ses ${sum.sessionAgrees}/${sum.session} asRead ${sum.sessionAsRead.length}`,
    `| mode unknown ${sum.modeUnknown}/${sum.mode} | into asRead ${sum.intoAsRead}/${sum.into} | ${micros.toFixed(1)} us`,
  )
  for (const { row } of visible) console.log('  VISIBLE FALSE READ', JSON.stringify(row.sql).slice(0, 400), row.source)
  const lists = { 'false-write': sum.FW, policy: sum.asRead, session: sum.sessionAsRead, tx: sum.txOther }
  const hidden = sum.FR.filter((entry) => !visible.includes(entry) && !plainExplain(entry.row.sql))
  for (const { row, verdict } of wanted === 'hidden' ? hidden : (lists[wanted] ?? [])) {
    console.log(
      `  ${JSON.stringify(verdict).slice(0, 110)} <- ${JSON.stringify(row.sql).slice(0, 260)} ${row.cat} ${row.source}`,
    )
  }
}

function tally(sum, row, verdict) {
  const read = verdict.kind === 'read'
  if (row.oracle === 'write') {
    sum.W++
    if (read) sum.FR.push({ row, verdict })
  } else if (row.cat === 'R') {
    sum.R++
    if (!read) sum.FW.push({ row, verdict })
  } else if (row.cat.startsWith('policy:')) {
    sum.policy++
    if (read) sum.asRead.push({ row, verdict })
  } else if (row.cat === 'session') {
    sum.session++
    if (verdict.kind === 'session') sum.sessionAgrees++
    if (read) sum.sessionAsRead.push({ row, verdict })
  } else if (row.cat === 'tx') {
    sum.tx++
    if (verdict.kind === 'control') sum.txAgrees++
    else sum.txOther.push({ row, verdict })
  } else if (row.cat === 'mode') {
    sum.mode++
    if (verdict.kind === 'unknown') sum.modeUnknown++
  } else if (row.cat === 'into') {
    sum.into++
    if (read) sum.intoAsRead++
  }
}

for (const dialect of Object.keys(GRAMMARS)) {
  if (!rows.some((row) => row.dialect === dialect)) continue
  score(dialect, 'deny')
  score(dialect, 'allow')
}
