/**
 * Environment of the server's programs.
 *
 * A fixed locale keeps the messages in English and avoids a start failure on macOS; a fixed time zone spares initdb
 * the search for the system's.
 */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const { PATH } = process.env
  return { LC_ALL: 'C', TZ: 'UTC', ...(PATH !== undefined && { PATH }) }
}
