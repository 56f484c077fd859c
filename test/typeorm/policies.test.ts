import * as typeorm from 'typeorm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { callSiteOf } from '../../packages/core/src/cluster/call-site.ts'
import type { Fixture } from './fixture.ts'
import { postgresTarget } from './postgres-target.ts'
import { refuseDeletes } from './refusing-trigger.ts'
import { describeSkips } from './skip-suite.ts'
import { sqliteTarget } from './sqlite/sqlite-target.ts'

describeSkips(typeorm, postgresTarget)
describeSkips(typeorm, sqliteTarget)

describe('rows of RETURNING, and a node that only reports', () => {
  let fixture: Fixture

  beforeAll(async () => {
    fixture = await postgresTarget.open(typeorm, { enforcement: 'report', skip: { setting: true } })
    await fixture.node.freeze()
  })
  afterAll(() => fixture?.[Symbol.asyncDispose]())

  it('lets every layer write, and tells what, and from where', async () => {
    const { db, node } = fixture
    await db.getRepository('ReportCard').save({ name: 'New' })
    await db.transaction((manager) => manager.getRepository('ReportCard').update({ name: 'New' }, { viewCount: 5 }))
    await db.query("INSERT INTO audit_log (name) VALUES ('x')")
    await db.createQueryRunner().release()
    expect(await db.getRepository('ReportCard').countBy({ viewCount: 5 })).toBe(1)
    expect(node.reported.map(({ operation, table }) => `${operation} ${table}`)).toEqual([
      'insert report_card',
      'update report_card',
      'insert audit_log',
    ])
    for (const { stack } of node.reported) expect(callSiteOf(stack)).toContain('policies.test.ts')
    expect(node.refusals).toEqual([])
  })

  it('a fence’s refusal is a ReadOnlyError, here too', async () => {
    const refused = await refuseDeletes(fixture.admin)
    await expect(fixture.db.getRepository('AuditLog').delete({ name: 'x' })).rejects.toMatchObject(refused)
    expect(await fixture.leaks()).toEqual([])
  })

  it('sends what it would have skipped', async () => {
    const { affected } = await fixture.db.getRepository('Setting').update(1, { name: 'sent' })
    expect(affected).toBe(1)
  })
})
