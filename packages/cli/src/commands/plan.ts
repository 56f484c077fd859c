import type { FreezeOptions } from '@quiesce/core'
import { z } from 'zod'
import { defineCommand, type QuiesceCommand } from '../command.ts'
import type { CommandContext } from '../command-context.ts'
import type { PlanDocument } from '../documents/plan-document.ts'
import { EXIT } from '../exit-code.ts'
import { makePlan, type PlannedWork } from '../job/make-plan.ts'
import { counted, plain } from '../output/words.ts'
import { freezeFlags, freezeInput, freezeOptionsOf, sqlFlag, sqlInput } from '../settings/freeze-flags.ts'

/** `quiesce plan`: what a freeze would meet now. */
export const plan: QuiesceCommand = defineCommand({
  name: 'plan',
  summary: 'say what a freeze would do now, and whom it would wait for; nothing is changed',
  flags: [...freezeFlags, sqlFlag],
  input: z.strictObject({ ...freezeInput, ...sqlInput, reason: freezeInput.reason.default('(the reason)') }),
  act: (context, { sql, ...input }) => printPlan(context, freezeOptionsOf(input), sql),
})

/** Prints what these options would come to. */
export async function printPlan(
  context: CommandContext,
  options: FreezeOptions,
  withSql: boolean,
  work: PlannedWork = {},
): Promise<number> {
  const { configPath } = await context.settings()
  const document = await makePlan(await context.cluster(), options, work, configPath)
  context.print(document, (shown) => planScreen(shown, withSql))
  return EXIT.ok
}

function planScreen({ namespace, steps, concerns }: PlanDocument, withSql: boolean): string {
  const lines = steps.flatMap(({ step, what, items, statements }, index) => [
    `${String(index + 1).padStart(2)}. ${step.padEnd(9)} ${what}`,
    ...items.map((item) => `              - ${item}`),
    ...(withSql ? statements.map((sql) => `\n${plainLines(sql)};\n`) : notShown(statements.length)),
  ])
  const more = concerns.length === 0 ? [] : ['', 'Mind:', ...concerns.map((concern) => `  ! ${concern}`)]
  return [`What would happen in ${namespace}:`, ...lines, ...more].join('\n')
}

function notShown(statements: number): readonly string[] {
  return statements === 0 ? [] : [`              ${counted(statements, 'statement')}, which --sql shows`]
}

/** The reason of a freeze stands in its statements. */
function plainLines(sql: string): string {
  return sql.split('\n').map(plain).join('\n')
}
