/**
 * No client of MySQL reads statements from its environment, so this is for the command line:
 * `mysql --init-command="$QUIESCE_INIT_COMMAND"`.
 */
export function clientEnvironment(token: string): Record<string, string> {
  return { QUIESCE_INIT_COMMAND: `SET @quiesce_token = '${token.replaceAll("'", '')}'` }
}
