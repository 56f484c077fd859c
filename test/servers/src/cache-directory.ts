import { chmod, lstat, mkdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { ownDirectory } from './own-directory.ts'
import type { Product } from './server-kind.ts'
import { isReachableByServer, serverTempDirectory } from './server-user.ts'

/**
 * Returns the directory for what later runs can use again: below `XDG_CACHE_HOME` or `~/.cache`, else below the temp
 * directory, which is also the place for root, because its home is usually closed to the server's user.
 */
export async function cacheDirectory(kind: Product): Promise<string> {
  const home = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache')
  const preferred = join(home, 'quiesce-test-servers')
  if (await canUse(preferred)) return preferred
  return ownDirectory(join(serverTempDirectory(), `quiesce-test-servers-${process.getuid?.() ?? 0}`), kind)
}

async function canUse(path: string): Promise<boolean> {
  try {
    await mkdir(path, { recursive: true })
    const isOwn = (await lstat(path)).uid === process.getuid?.()
    if (isOwn) await chmod(path, 0o711)
    return isOwn && isReachableByServer(path)
  } catch {
    return false
  }
}
