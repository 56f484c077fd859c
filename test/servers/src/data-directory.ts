import { chown, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { dataLocation } from './data-location.ts'
import { serverTempDirectory, serverUser } from './server-user.ts'

/** Where a server keeps its data. */
export interface DataDirectory {
  readonly path: string
  /** True when we made the directory up and nobody asked to keep it. */
  readonly temporary: boolean
}

/**
 * Chooses and creates the directory, owned by the user the server will run as; it is still empty afterwards.
 *
 * @param name part of the name of a temporary directory.
 */
export async function createDataDirectory(
  name: string,
  wanted: string | undefined,
  keep: boolean,
): Promise<DataDirectory> {
  if (wanted === undefined) {
    const path = await mkdtemp(join(keep ? serverTempDirectory() : await dataLocation(), `quiesce-${name}-`))
    await handOver(path)
    return { path, temporary: !keep }
  }
  const path = resolve(wanted)
  await mkdir(path, { recursive: true, mode: 0o700 })
  if ((await readdir(path)).length === 0) await handOver(path)
  return { path, temporary: false }
}

/** Removes a temporary directory; leaves any other one alone. */
export async function removeDataDirectory(directory: DataDirectory): Promise<void> {
  if (!directory.temporary) return
  // The last server processes may still be writing their files when the server was killed.
  await rm(directory.path, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
}

/** Gives a file or directory to the user the server will run as. */
export async function handOver(path: string): Promise<void> {
  const user = serverUser()
  // `>>> 0`: ids are unsigned for chown and signed for spawn.
  if (user !== undefined) await chown(path, user.uid >>> 0, user.gid >>> 0)
}
