import type { FreezeOptions } from '@quiesce/core'
import { z } from 'zod'
import { defineCommand, type QuiesceCommand } from '../command.ts'
import type { CommandContext } from '../command-context.ts'
import type { PlanDocument } from '../documents/plan-document.ts'
import { EXIT } from '../exit-code.ts'
import { makePlan, type PlannedWork } from '../job/make-plan.ts'
import { freezeFlags, freezeInput, freezeOptionsOf } from '../settings/freeze-flags.ts'

/** `quiesce plan`: what a freeze would meet now. */
export const plan: QuiesceCommand = defineCommand({
  name: 'plan',
  summary: 'say what a freeze would do now, and whom it would wait for; nothing is changed',
  flags: freezeFlags,
  input: z.strictObject({ ...freezeInput, reason: freezeInput.reason.default('(the reason)') }),
  act: (context, input) => printPlan(context, freezeOptionsOf(input)),
})

/** Prints what these options would come to. */
export async function printPlan(
  context: CommandContext,
  options: FreezeOptions,
  work: PlannedWork = {},
): Promise<number> {
  const { configPath } = await context.settings()
  const document = await makePlan(await context.cluster(), options, work, configPath)
  context.print(document, planScreen)
  return EXIT.ok
}

function planScreen({ namespace, steps, concerns }: PlanDocument): string {
  const lines = steps.flatMap(({ step, what, items }, index) => [
    `${String(index + 1).padStart(2)}. ${step.padEnd(9)} ${what}`,
    ...items.map((item) => `              - ${item}`),
  ])
  const more = concerns.length === 0 ? [] : ['', 'Mind:', ...concerns.map((concern) => `  ! ${concern}`)]
  return [`What would happen in ${namespace}:`, ...lines, ...more].join('\n')
}
