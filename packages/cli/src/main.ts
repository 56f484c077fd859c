import { type Cluster, createCluster } from '@quiesce/core'
import { CommanderError } from 'commander'
import type { Invocation } from './command.ts'
import type { CommandContext } from './command-context.ts'
import { EXIT } from './exit-code.ts'
import { failureOf, failureText } from './failure.ts'
import { makeProgram } from './program.ts'
import { type ClusterSettings, clusterSettings } from './settings/cluster-settings.ts'
import { colorsFor, type Terminal } from './terminal.ts'

/**
 * Runs one command line; resolves with its exit code and never throws. Nothing of it stays behind in the process.
 */
export async function main(argv: readonly string[], terminal: Terminal): Promise<number> {
  let exitCode: number = EXIT.ok
  const program = makeProgram(terminal, {
    env: terminal.env,
    async run(invocation, act) {
      exitCode = await perform(terminal, invocation, act)
    },
  })
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return exitCode
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    // Help and version are answers, everything else that the parser says is a usage error; it has been printed.
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage
  }
}

async function perform(
  terminal: Terminal,
  { flags, documentsTo }: Invocation,
  act: (context: CommandContext) => Promise<number>,
): Promise<number> {
  const json = flags.json === true
  let settings: Promise<ClusterSettings> | undefined
  let cluster: Cluster | undefined
  const context: CommandContext = {
    terminal,
    json,
    colors: colorsFor(terminal.stdout, terminal.env),
    settings: () => {
      settings ??= clusterSettings(flags, terminal.env, terminal.cwd)
      return settings
    },
    async cluster() {
      cluster ??= createCluster((await context.settings()).options)
      return cluster
    },
    print(document, render) {
      terminal[documentsTo].write(json ? `${JSON.stringify(document)}\n` : `${render(document)}\n`)
    },
    say: (text) => void terminal.stderr.write(`${text}\n`),
  }
  try {
    return await act(context)
  } catch (error) {
    const failure = failureOf(error)
    if (!json || documentsTo === 'stdout') terminal.stderr.write(failureText(failure))
    if (json) terminal[documentsTo].write(`${JSON.stringify({ schema: 'quiesce.error/1', ...failure })}\n`)
    return failure.exitCode
  } finally {
    await cluster?.close()
  }
}
