import { z } from 'zod'
import { defineCommand, type QuiesceCommand } from '../command.ts'
import { type NodesDocument, nodeEntryOf } from '../documents/node-document.ts'
import { EXIT } from '../exit-code.ts'
import { nodesScreen } from '../output/status-screen.ts'

/** `quiesce nodes`: who is registered. */
export const nodes: QuiesceCommand = defineCommand({
  name: 'nodes',
  summary: 'list the registered nodes: lease, version, acked epoch, writes in flight',
  flags: [],
  input: z.strictObject({}),
  async act(context) {
    const { namespace, mode, epoch, nodes: found } = await (await context.cluster()).status()
    const document: NodesDocument = {
      schema: 'quiesce.nodes/1',
      namespace,
      epoch: epoch ?? null,
      nodes: found.map((node) => nodeEntryOf(node, epoch)),
    }
    context.print(document, (shown) => nodesScreen(shown.nodes, mode, context.colors))
    return EXIT.ok
  },
})
