import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { databases } from '../support/database.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

test.each(databases)(
  'the demo on %s keeps every invariant, in under a minute, and tells what happened',
  (database) => {
    const { stdout, stderr, status } = spawnSync(
      'node',
      ['--import', 'tsx', 'examples/demo/main.ts', '--db', database],
      {
        cwd: root,
        encoding: 'utf8',
        timeout: 60_000,
      },
    )
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
    expect(status).toBe(0)
  },
  90_000,
)
