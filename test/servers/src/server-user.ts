import { statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, resolve } from 'node:path'

/** The ids a server process runs with. */
export interface ServerUser {
  readonly uid: number
  readonly gid: number
}

/** `nobody`: initdb looks its own user up, so the id has to be one that the system knows. */
const nobody = process.platform === 'darwin' ? -2 : 65534

/**
 * Returns whom the server must run as, or `undefined` for the current user.
 *
 * PostgreSQL refuses to run as root, so root hands over to `nobody`.
 */
export function serverUser(): ServerUser | undefined {
  return isRoot() ? { uid: nobody, gid: nobody } : undefined
}

/** Returns a directory for temporary files that the server's user can reach, even when the TMPDIR of root is private. */
export function serverTempDirectory(): string {
  const preferred = resolve(tmpdir())
  if (!isRoot()) return preferred
  return [preferred, '/tmp', '/var/tmp'].find(isReachableByAll) ?? preferred
}

/** True when the server's user may enter `path`. */
export function isReachableByServer(path: string): boolean {
  return !isRoot() || isReachableByAll(path)
}

function isRoot(): boolean {
  return process.getuid?.() === 0
}

/** True when every directory from `path` up to the root may be crossed by any user. */
function isReachableByAll(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined || (stats.mode & 0o001) === 0) return false
  const parent = dirname(path)
  return parent === path || isReachableByAll(parent)
}
