import type { TokenStatements } from '../../domain/fence.ts'

/**
 * No client of MySQL reads statements from its environment, so this is for the command line:
 * `mysql --init-command="$QUIESCE_INIT_COMMAND"`.
 */
export function clientEnvironment(token: string): Record<string, string> {
  return { QUIESCE_INIT_COMMAND: `SET @quiesce_token = '${token.replaceAll("'", '')}'` }
}

/** A user variable outlives the transaction, so it is taken away again. */
export function tokenStatements(tokens: readonly string[]): TokenStatements {
  return {
    show: { sql: 'SET @quiesce_token = ?', parameters: [tokens.join(',')] },
    hide: { sql: 'SET @quiesce_token = NULL' },
  }
}
