import type { Cluster, ClusterOptions } from '@quiesce/core'
import { expect, test } from 'vitest'
import { sqliteDatabase } from '../sqlite/support/sqlite-database.ts'
import { databases, testDatabase } from '../support/database.ts'

const policy = { exempt: { entry: ['id', 'idd'], absent: ['x'] }, skip: { entry: { update: ['seen'] } } }

interface Owner {
  cluster(options: Partial<ClusterOptions>): Cluster
  drop(): Promise<void>
}

const owners: readonly (readonly [string, () => Promise<Owner>])[] = [
  ...databases.map((kind) => [kind, () => testDatabase('columns', kind)] as const),
  ['sqlite', sqliteDatabase],
]

test.each(owners)(
  'columns of the policy that a table on %s does not have are told (catches a mistyped exemption)',
  async (_, make) => {
    const owner = await make()
    const { unknownNames } = await owner.cluster(policy).diagnose()
    expect(unknownNames.filter((name) => name.includes('columns'))).toEqual([
      expect.stringMatching(/^exempt names columns that are not there: (\w+\.)?entry\.idd\. Writes/),
      expect.stringMatching(/^skip names columns that are not there: (\w+\.)?entry\.seen\. Writes/),
    ])
    await owner.drop()
  },
)
