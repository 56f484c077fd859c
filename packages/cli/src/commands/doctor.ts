import { z } from 'zod'
import { defineCommand, type QuiesceCommand } from '../command.ts'
import type { DoctorDocument } from '../documents/doctor-document.ts'
import { EXIT } from '../exit-code.ts'
import { examine } from '../job/examine.ts'
import type { Colors } from '../terminal.ts'

/** `quiesce doctor`: what a freeze here is worth. */
export const doctor: QuiesceCommand = defineCommand({
  name: 'doctor',
  summary: 'check configuration, database, nodes and exemptions; exit code 1 when something is wrong',
  flags: [],
  input: z.strictObject({}),
  async act(context) {
    const findings = await examine(await context.cluster(), await context.settings())
    const report: DoctorDocument = { schema: 'quiesce.doctor/1', findings: [...findings] }
    context.print(report, (document) => screen(document, context.colors))
    return findings.some(({ level }) => level === 'problem') ? EXIT.problems : EXIT.ok
  },
})

function screen({ findings }: DoctorDocument, colors: Colors): string {
  const mark = { ok: colors.green('ok      '), warning: colors.yellow('warning '), problem: colors.red('problem ') }
  return findings
    .flatMap(({ check, level, message, advice }) => [
      `${mark[level]} ${check.padEnd(13)} ${message}`,
      ...(advice === null ? [] : [colors.dim(`                       ${advice}`)]),
    ])
    .join('\n')
}
