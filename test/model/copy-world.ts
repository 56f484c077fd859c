import type { Database, World } from './world.ts'

/** Makes another world like this one; what no step changes is shared. */
export function copyWorld({ database, standby, copied, failedOver, nodes, holders, writes, takeover }: World): World {
  return {
    database: copyDatabase(database),
    standby: standby === null ? null : copyDatabase(standby),
    copied,
    failedOver,
    nodes: nodes.map((node) => ({ ...node, beat: node.beat === null ? null : { ...node.beat } })),
    holders: holders.map((holder) => ({ ...holder })),
    writes: writes.map((write) => ({ ...write })),
    takeover,
  }
}

function copyDatabase(database: Database): Database {
  const { freezes, nodes, fences } = database
  return {
    ...database,
    freezes: freezes.map((freeze) => ({ ...freeze })),
    nodes: nodes.map((node) => ({ ...node })),
    fences: [...fences],
  }
}
