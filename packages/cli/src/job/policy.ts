import type { Cluster, Diagnosis, FreezeOptions, NodeRecord } from '@quiesce/core'
import type { CommandContext } from '../command-context.ts'
import { counted, plain } from '../output/words.ts'
import { misuse } from '../usage-error.ts'

/**
 * Looks whether the live nodes have the exemptions of this command's configuration: a fence refuses by ours.
 *
 * @throws QuiesceError `QUIESCE_CONFIG` when they differ and there will be a fence; without one it is only said.
 */
export async function checkPolicy(context: CommandContext, cluster: Cluster, options: FreezeOptions): Promise<void> {
  const diagnosis = await cluster.diagnose()
  if (diagnosis.schema.found !== diagnosis.schema.known) return
  const others = nodesOfOtherPolicy(await cluster.nodes(), diagnosis)
  if (others.length === 0) return
  const message = policyWarning(others, (await context.settings()).configPath)
  const fenced = options.fence !== 'off' && (await cluster.fenceSurvey(options))?.obstacles.length === 0
  if (fenced) throw misuse(`${message} The fence would refuse writes that they let pass. Or pass --fence off.`)
  context.say(`quiesce: ${message}`)
}

/** The live nodes whose exemptions are not those of this command's configuration. */
export function nodesOfOtherPolicy(nodes: readonly NodeRecord[], { policyHash }: Diagnosis): readonly NodeRecord[] {
  return nodes.filter((node) => node.status !== 'lost' && withoutMark(node.policyHash) !== policyHash)
}

/** A node that only reports marks its hash; its exemptions are the same. */
function withoutMark(policyHash: string): string {
  return policyHash.replace(/^report:/, '')
}

/** What differing exemptions mean, and what to do about them. */
export function policyWarning(others: readonly NodeRecord[], configPath: string | undefined): string {
  const who = others.map(({ host, pid, policyHash }) => `${plain(host)} pid ${pid}, policy ${policyHash}`).join('; ')
  const where = configPath ?? 'a quiesce.config.ts'
  return `${counted(others.length, 'node')} run with other exemptions than this command (${who}). Export the application's own cluster options from ${where}, so that they cannot differ.`
}
