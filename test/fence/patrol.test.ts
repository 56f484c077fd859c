import { describe, expect, test } from 'vitest'
import { databases, insertEntry, testDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { oneOfEachFamily } from '../support/long.ts'

describe.each(oneOfEachFamily(databases))('on %s', (kind) => {
  test('a table that appears during an operator’s freeze, whose process has ended, is fenced by the nodes and told; one that was left out stays so (catches a watch that only the holder keeps)', async () => {
    const db = await testDatabase('patrol', kind)
    const operator = db.cluster({ freezeLeaseMs: 20_000 })
    const tables = { exclude: ['entry'] }
    await db.query('CREATE TABLE card (id int)')
    const { id } = await operator.freeze({ reason: 'x', kind: 'operator', fence: 'required', tables })
    await operator.close()
    const warnings: string[] = []
    const node = db.cluster()
    node.on('warning', ({ message }) => warnings.push(message))
    await node.start()
    await db.query('CREATE TABLE fresh (id int)')
    const refused = (): Promise<boolean> =>
      db.query('INSERT INTO fresh VALUES (1)').then(
        () => false,
        ({ message }: Error) => message.includes('quiesce fence'),
      )
    await eventually('it is fenced', refused, 30_000)
    await eventually('it is told', () => /fresh appeared or changed during freeze/.test(warnings.join()))
    expect(warnings.join()).not.toContain('entry')
    await db.query(insertEntry())
    await node.thaw(id, { force: true, reason: 'over' })
    await db.query('INSERT INTO fresh VALUES (1)')
    await db.drop()
  })

  test('the coordination tables of another installation are left alone (catches a freeze that takes other nodes their lease)', async () => {
    const db = await testDatabase('installations', kind)
    const other = db.cluster({ tablePrefix: 'other_' })
    await other.migrate()
    // Of the application, although it is called alike.
    for (const name of ['row_lock', 'version', 'event']) await db.query(`CREATE TABLE shop_${name} (id int)`)
    await other.start()
    const freeze = await db.cluster().freeze({ reason: 'x', fence: 'required' })
    expect(freeze.fence.tables).toBe(4)
    const second = await other.freeze({ reason: 'y', fence: 'required' })
    await second.thaw()
    await expect(db.query(insertEntry())).rejects.toThrow('quiesce fence')
    await freeze.thaw()
    await db.query(insertEntry())
    await db.drop()
  })
})
