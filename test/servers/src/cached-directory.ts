import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { lockFile } from './lock-file.ts'

/**
 * Returns a directory that `build` has filled, now or in an earlier run.
 *
 * Several processes may ask at the same time: one builds, under another name so that nobody sees half of it, and the
 * others wait. It is built again when a file is missing, because cleaners of temp directories delete single old files.
 */
export async function cachedDirectory(path: string, build: (draft: string) => Promise<void>): Promise<string> {
  if (!(await isComplete(path))) {
    const lock = await lockFile(`${path}.lock`)
    try {
      if (!(await isComplete(path))) {
        if (lock.isHeld) await removeDrafts(path)
        await publish(path, build)
      }
    } finally {
      await lock.release()
    }
  }
  return content(path)
}

/** Of processes that were killed while they built. */
async function removeDrafts(path: string): Promise<void> {
  const names = await readdir(dirname(path))
  const drafts = names.filter((name) => name.startsWith(`${basename(path)}.draft-`))
  await Promise.all(drafts.map((name) => rm(join(dirname(path), name), { recursive: true, force: true })))
}

async function publish(path: string, build: (draft: string) => Promise<void>): Promise<void> {
  const draft = `${path}.draft-${randomUUID()}`
  const discarded = `${draft}.old`
  try {
    await mkdir(content(draft), { recursive: true })
    // Whatever the umask: the server may run as another user.
    await Promise.all([draft, content(draft)].map((directory) => chmod(directory, 0o755)))
    await build(content(draft))
    await writeFile(list(draft), JSON.stringify(await readdir(content(draft), { recursive: true })))
    if (existsSync(path)) await rename(path, discarded)
    await rename(draft, path)
  } catch (error) {
    // Where there is no lock, another process may have been faster; its directory is as good as ours.
    if (!(await isComplete(path))) throw error
  } finally {
    await Promise.all([draft, discarded].map((directory) => rm(directory, { recursive: true, force: true })))
  }
}

async function isComplete(path: string): Promise<boolean> {
  try {
    const expected: unknown = JSON.parse(await readFile(list(path), 'utf8'))
    const present = new Set(await readdir(content(path), { recursive: true }))
    return Array.isArray(expected) && expected.every((name) => present.has(name))
  } catch {
    return false
  }
}

function content(path: string): string {
  return join(path, 'content')
}

function list(path: string): string {
  return join(path, 'files.json')
}
