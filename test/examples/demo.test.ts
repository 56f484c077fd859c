import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { test } from 'vitest'
import { databases } from '../support/database.ts'
import { isLong } from '../support/long.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

test.for(isLong ? databases : databases.slice(0, 1))(
  'the demo on %s keeps every invariant, in under a minute, and tells what happened',
  { timeout: 90_000 },
  async (database, { expect }) => {
    const { stdout, stderr, failure } = await demo(database)
    expect(stderr).toBe('')
    for (const line of [
      /load +\d+ writes\/s before/,
      /frozen +epoch \d+, 4 nodes: .* drained after \d+ ms/,
      /refused .*report_card \d+/,
      /exempt +\d+ writes passed/,
      /takeover +by [\w-]+: every node writes again \d+ ms/,
    ]) {
      expect(stdout).toMatch(line)
    }
    expect(stdout).not.toContain('FAILED')
    expect(stdout.match(/ ok /g)).toHaveLength(6)
    expect(failure).toBeNull()
  },
)

function demo(database: string): Promise<{ stdout: string; stderr: string; failure: Error | null }> {
  const parameters = ['--import', 'tsx', 'examples/demo/main.ts', '--db', database]
  return new Promise((resolve) => {
    execFile('node', parameters, { cwd: root, timeout: 60_000 }, (failure, stdout, stderr) =>
      resolve({ stdout, stderr, failure }),
    )
  })
}
