import type { Problem } from '@quiesce/core'
import { type Command, Option } from 'commander'
import type { z } from 'zod'
import type { CommandContext } from './command-context.ts'
import { usageError } from './usage-error.ts'

/** One flag of a command. */
export interface Flag {
  /** As commander writes it, e.g. `--reason <text>`. */
  readonly flags: string
  readonly description: string
  /** The environment variable that stands in for it. */
  readonly env?: string
}

/** What a command is made of. */
export interface CommandSpec<Input extends z.ZodType> {
  readonly name: string
  readonly summary: string
  /** As commander writes them, e.g. `[id]`; each becomes a key of the input. */
  readonly arguments?: readonly (readonly [name: string, description: string])[]
  readonly flags: readonly Flag[]
  /** Stdout belongs to a child: documents go to stderr. */
  readonly ownsStdout?: true
  /** More help, shown after the flags. */
  readonly notes?: string
  /** What flags and arguments together must be. */
  readonly input: Input
  /** Does the work; the exit code. */
  act(context: CommandContext, input: z.output<Input>): Promise<number>
}

/** A command that can be added to the program. */
export interface QuiesceCommand {
  readonly name: string
  attach(program: Command, host: CommandHost): void
}

/** What runs a command once its input is known. */
export interface CommandHost {
  readonly env: Readonly<Record<string, string | undefined>>
  run(invocation: Invocation, act: (context: CommandContext) => Promise<number>): Promise<void>
}

/** How a command was called. */
export interface Invocation {
  readonly flags: CommonFlags
  readonly documentsTo: 'stdout' | 'stderr'
  /** Reads flags and arguments without doing anything. @throws QuiesceError `QUIESCE_CONFIG` with all that is wrong. */
  check(): void
}

/** The flags that every command has. */
export interface CommonFlags {
  readonly config?: string
  readonly database?: string
  readonly namespace?: string
  readonly schema?: string
  readonly tablePrefix?: string
  readonly json?: boolean
}

const common: readonly Flag[] = [
  { flags: '--config <file>', description: 'default: quiesce.config.{ts,mts,mjs,js,cjs,json}', env: 'QUIESCE_CONFIG' },
  {
    flags: '--database <url>',
    description: 'default: the configuration, then DATABASE_URL',
    env: 'QUIESCE_DATABASE_URL',
  },
  { flags: '--namespace <name>', description: 'which application in this database', env: 'QUIESCE_NAMESPACE' },
  { flags: '--schema <name>', description: 'where the coordination tables are', env: 'QUIESCE_SCHEMA' },
  { flags: '--table-prefix <text>', description: 'of the coordination tables', env: 'QUIESCE_TABLE_PREFIX' },
  { flags: '--json', description: 'one JSON document instead of text; errors too' },
]

/** Makes a command: its flags fall back to the environment, and everything that is wrong with them is told at once. */
export function defineCommand<Input extends z.ZodType>(spec: CommandSpec<Input>): QuiesceCommand {
  return {
    name: spec.name,
    attach(program, host) {
      const command = program.command(spec.name).summary(spec.summary).description(spec.summary)
      for (const [name, description] of spec.arguments ?? []) command.argument(name, description)
      for (const flag of [...spec.flags, ...common]) command.addOption(optionOf(flag))
      if (spec.notes !== undefined) command.addHelpText('after', `\n${spec.notes}`)
      command.action(async () => {
        const flags = command.opts<CommonFlags>()
        const documentsTo = spec.ownsStdout === true ? 'stderr' : 'stdout'
        const input = (): z.output<Input> => read(spec, command, host.env)
        const check = (): void => void input()
        await host.run({ flags, documentsTo, check }, (context) => spec.act(context, input()))
      })
    },
  }
}

function optionOf({ flags, description, env }: Flag): Option {
  return new Option(flags, env === undefined ? description : `${description} (env: ${env})`)
}

function read<Input extends z.ZodType>(
  spec: CommandSpec<Input>,
  command: Command,
  env: CommandHost['env'],
): z.output<Input> {
  const raw: Record<string, unknown> = {}
  for (const flag of spec.flags) {
    const name = optionOf(flag).attributeName()
    const value: unknown = command.getOptionValue(name) ?? (flag.env === undefined ? undefined : env[flag.env])
    if (value !== undefined) raw[name] = value
  }
  command.registeredArguments.forEach((argument, index) => {
    const value: unknown = command.processedArgs[index]
    if (value !== undefined) raw[argument.name()] = value
  })
  const parsed = spec.input.safeParse(raw)
  if (parsed.success) return parsed.data
  throw usageError(parsed.error.issues.map((issue) => problemOf(spec, issue, raw)))
}

function problemOf(spec: { readonly flags: readonly Flag[] }, issue: z.core.$ZodIssue, raw: unknown): Problem {
  const name = String(issue.path[0] ?? '')
  const flag = spec.flags.find((candidate) => optionOf(candidate).attributeName() === name)
  const value = issue.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], raw)
  return {
    path: flag === undefined ? name || '(arguments)' : (optionOf(flag).long ?? name),
    message: issue.message,
    value: value === undefined ? 'nothing' : JSON.stringify(value),
  }
}
