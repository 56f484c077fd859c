import { realpathSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/**
 * Where the coordination tables of a database are: in a SQLite file beside it, not in the file itself.
 *
 * - SQLite has one writer at a time. A transaction of the application that has written would keep the heartbeat and the
 *   freeze out of the file: the very freeze that has to tell it to come to its end.
 * - POSIX gives the locks on a file to the process. When two copies of SQLite (this driver's and another one's, as a
 *   different version or `node:sqlite`) have the same file open, the one that closes it drops the other's locks, and the
 *   file can be corrupted ("How To Corrupt An SQLite Database File", 2.2.1). This file nobody but us opens.
 * - Nothing of it goes back in time when a backup of the database is restored: an operator's freeze stays.
 */
export function coordinationFileOf(file: string): string {
  return `${realPathOf(file)}-quiesce`
}

/** The inode that a path leads to now, or `undefined` when there is none. */
export function inodeOf(file: string): string | undefined {
  return statSync(file, { bigint: true, throwIfNoEntry: false })?.ino.toString()
}

/** Two processes that reach the file by different links must meet; the file itself may be made later. */
function realPathOf(file: string): string {
  return realPath(file) ?? join(realPath(dirname(file)) ?? dirname(file), basename(file))
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch {
    return undefined
  }
}
