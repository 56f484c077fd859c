import { z } from 'zod'
import { defineCommand, type QuiesceCommand } from '../command.ts'
import { checkTokenUrls } from '../job/child-environment.ts'
import { checkPolicy } from '../job/policy.ts'
import { runJob } from '../job/run-job.ts'
import { durationFlag } from '../settings/duration.ts'
import { freezeFlags, freezeInput, freezeOptionsOf } from '../settings/freeze-flags.ts'
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
      description: 'end the program after this time; exit code 124',
      env: 'QUIESCE_TIMEOUT',
    },
    { flags: '--grace <duration>', description: 'from SIGTERM to SIGKILL (default: 10s)' },
    { flags: '--lock <name>', description: 'only one run with this name at a time (default: quiesce-run)' },
    { flags: '--wait <duration>', description: 'how long to wait for the lock (default: not at all)' },
    { flags: '--on-holder-lost <what>', description: 'when this command dies: thaw (default), or stay read-only' },
    {
      flags: '--token-url <variable...>',
      description: 'variables whose database URL shall pass the fence, for programs that do not read PGOPTIONS',
    },
    { flags: '--dry-run', description: 'say what would happen (see quiesce plan)' },
  ],
  notes: `The program has our stdin, stdout and stderr, and its exit code is ours. In its environment it finds
QUIESCE_FREEZE_ID, QUIESCE_EPOCH, QUIESCE_FREEZE_CLUSTER and, with a fence, QUIESCE_TOKEN and what makes the
database's own clients pass it (PGOPTIONS; QUIESCE_INIT_COMMAND for mysql --init-command).
A quiesce run inside it joins this one's freeze.

Exit codes of our own: 64 usage, 69 database unusable, 75 locked or nodes or writes in the way (try again),
76 freeze or lock lost, 124 time-out, 126 and 127 the program could not be started, 128+n ended by signal n.`,
  input: z.strictObject({
    ...freezeInput,
    command: z.array(z.string()).min(1),
    timeout: durationFlag.optional(),
    grace: durationFlag.prefault('10s'),
    lock: z.string().min(1).default('quiesce-run'),
    wait: durationFlag.optional(),
    onHolderLost: z.enum(['thaw', 'stay'], { error: 'must be thaw or stay' }).default('thaw'),
    tokenUrl: z.array(z.string().min(1)).default([]),
    dryRun: z.boolean().default(false),
  }),
  async act(context, { dryRun, command, lock, onHolderLost, timeout, grace, wait = 0, tokenUrl, ...input }) {
    const freeze = { ...freezeOptionsOf(input), onHolderLost }
    checkTokenUrls(context.terminal.env, tokenUrl)
    if (dryRun) return printPlan(context, freeze, { lock, command })
    const cluster = await context.cluster()
    await checkPolicy(context, cluster, freeze)
    const times = { lockWaitMs: wait, timeoutMs: timeout, graceMs: grace }
    return runJob(context, cluster, { command, lock, freeze, tokenUrls: tokenUrl, ...times })
  },
})
