import { createHash } from 'node:crypto'
import { z } from 'zod'
import { defineCommand, type QuiesceCommand } from '../command.ts'
import { checkTokenUrls } from '../job/child-environment.ts'
import { runJob } from '../job/run-job.ts'
import { withoutPasswords } from '../output/without-passwords.ts'
import { plain } from '../output/words.ts'
import { durationFlag } from '../settings/duration.ts'
import { freezeFlags, freezeInput, freezeOptionsOf, sqlFlag, sqlInput } from '../settings/freeze-flags.ts'
import { printPlan } from './plan.ts'

/** `quiesce run`: a program under lock and freeze. */
export const run: QuiesceCommand = defineCommand({
  name: 'run',
  summary: 'run a program while the cluster is read-only, and give the writes back whatever happens',
  arguments: [['<command...>', 'the program and its arguments, after --']],
  ownsStdout: true,
  flags: [
    ...freezeFlags,
    {
      flags: '--timeout <duration>',
      description: 'for everything; then the program is ended, exit code 124',
      env: 'QUIESCE_TIMEOUT',
    },
    { flags: '--grace <duration>', description: 'from SIGTERM to SIGKILL (default: 10s)' },
    { flags: '--name <name>', description: 'only one run of this name at a time (default: the command line)' },
    { flags: '--wait <duration>', description: 'wait for another run of this name; when it succeeds, so do we' },
    {
      flags: '--resume-within <duration>',
      description: 'when this command dies, stay read-only this long for another run of this name to go on',
    },
    { flags: '--protect <table...>', description: 'prove that the content of these tables is the same at the end' },
    { flags: '--force <reason>', description: 'run in spite of what the preflight found; recorded' },
    {
      flags: '--token-url <variable...>',
      description: 'variables whose database URL shall pass the fence, for programs that do not read PGOPTIONS',
    },
    { flags: '--dry-run', description: 'say what would happen (see quiesce plan)' },
    sqlFlag,
  ],
  notes: `The program has our stdin, stdout and stderr, and its exit code is ours. In its environment it finds
QUIESCE_FREEZE_ID, QUIESCE_EPOCH, QUIESCE_FREEZE_CLUSTER and, with a fence, QUIESCE_TOKEN and what makes the
database's own clients pass it (PGOPTIONS; QUIESCE_INIT_COMMAND for mysql --init-command).
A quiesce run inside it joins this one's freeze.

Exit codes of our own: 1 verification failed, 64 usage, 69 database unusable, 75 locked, preflight, or nodes or
writes in the way (nothing was run, try again), 76 freeze or lock lost or run cancelled, 124 time-out,
126 and 127 the program could not be started, 128+n ended by signal n.`,
  input: z.strictObject({
    ...freezeInput,
    ...sqlInput,
    command: z.array(z.string()).min(1),
    timeout: durationFlag.optional(),
    grace: durationFlag.prefault('10s'),
    name: z.string().min(1).optional(),
    wait: durationFlag.optional(),
    resumeWithin: durationFlag.optional(),
    protect: z.array(z.string().min(1)).default([]),
    force: z.string().trim().min(1).optional(),
    tokenUrl: z.array(z.string().min(1)).default([]),
    dryRun: z.boolean().default(false),
  }),
  async act(context, { dryRun, sql, ...input }) {
    const options = freezeOptionsOf(input)
    const { reason, owner, ...freeze } = options
    const name = input.name ?? nameOf(input.command)
    checkTokenUrls(context.terminal.env, input.tokenUrl)
    if (dryRun) return printPlan(context, options, sql, { lock: name, command: input.command })
    return runJob(context, await context.cluster(), {
      ...{ command: input.command, name, reason, owner, freeze, protect: input.protect, force: input.force },
      ...{ takeoverMs: input.resumeWithin, waitMs: input.wait ?? 0, timeoutMs: input.timeout, graceMs: input.grace },
      tokenUrls: input.tokenUrl,
    })
  },
})

const LONGEST_NAME = 60

/** A name for a command line: the same for the same, and nothing that must not be seen. */
function nameOf(command: readonly string[]): string {
  const line = plain(withoutPasswords(command).join(' '))
  // Two commands that differ in a password alone are not one run, whose result the other could take for its own.
  if (line.length <= LONGEST_NAME && line === command.join(' ')) return line
  const digest = createHash('sha256').update(command.join('\0')).digest('hex').slice(0, 8)
  return `${line.slice(0, LONGEST_NAME)}${line.length > LONGEST_NAME ? '…' : ''} ${digest}`
}
