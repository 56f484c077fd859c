import { PrismaPg } from '@prisma/adapter-pg'
import { guardAdapter, guardClient, readOnlyMode } from '@quiesce/prisma'
import { expectTypeOf, test } from 'vitest'
import { PrismaClient } from './generated/client.ts'
import { createTestCluster } from './support/test-cluster.ts'

const cluster = createTestCluster()
const adapter = guardAdapter(cluster, new PrismaPg({ connectionString: 'postgresql://unused' }))

test('a guarded adapter keeps its type', () => {
  expectTypeOf(adapter).toEqualTypeOf<PrismaPg>()
})

test('an extended client keeps the types of results, models and transactions', () => {
  const prisma = new PrismaClient({ adapter })
    .$extends({ result: { card: { title: { needs: { name: true }, compute: ({ name }) => name.length } } } })
    .$extends(readOnlyMode(cluster))
  const select = () => prisma.card.findMany({ select: { name: true, title: true, tags: { select: { id: true } } } })
  expectTypeOf(select).returns.resolves.toEqualTypeOf<{ name: string; title: number; tags: { id: number }[] }[]>()
  const interactive = () => prisma.$transaction((tx) => tx.card.findFirst({ select: { title: true } }))
  expectTypeOf(interactive).returns.resolves.toEqualTypeOf<{ title: number } | null>()
  const batch = () => prisma.$transaction([prisma.card.count(), prisma.$queryRaw<{ n: number }[]>`SELECT 1 AS n`])
  expectTypeOf(batch).returns.resolves.toEqualTypeOf<[number, { n: number }[]]>()
  // @ts-expect-error: there is no such model
  expectTypeOf(prisma.nothing).toBeAny
})

test('a guarded client keeps its type, and with it $on', () => {
  const prisma = guardClient(new PrismaClient({ adapter, log: [{ emit: 'event', level: 'query' }] }), cluster)
  expectTypeOf(prisma.$on<'query'>).toBeFunction()
  expectTypeOf(guardClient<PrismaClient>).returns.toEqualTypeOf<PrismaClient>()
})
