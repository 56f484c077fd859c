import { z } from 'zod'
import { defineCommand, type QuiesceCommand } from '../command.ts'
import { locksDocumentOf } from '../documents/lock-document.ts'
import { EXIT } from '../exit-code.ts'
import { lockTable } from '../output/lock-table.ts'

/** `quiesce locks`: the named locks and who holds them. */
export const locks: QuiesceCommand = defineCommand({
  name: 'locks',
  summary: 'list the named locks, their holders and leases',
  flags: [],
  input: z.strictObject({}),
  async act(context) {
    const found = await (await context.cluster()).locks()
    context.print(locksDocumentOf('quiesce.locks/1', found), (shown) =>
      shown.locks.length === 0 ? 'No lock was ever taken.' : lockTable(shown.locks),
    )
    return EXIT.ok
  },
})
