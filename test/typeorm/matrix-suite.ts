import { isReadOnlyError, type ReadOnlyError } from '@quiesce/core/adapter'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { GuardedApplication } from './fixture.ts'
import { builderOperations, type Operation, relationOperations, repositoryOperations } from './operations.ts'
import { schemaOperations } from './operations-below-orm.ts'
import type { TypeormTarget } from './target.ts'
import type { TypeormModule } from './typeorm-module.ts'

/** Every way to write is refused, changes nothing, leaves nothing behind; every way to read works. */
export function describeMatrix(typeorm: TypeormModule, target: TypeormTarget): void {
  describe(`while the cluster on ${target.name} is read-only`, () => {
    let fixture: GuardedApplication
    let before: string

    beforeAll(async () => {
      fixture = await target.open(typeorm)
      await fixture.node.freeze()
      before = await fixture.dump()
    })
    afterAll(() => fixture?.[Symbol.asyncDispose]())
    afterEach(async () => {
      expect(await fixture.leaks()).toEqual([])
      expect(await fixture.dump()).toBe(before)
    })

    const groups: Readonly<Record<string, readonly Operation[]>> = {
      repositories: repositoryOperations,
      'query builders': builderOperations,
      relations: relationOperations,
      statements: target.statements,
      schema: schemaOperations(typeorm),
      clients: target.clients,
    }
    for (const [group, operations] of Object.entries(groups)) {
      if (operations.length === 0) continue
      describe(`${group} refuse`, () => {
        it.each(operations)('$name', async (operation) => {
          const error = await refusalOf(fixture, operation)
          expect(error).toMatchObject({
            name: 'ReadOnlyError',
            kind: 'QUIESCE_READ_ONLY',
            because: 'freeze',
            freezeId: fixture.node.freezeId,
            epoch: '7',
            status: 503,
            reason: 'migration to the new cluster',
          })
          expect(error.headers).toHaveProperty('Retry-After')
          expect(error).not.toHaveProperty('driverError')
          if (operation.model !== undefined) expect(error.model ?? error.table).toBe(operation.model)
        })
      })
    }

    describe('reads work', () => {
      it.each(target.reads)('$name', async ({ run }) => {
        await expect(run(fixture.db)).resolves.not.toThrow()
      })
    })

    it('reads through the result cache without a refusal', async () => {
      const before = fixture.node.refusals.length
      await fixture.db.getRepository('Tag').find({ cache: { id: 'tags', milliseconds: 60_000 } })
      expect(fixture.node.refusals).toHaveLength(before)
    })
  })

  describe(`while the cluster on ${target.name} is read-write`, () => {
    // What the operations of the matrix would do if nobody refused them: without this the matrix could be vacuous.
    it('lets each operation of the matrix write', async () => {
      const silent: string[] = []
      const operations = [
        ...target.clients,
        ...schemaOperations(typeorm).filter(({ name }) => !name.startsWith('cache')),
        ...target.statements,
        ...relationOperations,
        ...builderOperations,
        ...repositoryOperations,
      ]
      let own: GuardedApplication | undefined
      for (const operation of operations) {
        own ??= await target.open(typeorm, { restorable: true })
        const before = await own.dump()
        await operation.run(own.db)
        if ((await own.dump()) === before) {
          silent.push(operation.name)
        } else if (!(await own.restore?.().catch(() => false))) {
          await own[Symbol.asyncDispose]()
          own = undefined
        }
      }
      await own?.[Symbol.asyncDispose]()
      expect(silent.filter((name) => !target.harmless.includes(name))).toEqual([])
    })
  })
}

/** Runs the operation, which must be refused. */
export async function refusalOf({ db }: GuardedApplication, operation: Operation): Promise<ReadOnlyError> {
  const hang = new Promise<string>((resolve) => setTimeout(resolve, 5000, 'hung').unref())
  const outcome = await Promise.race([operation.run(db).then(() => 'written'), hang]).catch((error: unknown) => error)
  if (!isReadOnlyError(outcome)) throw new Error(`${operation.name}: ${String(outcome)}`, { cause: outcome })
  return outcome
}
