import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/** A lock between processes. */
export interface FileLock {
  /** False where the system has no such lock. */
  readonly isHeld: boolean
  release(): Promise<void>
}

/** Holds the lock until the end of its input, which comes with the end of this process. */
const script = 'exec flock "$0" sh -c "echo locked; exec cat"'

/**
 * Waits for an exclusive lock; the system takes it back when this process ends, even by SIGKILL.
 *
 * Where there is no program `flock` (macOS), it locks nothing: callers use it to spare work, not to be correct.
 */
export async function lockFile(path: string): Promise<FileLock> {
  const child = spawn('/bin/sh', ['-c', script, path], { stdio: ['pipe', 'pipe', 'ignore'] })
  const ended = endOf(child)
  child.stdin.on('error', () => undefined)
  const isHeld = await Promise.race([once(child.stdout, 'data').then(() => true), ended.then(() => false)])
  return {
    isHeld,
    async release() {
      child.stdin.end()
      await ended
    },
  }
}

function endOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
}
