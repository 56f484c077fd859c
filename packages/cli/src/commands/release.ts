import type { LockRecord } from '@quiesce/core'
import { z } from 'zod'
import { defineCommand, type QuiesceCommand } from '../command.ts'
import { confirm } from '../confirm.ts'
import { locksDocumentOf } from '../documents/lock-document.ts'
import { EXIT } from '../exit-code.ts'
import { lockTable } from '../output/lock-table.ts'
import { counted, duration, plain } from '../output/words.ts'
import { misuse } from '../usage-error.ts'

/** `quiesce release`: frees locks without asking their holders. */
export const release: QuiesceCommand = defineCommand({
  name: 'release',
  summary: 'free a lock without asking its holder, or all whose lease is over',
  arguments: [['[lock]', 'the name of the lock']],
  flags: [
    { flags: '--dead', description: 'all locks whose lease is over' },
    { flags: '--reason <text>', description: 'why a held lock is taken away; recorded', env: 'QUIESCE_REASON' },
    { flags: '--dry-run', description: 'say what would be freed' },
    { flags: '--yes', description: 'do not ask' },
  ],
  notes: 'Whoever held a lock learns that it is lost when it next renews; its fencing token stays behind for good.',
  input: z.strictObject({
    lock: z.string().optional(),
    dead: z.boolean().default(false),
    reason: z.string().trim().min(1).optional(),
    dryRun: z.boolean().default(false),
    yes: z.boolean().default(false),
  }),
  async act(context, { lock: name, dead, reason, dryRun, yes }) {
    if ((name === undefined) !== dead) throw misuse('Name one lock, or pass --dead for those whose lease is over.')
    const cluster = await context.cluster()
    const all = await cluster.locks()
    const chosen = all.filter((lock) => (dead ? isDead(lock) : lock.name === name && lock.holder !== undefined))
    if (dryRun) {
      context.print(locksDocumentOf('quiesce.locks/1', chosen), ({ locks }) =>
        locks.length === 0 ? 'Nothing would be freed.' : `Would be freed:\n${lockTable(locks)}`,
      )
      return EXIT.ok
    }
    if (name !== undefined && chosen[0] !== undefined) {
      if (reason === undefined) throw misuse(`Freeing a lock that somebody holds needs --reason, which is recorded.`)
      await confirm(context.terminal, warning(chosen[0]), yes)
    }
    const freed = await cluster.releaseLocks(
      dead ? { dead: true } : { name: name ?? '', force: true, reason: reason ?? 'free' },
    )
    context.print(locksDocumentOf('quiesce.released/1', freed), ({ locks }) =>
      locks.length === 0
        ? 'Nothing was held; nothing was freed.'
        : `Freed ${counted(locks.length, 'lock')}:\n${lockTable(locks)}`,
    )
    return EXIT.ok
  },
})

function isDead({ holder, leaseRemainingMs }: LockRecord): boolean {
  return holder !== undefined && leaseRemainingMs !== undefined && leaseRemainingMs <= 0
}

function warning({ name, owner, heldForMs, leaseRemainingMs = 0 }: LockRecord): string {
  const lease = leaseRemainingMs > 0 ? 'and is alive' : 'and whose lease is over'
  return `This breaks the work of ${plain(owner ?? 'its holder')}, who has held the lock "${plain(name)}" for ${duration(heldForMs)} ${lease}.`
}
