import { chmod, lstat, mkdir } from 'node:fs/promises'
import type { Product } from './server-kind.ts'
import { TestServerError } from './test-server-error.ts'

/**
 * Creates a directory that only the current user can fill and returns it.
 *
 * The name in the shared temp directory can be guessed: never run programs that somebody else put there.
 */
export async function ownDirectory(path: string, kind: Product): Promise<string> {
  await mkdir(path, { recursive: true })
  const stats = await lstat(path)
  if (!stats.isDirectory() || stats.uid !== process.getuid?.()) {
    const message =
      `Refused to run ${kind.label} from ${path}: it is not a directory of the current user. ` +
      'Remove it, or set TMPDIR to a directory of your own.'
    throw new TestServerError(`${kind.code}_START_FAILED`, message)
  }
  await chmod(path, 0o711)
  return path
}
