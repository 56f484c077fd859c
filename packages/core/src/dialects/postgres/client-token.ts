/** What is asked of the server at the beginning of every session that shows this token. */
function option(token: string): string {
  return `-c quiesce.token=${token}`
}

/** libpq (psql, pg_dump, drivers made of it) and node-postgres read `PGOPTIONS`; what is there stays. */
export function clientEnvironment(
  token: string,
  { PGOPTIONS }: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  return { PGOPTIONS: PGOPTIONS === undefined || PGOPTIONS === '' ? option(token) : `${PGOPTIONS} ${option(token)}` }
}

/** `options` in the URL, which also those drivers take that read no environment; what is there stays. */
export function urlWithToken(url: string, token: string): string {
  const parsed = new URL(url)
  const parameters = [...parsed.searchParams].filter(([name]) => name !== 'options')
  const given = parsed.searchParams.get('options')
  const options = given === null ? option(token) : `${given} ${option(token)}`
  // Not as form data, where a space would become a plus that libpq takes for one.
  parsed.search = [...parameters, ['options', options]]
    .map(([name = '', value = '']) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&')
  return parsed.href
}
