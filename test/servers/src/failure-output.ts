/** Returns what a failed program wrote, else why it could not be run. */
export function failureOutput(error: unknown): string {
  const output = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : ''
  return output === '' ? String(error) : output
}
