import { PrismaMariaDb } from '@prisma/adapter-mariadb'
import { PrismaPg } from '@prisma/adapter-pg'
import type { Cluster } from '@quiesce/core'
import { guardAdapter, readOnlyMode } from '@quiesce/prisma'
import { PrismaClient } from '../prisma/generated/client.ts'
import { PrismaClient as MysqlClient } from '../prisma/mysql/generated/client.ts'
import { mariadbUrl } from '../prisma/mysql/mariadb-url.ts'
import type { Application, Isolation } from './application.ts'

const isolationLevels = { 'READ COMMITTED': 'ReadCommitted', 'REPEATABLE READ': 'RepeatableRead' } as const

/** An application that writes through Prisma; its interactive transactions are opened out into calls. */
export function prismaApplication(cluster: Cluster, url: string, max: number): Application {
  const prisma = url.startsWith('postgres') ? onPostgres(cluster, url, max) : onMysql(cluster, url, max)
  return {
    async write(sql) {
      await prisma.$executeRawUnsafe(sql)
    },
    begin: (isolation) => openTransaction(prisma, isolation),
    close: () => prisma.$disconnect(),
  }
}

function onPostgres(cluster: Cluster, connectionString: string, max: number): Prisma {
  const adapter = guardAdapter(cluster, new PrismaPg({ connectionString, max }))
  return new PrismaClient({ adapter }).$extends(readOnlyMode(cluster))
}

function onMysql(cluster: Cluster, url: string, max: number): Prisma {
  const adapter = guardAdapter(cluster, new PrismaMariaDb(mariadbUrl(url, max)))
  return new MysqlClient({ adapter }).$extends(readOnlyMode(cluster))
}

/** What is called of a client, whatever its database. */
interface Prisma extends Executes, Transacts {
  $disconnect(): Promise<void>
}
interface Executes {
  $executeRawUnsafe(sql: string): PromiseLike<number>
}
interface Transacts {
  $transaction(
    run: (tx: Executes) => Promise<void>,
    options: { isolationLevel: (typeof isolationLevels)[Isolation]; maxWait: number; timeout: number },
  ): Promise<void>
}

async function openTransaction(prisma: Transacts, isolation: Isolation): ReturnType<Application['begin']> {
  const rollback = new Error('rolled back by the application')
  let finish: (error?: Error) => void = () => {}
  const finished = new Promise<void>((resolve, reject) => {
    finish = (error) => (error === undefined ? resolve() : reject(error))
  })
  finished.catch(() => {})
  let whole: Promise<void> = Promise.resolve()
  const tx = await new Promise<Executes>((resolve, reject) => {
    const options = { isolationLevel: isolationLevels[isolation], maxWait: 20_000, timeout: 60_000 }
    whole = prisma.$transaction(async (inner) => {
      resolve(inner)
      await finished
    }, options)
    whole.catch(reject)
  })
  return {
    async write(sql) {
      await tx.$executeRawUnsafe(sql)
    },
    commit() {
      finish()
      return whole
    },
    async rollback() {
      finish(rollback)
      await whole.catch(() => {})
    },
  }
}
