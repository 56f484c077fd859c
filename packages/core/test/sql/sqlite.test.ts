import { describe, expect, it } from 'vitest'
import { analyze } from '../../src/sql/analyze.ts'
import { type Cases, inShort } from './in-short.ts'

const CASES: readonly Cases[] = [
  {
    defect: 'a plain query is refused',
    rows: [
      ['SELECT [update], `into`, "delete" FROM card WHERE a = @into AND b = :delete AND c = $for AND d = ?1', 'read'],
      ["SELECT 'it''s \\'", 'read'],
      ['EXPLAIN QUERY PLAN DELETE FROM card', 'read'],
      ['VALUES (1), (2)', 'read'],
      ['WITH RECURSIVE n(x) AS (VALUES (1) UNION ALL SELECT x + 1 FROM n) SELECT x FROM n', 'read'],
      ['PRAGMA table_info(card)', 'read'],
      ['PRAGMA main.index_list("card")', 'read'],
      ['PRAGMA foreign_keys', 'read'],
      ['PRAGMA user_version', 'read'],
      ['SELECT "main"."card"."id" FROM "main"."card" WHERE ("main"."card"."id" = ? AND 1=1) LIMIT ? OFFSET ?', 'read'],
      ['SELECT `main`.`card`.`id` FROM `main`.`card` WHERE 1=1 LIMIT ? OFFSET ?', 'read'],
    ],
  },
  {
    defect: 'a write is missed or its columns are',
    rows: [
      ['INSERT INTO main.Card (id) VALUES (1)', 'insert main.Card'],
      ["INSERT INTO 'Card' VALUES (1)", 'insert Card'],
      ['INSERT OR IGNORE INTO card VALUES (1)', 'insert card'],
      ['INSERT OR REPLACE INTO card VALUES (1)', 'insert card + delete card'],
      ['REPLACE INTO card VALUES (1)', 'insert card + delete card'],
      [
        'INSERT INTO card VALUES (1) ON CONFLICT (id) DO NOTHING ON CONFLICT (name) DO UPDATE SET seen = 1 WHERE x ON CONFLICT DO UPDATE SET score = 2 RETURNING id',
        'insert card + update card(seen, score)',
      ],
      ['UPDATE card SET seen = 1, [score] = 2 WHERE id = 3', 'update card(seen, score)'],
      ["UPDATE card SET 'seen' = 1", 'update card(seen)'],
      ['UPDATE OR REPLACE card SET seen = 1', 'update card(seen) + delete card'],
      ['UPDATE OR IGNORE card AS c INDEXED BY i SET seen = 1 FROM deck', 'update card(seen)'],
      ['UPDATE card NOT INDEXED SET (seen, score) = (1, 2)', 'update card(seen, score)'],
      ['DELETE FROM card AS c WHERE c.id = 1 RETURNING id', 'delete card'],
      ['WITH x AS (SELECT 1) DELETE FROM card WHERE id IN x', 'delete card'],
      ['SELECT 1; DELETE FROM card', 'delete card'],
      ['SELECT 1 /* /* */; DELETE FROM card', 'delete card'],
      [
        'INSERT INTO `main`.`card` (`id`, `score`) VALUES (?,?) ON CONFLICT (`id`) DO UPDATE SET `score` = ?, `updated_at` = ? WHERE (`main`.`card`.`id` = ? AND 1=1) RETURNING `id` AS `id`',
        'insert main.card + update main.card(score, updated_at)',
      ],
      ['INSERT OR IGNORE INTO `main`.`_CardToTag` (`A`, `B`) VALUES (?,?)', 'insert main._CardToTag'],
    ],
  },
  {
    defect: 'something that changes the file or hides its effect passes',
    rows: [
      ['CREATE TABLE card (id)', 'ddl CREATE'],
      ['CREATE TRIGGER t AFTER INSERT ON card BEGIN DELETE FROM deck; END', 'ddl CREATE'],
      ['DROP TABLE card', 'ddl DROP'],
      ['VACUUM', 'ddl VACUUM'],
      ['REINDEX', 'ddl REINDEX'],
      ["ATTACH 'x.db' AS y", 'unknown'],
      ['DETACH y', 'unknown'],
      ['PRAGMA query_only = OFF', 'unknown'],
      ['PRAGMA query_only = 1', 'session'],
      ['PRAGMA foreign_keys = ON', 'session'],
      ['PRAGMA user_version = 5', 'unknown'],
      ['PRAGMA journal_mode = wal', 'unknown'],
      ['PRAGMA writable_schema(1)', 'unknown'],
      ['PRAGMA wal_checkpoint', 'unknown'],
      ["SELECT load_extension('x')", 'unknown'],
      ["SELECT writefile('x', 'y')", 'unknown'],
      ['SELECT * INTO x FROM card', 'unknown'],
      ['TRUNCATE card', 'truncate card'],
      ["SELECT $a(') ; DELETE FROM card; --')", 'unknown'],
      ["SELECT :a::b(') ; DELETE FROM card; --')", 'unknown'],
      ['SELECT [a', 'unknown'],
    ],
  },
  {
    defect: 'transaction control is mistaken',
    rows: [
      ['BEGIN', 'control begin'],
      ['BEGIN IMMEDIATE TRANSACTION', 'control begin'],
      ['END', 'control commit'],
      ['COMMIT TRANSACTION', 'control commit'],
      ['ROLLBACK TRANSACTION TO SAVEPOINT a', 'control rollback-to'],
      ['RELEASE a', 'control release'],
    ],
  },
]

describe.each(CASES)('SQLite, or else $defect', ({ rows }) => {
  it.each(rows)('%s: %s', (sql, expected) => {
    expect(inShort(analyze(sql, 'sqlite'))).toBe(expected)
  })
})
