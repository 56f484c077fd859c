import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'

test('both versions of Prisma, and all databases, are tested with the same models', async () => {
  const [current, ...others] = await Promise.all(
    ['./schema.prisma', '../prisma-6/schema.prisma', './sqlite/schema.prisma', './mysql/schema.prisma'].map(
      async (path) => {
        const text = await readFile(new URL(path, import.meta.url), 'utf8')
        return text.slice(text.indexOf('model '))
      },
    ),
  )
  expect(others).toEqual(others.map(() => current))
})
