import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'

test('both versions of Prisma are tested with the same models', async () => {
  const [current, previous] = await Promise.all(
    ['./schema.prisma', '../prisma-6/schema.prisma'].map(async (path) => {
      const text = await readFile(new URL(path, import.meta.url), 'utf8')
      return text.slice(text.indexOf('model '))
    }),
  )
  expect(current).toBe(previous)
})
