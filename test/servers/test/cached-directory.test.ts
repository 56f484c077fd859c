import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { cachedDirectory } from '../src/cached-directory.ts'

const path = join(tmpdir(), `quiesce-cached-${randomUUID()}`)
let builds = 0

async function build(draft: string): Promise<void> {
  builds++
  await writeFile(join(draft, 'file'), 'whole')
}

afterAll(async () => {
  for (const name of await readdir(tmpdir())) {
    if (join(tmpdir(), name).startsWith(path)) await rm(join(tmpdir(), name), { recursive: true })
  }
})

describe('a cached directory', () => {
  it('is not there when its build fails', async () => {
    const failing = cachedDirectory(path, async (draft) => {
      await writeFile(join(draft, 'file'), 'half')
      throw new Error('no network')
    })
    await expect(failing).rejects.toThrow('no network')
    const left = (await readdir(tmpdir())).filter((name) => join(tmpdir(), name).startsWith(path))
    expect(left).toEqual([`${basename(path)}.lock`])
  })

  it('is built once for all who ask at the same time, and for later ones', async () => {
    const found = await Promise.all([cachedDirectory(path, build), cachedDirectory(path, build)])
    expect(new Set(found).size).toBe(1)
    expect(await readFile(join(await cachedDirectory(path, build), 'file'), 'utf8')).toBe('whole')
    expect(builds).toBe(1)
  })

  it('has no remains of builds that were killed', async () => {
    const other = `${path}-other`
    await mkdir(`${other}.draft-of-the-killed`)
    await cachedDirectory(other, build)
    expect(existsSync(`${other}.draft-of-the-killed`)).toBe(false)
  })

  it('is built again when a file is missing', async () => {
    const before = builds
    await rm(join(await cachedDirectory(path, build), 'file'))
    expect(await readdir(await cachedDirectory(path, build))).toEqual(['file'])
    expect(builds).toBe(before + 1)
  })
})
