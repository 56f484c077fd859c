import type { Cluster, FreezeOptions } from '@quiesce/core'
import type { CommandContext } from '../command-context.ts'
import { namespaceWords } from '../output/namespace-words.ts'
import { plain } from '../output/words.ts'
import { misuse } from '../usage-error.ts'

/**
 * Looks whether there is anybody whom the freeze would hold back, before this command joins and acks by itself.
 *
 * @throws QuiesceError `QUIESCE_CONFIG` when nobody said which namespace is meant, and the nodes are in another one.
 */
export async function checkNamespace(
  context: CommandContext,
  cluster: Cluster,
  { fence }: Pick<FreezeOptions, 'fence'>,
): Promise<void> {
  const { schema } = await cluster.diagnose()
  // What is wrong with the tables, the freeze itself will say.
  if (schema.found !== schema.known) return
  const { namespace, nodes, elsewhere } = await cluster.status()
  if (nodes.some(({ status }) => status !== 'lost')) return
  const others = namespaceWords(elsewhere)
  const nobody = `No node is registered in the namespace ${plain(namespace)}`
  const settings = await context.settings()
  if (others !== undefined && settings.options.namespace === undefined) {
    throw misuse(
      `No namespace was named, and no node is registered in ${plain(namespace)}; in this database there are ${others}. Name the one that you mean: --namespace, QUIESCE_NAMESPACE or the configuration file.`,
    )
  }
  const elsewhereToo = others === undefined ? '' : `; in this database there are ${others}`
  const consequence = fence === 'off' ? ' This freeze holds nobody back.' : ''
  if (!context.json) context.say(`quiesce: ${nobody}${elsewhereToo}.${consequence}`)
}
