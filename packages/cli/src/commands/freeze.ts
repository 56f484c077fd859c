import { z } from 'zod'
import { defineCommand, type QuiesceCommand } from '../command.ts'
import { type FrozenDocument, frozenEntryOf } from '../documents/frozen-document.ts'
import { EXIT } from '../exit-code.ts'
import { checkNamespace } from '../job/check-namespace.ts'
import { freezeWithProgress } from '../job/freeze-with-progress.ts'
import { watchSignals } from '../job/interruption.ts'
import { checkPolicy } from '../job/policy.ts'
import { makePhases } from '../output/phases.ts'
import { ackWords, shortId } from '../output/words.ts'
import { freezeFlags, freezeInput, freezeOptionsOf, sqlFlag, sqlInput } from '../settings/freeze-flags.ts'
import { printPlan } from './plan.ts'

/** `quiesce freeze`: an operator's freeze, which stays until somebody thaws it. */
export const freeze: QuiesceCommand = defineCommand({
  name: 'freeze',
  summary: 'make the cluster read-only until somebody thaws it',
  flags: [...freezeFlags, { flags: '--dry-run', description: 'say what would happen (see quiesce plan)' }, sqlFlag],
  notes:
    'The freeze outlives this command and has no lease: end it with quiesce thaw, or give it an end with --max-freeze.\nFor a job that can die use quiesce run.',
  input: z.strictObject({ ...freezeInput, ...sqlInput, dryRun: z.boolean().default(false) }),
  async act(context, { dryRun, sql, ...input }) {
    const options = { ...freezeOptionsOf(input), kind: 'operator' } as const
    if (dryRun) return printPlan(context, options, sql)
    const cluster = await context.cluster()
    const interruption = watchSignals(context.terminal)
    try {
      await checkNamespace(context, cluster, options)
      await checkPolicy(context, cluster, options)
      const phases = makePhases(context.terminal, context.json)
      const made = await freezeWithProgress(cluster, { ...options, signal: interruption.signal }, phases)
      const document: FrozenDocument = { schema: 'quiesce.frozen/1', ...frozenEntryOf(made) }
      context.print(document, ({ freezeId, guarantee, acked }) =>
        [
          `The cluster is read-only (${guarantee}, ${ackWords(acked)}).`,
          `Give the writes back with: quiesce thaw ${shortId(freezeId)}`,
        ].join('\n'),
      )
      return EXIT.ok
    } finally {
      interruption.close()
    }
  },
})
