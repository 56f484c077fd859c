import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

/**
 * Keeps a process, and what it will start, to one core; false where the system has no `taskset` (util-linux) or no other.
 *
 * Where a client and its server share cores, what a call costs depends on which of them the scheduler has put where.
 */
export function keepToCore(pid: number, core: number): boolean {
  if (availableParallelism() < 2) return false
  const { status } = spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', String(core), String(pid)])
  return status === 0
}
