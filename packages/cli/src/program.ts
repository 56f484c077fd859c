import { Command } from 'commander'
import type { CommandHost, QuiesceCommand } from './command.ts'
import { doctor } from './commands/doctor.ts'
import { fence } from './commands/fence.ts'
import { fences } from './commands/fences.ts'
import { freeze } from './commands/freeze.ts'
import { history } from './commands/history.ts'
import { init } from './commands/init.ts'
import { locks } from './commands/locks.ts'
import { nodes } from './commands/nodes.ts'
import { plan } from './commands/plan.ts'
import { release } from './commands/release.ts'
import { run } from './commands/run.ts'
import { runs } from './commands/runs.ts'
import { status } from './commands/status.ts'
import { thaw } from './commands/thaw.ts'
import { ui } from './commands/ui.ts'
import type { Terminal } from './terminal.ts'
import { CLI_VERSION } from './version.ts'

const commands: readonly QuiesceCommand[] = [
  init,
  doctor,
  plan,
  status,
  nodes,
  freeze,
  thaw,
  run,
  runs,
  fence,
  fences,
  locks,
  release,
  history,
  ui,
]

/** The command line of Quiesce; what a command does is the host's business, so that documentation can be checked without doing it. */
export function makeProgram({ stdout, stderr }: Pick<Terminal, 'stdout' | 'stderr'>, host: CommandHost): Command {
  const program = new Command('quiesce')
    .description('Freezes a cluster of application instances for maintenance, watches it, and gives the writes back.')
    .version(CLI_VERSION, '--version')
    .helpCommand(true)
    .showHelpAfterError('(see quiesce help)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
      getOutHelpWidth: () => stdout.columns ?? 100,
      getErrHelpWidth: () => stderr.columns ?? 100,
    })
  for (const command of commands) command.attach(program, host)
  return program
}
