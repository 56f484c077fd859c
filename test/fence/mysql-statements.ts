/** What the database does with a statement while the fence of triggers stands. */
export type Verdict = 'refused' | 'passes'

/** One way to write, and what becomes of it. */
export interface Slip {
  readonly what: string
  /** Run one after the other on one connection; the last one is judged. */
  readonly sql: readonly string[]
  readonly verdict: Verdict
  /** Left out: both. */
  readonly only?: 'mysql' | 'mariadb'
  /** What becomes of it where the schema is READ ONLY. Left out: it is refused. */
  readonly schema?: { readonly verdict: 'passes'; readonly because: string }
  /** Why it passes, where that is not what one would expect. */
  readonly because?: string
}

/** Exemptions of the freeze under which {@link slips} are judged. */
export const exempt = { card: ['seen'], note: true, dept: true } as const

/** Tables, rows and routines that {@link slips} work on. */
export const setup: readonly string[] = [
  'CREATE TABLE t (id int PRIMARY KEY, v int, b varchar(20)) COLLATE utf8mb4_general_ci',
  'CREATE TABLE t2 (id int PRIMARY KEY, v int)',
  "INSERT INTO t VALUES (1, 1, 'x'), (2, 2, 'y')",
  'INSERT INTO t2 VALUES (1, 1), (2, 2)',
  'CREATE TABLE flat (id int PRIMARY KEY, v int) ENGINE = MyISAM',
  'INSERT INTO flat VALUES (1, 1)',
  'CREATE TABLE part (id int PRIMARY KEY, v int) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20))',
  'INSERT INTO part VALUES (1, 1), (11, 1)',
  'CREATE TABLE swap (id int PRIMARY KEY, v int)',
  'CREATE TABLE parent (id int PRIMARY KEY)',
  'CREATE TABLE child (id int PRIMARY KEY, p int, FOREIGN KEY (p) REFERENCES parent (id) ON DELETE CASCADE ON UPDATE CASCADE)',
  'INSERT INTO parent VALUES (1), (2)',
  'INSERT INTO child VALUES (1, 1), (2, 2)',
  'CREATE TABLE dept (id int PRIMARY KEY)',
  'CREATE TABLE staff (id int PRIMARY KEY, d int, FOREIGN KEY (d) REFERENCES dept (id) ON DELETE CASCADE ON UPDATE CASCADE)',
  'CREATE TABLE desk (id int PRIMARY KEY, d int, FOREIGN KEY (d) REFERENCES dept (id) ON DELETE SET NULL)',
  'INSERT INTO dept VALUES (1), (2), (3)',
  'INSERT INTO staff VALUES (1, 1), (2, 2)',
  'INSERT INTO desk VALUES (1, 3)',
  'CREATE TABLE card (id int PRIMARY KEY, b varchar(20), j json, seen int, n int) COLLATE utf8mb4_general_ci',
  `INSERT INTO card VALUES (1, 'x', '{"a":1}', 0, NULL)`,
  "CREATE TRIGGER card_rule BEFORE UPDATE ON card FOR EACH ROW SET NEW.b = IF(NEW.seen = 99, 'changed', NEW.b)",
  'CREATE TABLE note (id int PRIMARY KEY, v int)',
  'CREATE VIEW seen_t AS SELECT id, v FROM t',
  'CREATE PROCEDURE change_t() SQL SECURITY DEFINER UPDATE t SET v = 9',
  `CREATE PROCEDURE swallow() BEGIN
    BEGIN
      DECLARE CONTINUE HANDLER FOR SQLEXCEPTION GET DIAGNOSTICS CONDITION 1 @swallowed = MESSAGE_TEXT;
      UPDATE t SET v = 9;
    END;
    IF (SELECT MAX(v) FROM t) < 9 THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = @swallowed; END IF;
  END`,
]

/** Run on MariaDB on top. */
export const mariadbSetup: readonly string[] = ['CREATE SEQUENCE counter']

const file = `/tmp/quiesce-slip-${process.pid}`

/** Every way to write that the laboratory knew of; `{wrong}` stands for a token that is not the holder's. */
export const slips: readonly Slip[] = [
  { what: 'INSERT', sql: ['INSERT INTO t VALUES (3, 3, NULL)'], verdict: 'refused' },
  { what: 'INSERT IGNORE', sql: ['INSERT IGNORE INTO t VALUES (3, 3, NULL)'], verdict: 'refused' },
  { what: 'INSERT … SELECT', sql: ['INSERT INTO t2 SELECT id + 10, v FROM t'], verdict: 'refused' },
  {
    what: 'INSERT … SELECT of no rows',
    sql: ['INSERT INTO t2 SELECT id, v FROM t WHERE false'],
    verdict: 'passes',
    because: 'nothing is written',
  },
  {
    what: 'INSERT … ON DUPLICATE KEY UPDATE',
    sql: ['INSERT INTO t2 VALUES (1, 5) ON DUPLICATE KEY UPDATE v = 5'],
    verdict: 'refused',
  },
  {
    what: 'INSERT … RETURNING',
    sql: ['INSERT INTO t2 VALUES (7, 7) RETURNING id'],
    verdict: 'refused',
    only: 'mariadb',
  },
  { what: 'REPLACE', sql: ['REPLACE INTO t2 VALUES (1, 5)'], verdict: 'refused' },
  {
    what: 'LOAD DATA',
    sql: [`SELECT 8, 8 INTO OUTFILE '${file}-1'`, `LOAD DATA INFILE '${file}-1' INTO TABLE t2`],
    verdict: 'refused',
  },
  {
    what: 'LOAD DATA … REPLACE',
    sql: [`SELECT 1, 8 INTO OUTFILE '${file}-2'`, `LOAD DATA INFILE '${file}-2' REPLACE INTO TABLE t2`],
    verdict: 'refused',
  },
  {
    what: 'LOAD DATA … IGNORE',
    sql: [`SELECT 8, 8 INTO OUTFILE '${file}-3'`, `LOAD DATA INFILE '${file}-3' IGNORE INTO TABLE t2`],
    verdict: 'refused',
  },
  { what: 'UPDATE', sql: ['UPDATE t SET v = 5'], verdict: 'refused' },
  { what: 'UPDATE IGNORE', sql: ['UPDATE IGNORE t SET v = 5'], verdict: 'refused' },
  { what: 'UPDATE that changes nothing', sql: ['UPDATE t SET v = v'], verdict: 'refused' },
  {
    what: 'UPDATE of no rows',
    sql: ['UPDATE t SET v = 5 WHERE false'],
    verdict: 'passes',
    because: 'nothing is written',
  },
  { what: 'UPDATE of two tables', sql: ['UPDATE t2 JOIN t USING (id) SET t.v = 5'], verdict: 'refused' },
  {
    what: 'WITH … UPDATE',
    sql: ['WITH one AS (SELECT 1 AS id) UPDATE t JOIN one USING (id) SET v = 5'],
    verdict: 'refused',
    only: 'mysql',
  },
  { what: 'DELETE', sql: ['DELETE FROM t2'], verdict: 'refused' },
  { what: 'DELETE IGNORE', sql: ['DELETE IGNORE FROM t2'], verdict: 'refused' },
  { what: 'DELETE from two tables', sql: ['DELETE QUICK t, t2 FROM t JOIN t2 USING (id)'], verdict: 'refused' },
  { what: 'through a view', sql: ['UPDATE seen_t SET v = 5'], verdict: 'refused' },
  { what: 'in a procedure of another user', sql: ['CALL change_t()'], verdict: 'refused' },
  { what: 'in a procedure that swallows errors', sql: ['CALL swallow()'], verdict: 'refused' },
  { what: 'PREPARE and EXECUTE', sql: ["PREPARE p FROM 'UPDATE t SET v = 5'", 'EXECUTE p'], verdict: 'refused' },
  { what: 'in an XA transaction', sql: ["XA START 'x'", 'UPDATE t SET v = 5'], verdict: 'refused' },
  { what: 'MyISAM', sql: ['UPDATE flat SET v = 5'], verdict: 'refused' },
  { what: 'a partitioned table', sql: ['UPDATE part SET v = 5'], verdict: 'refused' },
  { what: 'a partition by name', sql: ['INSERT INTO part PARTITION (p1) VALUES (12, 1)'], verdict: 'refused' },
  { what: 'under LOCK TABLES … WRITE', sql: ['LOCK TABLES t WRITE', 'UPDATE t SET v = 5'], verdict: 'refused' },
  {
    what: 'with foreign_key_checks = 0',
    sql: ['SET foreign_key_checks = 0', 'DELETE FROM parent'],
    verdict: 'refused',
  },
  {
    what: "with sql_mode = '' and sql_log_bin = 0",
    sql: ["SET sql_mode = '', sql_log_bin = 0", 'UPDATE t SET v = 5'],
    verdict: 'refused',
  },
  {
    what: 'SELECT … FOR UPDATE',
    sql: ['SELECT * FROM t FOR UPDATE'],
    verdict: 'passes',
    because: 'nothing is written',
  },
  { what: 'a foreign key’s cascade from a fenced table', sql: ['DELETE FROM parent WHERE id = 1'], verdict: 'refused' },
  {
    what: 'a foreign key’s ON UPDATE CASCADE from a fenced table',
    sql: ['UPDATE parent SET id = 7 WHERE id = 2'],
    verdict: 'refused',
  },
  {
    what: 'a foreign key’s cascade from an exempt table',
    sql: ['DELETE FROM dept WHERE id = 1'],
    verdict: 'passes',
    because: 'told as the gap `cascade`',
  },
  {
    what: 'a foreign key’s ON UPDATE CASCADE from an exempt table',
    sql: ['UPDATE dept SET id = 7 WHERE id = 2'],
    verdict: 'passes',
    because: 'told as the gap `cascade`',
  },
  {
    what: 'a foreign key’s SET NULL from an exempt table',
    sql: ['DELETE FROM dept WHERE id = 3'],
    verdict: 'passes',
    because: 'told as the gap `cascade`',
  },
  { what: 'an exempt table', sql: ['INSERT INTO note VALUES (1, 1)'], verdict: 'passes', because: 'exempt' },
  { what: 'an exempt column', sql: ['UPDATE card SET seen = seen + 1'], verdict: 'passes', because: 'exempt' },
  {
    what: 'an exempt column, others assigned to themselves',
    sql: ['UPDATE card SET seen = seen + 1, b = b, j = j'],
    verdict: 'passes',
    because: 'exempt',
  },
  { what: 'an exempt column and another one', sql: ["UPDATE card SET seen = seen + 1, b = 'z'"], verdict: 'refused' },
  { what: 'another column, in case only', sql: ["UPDATE card SET b = 'X'"], verdict: 'refused' },
  { what: 'another column, by a trailing blank', sql: ["UPDATE card SET b = 'x '"], verdict: 'refused' },
  { what: 'another column, from NULL', sql: ['UPDATE card SET n = 1'], verdict: 'refused' },
  { what: 'another column, JSON', sql: [`UPDATE card SET j = '{"a":2}'`], verdict: 'refused' },
  { what: 'another column, by a trigger of the application', sql: ['UPDATE card SET seen = 99'], verdict: 'refused' },
  {
    what: 'INSERT into a table with an exempt column',
    sql: ['INSERT INTO card (id, seen) VALUES (9, 9)'],
    verdict: 'refused',
  },
  {
    what: 'upsert into a table with an exempt column',
    sql: ['INSERT INTO card (id, seen) VALUES (1, 9) ON DUPLICATE KEY UPDATE seen = 9'],
    verdict: 'refused',
  },
  {
    what: 'a temporary table',
    sql: ['CREATE TEMPORARY TABLE mine (id int)', 'INSERT INTO mine VALUES (1)'],
    verdict: 'passes',
    because: 'nobody else sees it',
    schema: { verdict: 'passes', because: 'nobody else sees it' },
  },
  {
    what: 'with the holder’s token',
    sql: ['SET @quiesce_token = {token}', 'UPDATE t SET v = 1'],
    verdict: 'passes',
    because: 'the holder’s',
  },
  {
    what: 'with the holder’s token among others',
    sql: ["SET @quiesce_token = CONCAT('a.b,', {token}, ',c.d')", 'UPDATE t SET v = 1'],
    verdict: 'passes',
    because: 'the holder’s',
  },
  {
    what: 'with the token of another freeze',
    sql: ["SET @quiesce_token = 'a.b'", 'UPDATE t SET v = 5'],
    verdict: 'refused',
  },
  {
    what: 'with a token that is a number, bytes or a list of blanks',
    sql: ['SET @quiesce_token = 1', 'UPDATE t SET v = 5'],
    verdict: 'refused',
  },
  {
    what: 'with the token’s digest as the token',
    sql: ['SET @quiesce_token = SHA2({token}, 256)', 'UPDATE t SET v = 5'],
    verdict: 'refused',
  },
  {
    what: 'with the token in capitals',
    sql: ['SET @quiesce_token = UPPER({token})', 'UPDATE t SET v = 5'],
    verdict: 'refused',
  },
  {
    what: 'NEXTVAL of a sequence',
    sql: ['SELECT NEXTVAL(counter)'],
    verdict: 'passes',
    only: 'mariadb',
    because: 'told as the gap `sequence`',
  },
  { what: 'RENAME TABLE, then UPDATE', sql: ['RENAME TABLE t TO moved', 'UPDATE moved SET v = 5'], verdict: 'refused' },
  {
    what: 'ALTER TABLE … ADD COLUMN',
    sql: ['ALTER TABLE t2 ADD COLUMN w int DEFAULT 1'],
    verdict: 'passes',
    because: 'DDL',
  },
  {
    what: 'ALTER TABLE … AUTO_INCREMENT',
    sql: ['ALTER TABLE t2 AUTO_INCREMENT = 100'],
    verdict: 'passes',
    because: 'DDL',
  },
  { what: 'TRUNCATE', sql: ['TRUNCATE t2'], verdict: 'passes', because: 'DDL' },
  {
    what: 'ALTER TABLE … TRUNCATE PARTITION',
    sql: ['ALTER TABLE part TRUNCATE PARTITION p0'],
    verdict: 'passes',
    because: 'DDL',
  },
  {
    what: 'ALTER TABLE … EXCHANGE PARTITION',
    sql: ['ALTER TABLE part EXCHANGE PARTITION p1 WITH TABLE swap'],
    verdict: 'passes',
    because: 'DDL',
  },
  {
    what: 'CREATE TABLE … SELECT',
    sql: ['CREATE TABLE copy SELECT * FROM parent'],
    verdict: 'passes',
    because: 'DDL; fenced when the holder looks next',
  },
  { what: 'DROP TABLE', sql: ['DROP TABLE flat'], verdict: 'passes', because: 'DDL' },
]
