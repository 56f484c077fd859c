import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { DatabaseName } from '../src/index.ts'

const parent = fileURLToPath(new URL('parent-process.ts', import.meta.url))

/** Lets another process start a server and ends that process: by itself, or by SIGKILL. */
export async function endOfParent(
  name: DatabaseName,
  end: 'exit' | 'SIGKILL',
): Promise<{ readonly url: string; readonly dataDir: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', parent, end, name], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(child.stdout, 'data')
  const { url, dataDir } = JSON.parse(String(line))
  if (end === 'SIGKILL') child.kill('SIGKILL')
  return { url, dataDir }
}
