import { isReadOnlyError, type ReadOnlyError } from '@quiesce/core/adapter'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Fixture, openFixture, POOL_SIZE } from './fixture.ts'
import { builderOperations, type Operation, relationOperations, repositoryOperations } from './operations.ts'
import { clientOperations, schemaOperations, statementOperations } from './operations-below-orm.ts'
import { readOperations } from './read-operations.ts'
import type { TypeormModule } from './typeorm-module.ts'

/** Every way to write is refused, changes nothing, leaves nothing behind; every way to read works. */
export function describeMatrix(typeorm: TypeormModule): void {
  describe('while the cluster is read-only', () => {
    let fixture: Fixture
    let before: string

    beforeAll(async () => {
      fixture = await openFixture(typeorm)
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
      statements: statementOperations,
      schema: schemaOperations(typeorm),
      clients: clientOperations,
    }
    for (const [group, operations] of Object.entries(groups)) {
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
      it.each(readOperations)('$name', async ({ run }) => {
        await expect(run(fixture.db)).resolves.not.toThrow()
      })
    })

    it('refuses before a connection is taken', async () => {
      let taken = 0
      const note = (): void => {
        taken += 1
      }
      fixture.pool.on('acquire', note)
      const runner = fixture.db.createQueryRunner()
      await expect(runner.query('DELETE FROM setting')).rejects.toSatisfy(isReadOnlyError)
      await expect(runner.stream('DELETE FROM setting')).rejects.toSatisfy(isReadOnlyError)
      await expect(fixture.pool.query('DELETE FROM setting')).rejects.toSatisfy(isReadOnlyError)
      await runner.release()
      fixture.pool.off('acquire', note)
      expect(taken).toBe(0)
    })

    it('reads through the result cache without a refusal', async () => {
      const before = fixture.node.refusals.length
      await fixture.db.getRepository('Tag').find({ cache: { id: 'tags', milliseconds: 60_000 } })
      expect(fixture.node.refusals).toHaveLength(before)
    })

    it('keeps every connection of the pool usable after more refusals than it has', async () => {
      for (const operation of [...schemaOperations(typeorm), ...clientOperations]) {
        for (let round = 0; round <= POOL_SIZE; round += 1) await refusalOf(fixture, operation)
      }
      await Promise.all(Array.from({ length: POOL_SIZE }, () => fixture.db.query('SELECT pg_sleep(0.01)')))
    })
  })

  describe('while the cluster is read-write', () => {
    let fixture: Fixture

    beforeEach(async () => {
      fixture = await openFixture(typeorm)
    })
    afterEach(() => fixture?.[Symbol.asyncDispose]())

    // What the operations of the matrix would do if nobody refused them: without this the matrix could be vacuous.
    it('lets each operation of the matrix write', async () => {
      const silent: string[] = []
      const harmless = ['synchronize', 'GRANT', 'nextval', 'EXPLAIN ANALYZE', 'client, named']
      const operations = [
        ...clientOperations,
        ...schemaOperations(typeorm).filter(({ name }) => !name.startsWith('cache')),
        ...statementOperations,
        ...relationOperations,
        ...builderOperations,
        ...repositoryOperations,
      ]
      for (const operation of operations) {
        await using own = await openFixture(typeorm)
        const before = await own.dump()
        await operation.run(own.db)
        if ((await own.dump()) === before) silent.push(operation.name)
      }
      expect(silent.filter((name) => !harmless.includes(name))).toEqual([])
    })
  })
}

async function refusalOf({ db }: Fixture, operation: Operation): Promise<ReadOnlyError> {
  const hang = new Promise<string>((resolve) => setTimeout(resolve, 5000, 'hung').unref())
  const outcome = await Promise.race([operation.run(db).then(() => 'written'), hang]).catch((error: unknown) => error)
  if (!isReadOnlyError(outcome)) throw new Error(`${operation.name}: ${String(outcome)}`, { cause: outcome })
  return outcome
}
