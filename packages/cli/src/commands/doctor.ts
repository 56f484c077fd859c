import { z } from 'zod'
import { defineCommand, type QuiesceCommand } from '../command.ts'
import { type DoctorDocument, fenceTruthOf } from '../documents/doctor-document.ts'
import { EXIT } from '../exit-code.ts'
import { examine } from '../job/examine.ts'
import { truthTable } from '../output/truth-table.ts'
import type { Colors } from '../terminal.ts'

/** `quiesce doctor`: what a freeze here is worth. */
export const doctor: QuiesceCommand = defineCommand({
  name: 'doctor',
  summary: 'check configuration, database, nodes and exemptions; exit code 1 when something is wrong',
  flags: [
    { flags: '--statements', description: 'also list every known way to write, and what each fence does with it' },
  ],
  notes: `What a fence does with a statement was tried on a real server of the same product, with some tables and columns exempt;
a line that passes only because something was exempt says so.`,
  input: z.strictObject({ statements: z.boolean().default(false) }),
  async act(context, { statements }) {
    const { findings, fences } = await examine(await context.cluster(), await context.settings())
    const truth = statements ? { fences: fences.map(fenceTruthOf) } : {}
    const report: DoctorDocument = { schema: 'quiesce.doctor/1', findings: [...findings], ...truth }
    context.print(report, (document) => screen(document, context.colors))
    return findings.some(({ level }) => level === 'problem') ? EXIT.problems : EXIT.ok
  },
})

function screen({ findings, fences }: DoctorDocument, colors: Colors): string {
  const mark = { ok: colors.green('ok      '), warning: colors.yellow('warning '), problem: colors.red('problem ') }
  const lines = findings.flatMap(({ check, level, message, advice }) => [
    `${mark[level]} ${check.padEnd(13)} ${message}`,
    ...(advice === null ? [] : [colors.dim(`                       ${advice}`)]),
  ])
  if (fences === undefined) return lines.join('\n')
  return [...lines, '', fences.length === 0 ? 'This database has no fence.' : truthTable(fences)].join('\n')
}
