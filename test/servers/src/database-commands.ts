import { mysqlCommands } from './mysql-commands.ts'
import { postgresCommands } from './postgres-commands.ts'

/** What every database server can do for us; each call uses a connection of its own. */
export interface DatabaseCommands {
  /** Returns the server's version, for example `18.4`. */
  version(url: string): Promise<string>
  create(serverUrl: string, name: string): Promise<void>
  /** Drops a database and ends its sessions; does nothing when it is already gone. */
  drop(serverUrl: string, name: string): Promise<void>
}

/** Returns the commands for the server behind a URL. */
export function databaseCommands(url: string): DatabaseCommands {
  return /^(mysql|mariadb):/.test(url) ? mysqlCommands : postgresCommands
}
