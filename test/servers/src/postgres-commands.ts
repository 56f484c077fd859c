import { escapeIdentifier } from 'pg'
import type { DatabaseCommands } from './database-commands.ts'
import { queryOnce } from './query-once.ts'

export const postgresCommands: DatabaseCommands = {
  async version(url) {
    const [row] = await queryOnce(url, 'SHOW server_version')
    return String(row?.['server_version'])
  },
  async create(serverUrl, name) {
    await queryOnce(serverUrl, `CREATE DATABASE ${escapeIdentifier(name)}`)
  },
  async drop(serverUrl, name) {
    await queryOnce(serverUrl, `DROP DATABASE IF EXISTS ${escapeIdentifier(name)} WITH (FORCE)`)
  },
}
