import type { ClusterStatus } from '@quiesce/core'
import { counted, plain } from './words.ts'

/** Where the nodes are that this namespace does not have, e.g. `shop (2 nodes)`; `undefined` where there are none. */
export function namespaceWords(elsewhere: ClusterStatus['elsewhere']): string | undefined {
  if (elsewhere.length === 0) return undefined
  return elsewhere.map(({ namespace, nodes }) => `${plain(namespace)} (${counted(nodes, 'node')})`).join(', ')
}
