import type { DatabaseCommands } from './database-commands.ts'
import { type MysqlSession, queryMysqlOnce, withMysqlSession } from './query-mysql-once.ts'

export const mysqlCommands: DatabaseCommands = {
  async version(url) {
    const [row] = await queryMysqlOnce(url, 'SELECT VERSION() AS version')
    const version = String(row?.['version'])
    // The full one of MariaDB is like 10.11.18-MariaDB-0+deb12u1.
    return /^[\d.]+/.exec(version)?.[0] ?? version
  },
  async create(serverUrl, name) {
    await queryMysqlOnce(serverUrl, `CREATE DATABASE ${quote(name)} CHARACTER SET utf8mb4`)
  },
  async drop(serverUrl, name) {
    await withMysqlSession(serverUrl, async (session) => {
      // A transaction left open would hold up the DROP, by default for a year.
      await endSessions(session, name)
      await session.query('SET SESSION lock_wait_timeout = 10')
      await session.query(`DROP DATABASE IF EXISTS ${quote(name)}`)
    })
  },
}

async function endSessions(session: MysqlSession, database: string): Promise<void> {
  const sessions = await session.query('SHOW FULL PROCESSLIST')
  for (const { Id, db } of sessions) {
    if (db === database) await session.query(`KILL CONNECTION ${Number(Id)}`).catch(ignoreGone)
  }
}

/** The session may have ended by itself. */
function ignoreGone(error: unknown): void {
  const isGone = error instanceof Error && 'code' in error && error.code === 'ER_NO_SUCH_THREAD'
  if (!isGone) throw error
}

function quote(identifier: string): string {
  return `\`${identifier.replaceAll('`', '``')}\``
}
