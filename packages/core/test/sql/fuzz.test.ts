import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Grammar } from '../../src/sql/analysis.ts'
import { analyze } from '../../src/sql/analyze.ts'
import { createAnalyzer } from '../../src/sql/analyzer.ts'
import { transactionControl } from '../../src/sql/transaction-control.ts'

const GRAMMARS = ['postgres', 'mysql', 'mariadb', 'sqlite'] as const
const CHANGING = ['write', 'ddl', 'unknown']

/** Statements that change something; single spaces stand only where any blank or comment may. */
const WRITES: Readonly<Record<Grammar, readonly string[]>> = {
  postgres: [
    'INSERT INTO card ( id , seen ) VALUES ( 1 , $1 ) ON CONFLICT ( id ) DO UPDATE SET seen = 2 RETURNING id',
    'UPDATE ONLY shop.card AS c SET ( seen , score ) = ( 1 , 2 ) FROM deck WHERE c.id = deck.id',
    'DELETE FROM card USING deck WHERE card.id = deck.id',
    'WITH gone AS ( DELETE FROM card RETURNING * ) SELECT count ( * ) FROM gone',
    'MERGE INTO card USING n ON true WHEN MATCHED THEN DELETE',
    'SELECT * INTO attic FROM card',
    'TRUNCATE TABLE card , deck',
    "EXPLAIN ( ANALYZE , COSTS off ) DELETE FROM card WHERE note = 'a'",
    "SELECT setval ( 'card_id_seq' , 1 )",
    'CREATE TABLE card ( id int )',
    "COPY card FROM '/tmp/x'",
    'CALL cleanup ( )',
    'SET session_replication_role = replica',
  ],
  mysql: [],
  mariadb: [],
  sqlite: [
    'INSERT OR REPLACE INTO card ( id ) VALUES ( 1 )',
    'UPDATE card SET seen = 1 , [score] = 2 WHERE id = ?',
    'WITH x AS ( SELECT 1 ) DELETE FROM card',
    'CREATE TABLE card ( id )',
    'PRAGMA writable_schema = 1',
    "ATTACH 'x' AS y",
  ],
}
const MYSQL = [
  'INSERT IGNORE INTO card ( id ) VALUES ( 1 ) ON DUPLICATE KEY UPDATE seen = 2',
  'UPDATE card c JOIN deck d ON c.id = d.id SET c.seen = 1 , d.score = "x"',
  'DELETE c FROM card c JOIN deck d ON c.id = d.id',
  'REPLACE INTO card SET id = 1',
  "SELECT * FROM card INTO OUTFILE '/tmp/x'",
  "LOAD DATA INFILE 'x' INTO TABLE card",
  'EXPLAIN ANALYZE DELETE c FROM card c',
  'ALTER TABLE card ADD seen int',
  'SET @a = 1 , SESSION sql_log_bin = 0',
  'DROP TABLE card',
]
const READS = ['SELECT 1', 'SELECT \'a;b\' , "c"', 'SELECT * FROM card WHERE ( id = 1 )', '', 'VALUES ( 1 )']
const BLANKS = ['  ', '\n', '\t', '\r\n', '/**/', '/* x */', ' /* ; -- */ ', " /* ' */ ", ' -- y\n', ' -- " \n ']

const writesOf = (grammar: Grammar): readonly string[] => (WRITES[grammar].length > 0 ? WRITES[grammar] : MYSQL)

/** The statement with other blanks, comments and letter case; strings and quoted names stay. */
const disguised = (grammar: Grammar): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.constantFrom(...writesOf(grammar)),
      fc.array(fc.constantFrom(...BLANKS), { minLength: 40, maxLength: 40 }),
      fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }),
    )
    .map(([sql, blanks, flips]) =>
      sql
        .split(' ')
        .map((word, index) => (flips[index] && /^[\w.]+$/.test(word) ? word.toLowerCase() : word))
        .reduce((text, word, index) => text + (blanks[index] ?? ' ') + word, ''),
    )

describe.each(GRAMMARS)('%s', (grammar) => {
  it('reads a disguised write as a change (a comment or blank would hide it)', () => {
    fc.assert(
      fc.property(disguised(grammar), (sql) => {
        expect(CHANGING).toContain(analyze(sql, grammar).kind)
      }),
      { numRuns: 250 },
    )
  })

  it('reads a stack with a write anywhere as a change (only the first statement would be looked at)', () => {
    const reads = fc.array(fc.constantFrom(...READS), { maxLength: 4 })
    fc.assert(
      fc.property(reads, disguised(grammar), reads, (before, write, behind) => {
        expect(CHANGING).toContain(analyze([...before, write, ...behind].join(' ; '), grammar).kind)
      }),
      { numRuns: 250 },
    )
  })

  it('names the quoted table, whatever its name holds (an exempt name inside of it would vouch for it)', () => {
    const open = grammar === 'mysql' || grammar === 'mariadb' ? '`' : '"'
    const name = fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => !text.includes('\0'))
    fc.assert(
      fc.property(name, name, (table, column) => {
        const quote = (text: string): string => open + text.replaceAll(open, open + open) + open
        expect(analyze(`UPDATE ${quote(table)} SET ${quote(column)} = 1`, grammar)).toEqual({
          kind: 'write',
          writes: [{ operation: 'update', schema: undefined, table, columns: [column] }],
        })
      }),
      { numRuns: 300 },
    )
  })

  it('says something about any text (an exception would break the caller)', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(...READS, ...writesOf(grammar)),
      fc.constantFrom(
        ...`' " \` ( ) [ ] ; , . $$ $a$ /* */ /*! -- # \\ \n @ @@ := = : ? WITH AS INTO UPDATE SET ON CONFLICT DO FROM EXPLAIN
        ANALYZE CASE END E' U&" SELECT DELETE MERGE THEN WHEN FOR COPY TO`.split(/ |(?<=\\n)/),
      ),
    )
    const strict = createAnalyzer(grammar, { functions: 'allow' })
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const sql = pieces.join(' ')
        expect(analyze(sql, grammar)).toHaveProperty('kind')
        expect(strict(sql)).toHaveProperty('kind')
        transactionControl(sql)
      }),
      { numRuns: 300 },
    )
  })

  it('reads an insert of 100,000 rows (recursion would overflow the stack)', () => {
    const sql = `INSERT INTO card (id, name) VALUES ${"(1, 'it''s'),".repeat(99_999)}(1, 'x')`
    expect(analyze(sql, grammar)).toEqual({
      kind: 'write',
      writes: [{ operation: 'insert', schema: undefined, table: 'card', columns: 'all' }],
    })
  })
})

describe.each(['postgres', 'mysql'] as const)('%s', (grammar) => {
  const PIECES =
    `( () ' '' /* /*!*/ CASE [ a. $a @ ; f( ).f( '\\'_ --\r E'\\'\n' WITH_a_AS_( EXPLAIN_ANALYZE_ (DELETE_FROM_t_
    on_conflict_ ON_DUPLICATE_KEY_UPDATE_a=1, a,_ then_`
      .split(/[ ]+|\n +/)
      .map((piece) => piece.replaceAll('_', ' '))

  it.each(PIECES)('takes time linear in the length of repeated %j (a long text would block the process)', (piece) => {
    for (const head of ['UPDATE t SET a = ', 'INSERT INTO t SELECT ']) {
      const sql = head + piece.repeat(200_000 / piece.length)
      // The processor's time, which other work on the machine does not stretch.
      const started = process.cpuUsage()
      analyze(sql, grammar)
      const { user, system } = process.cpuUsage(started)
      expect((user + system) / 1000).toBeLessThan(1500)
    }
  })
})
