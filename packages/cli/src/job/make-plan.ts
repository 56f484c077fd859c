import type { Cluster, ClusterStatus, Diagnosis, FenceSurvey, FreezeOptions, NodeRecord } from '@quiesce/core'
import type { PlanDocument, PlanStep } from '../documents/plan-document.ts'
import { namespaceWords } from '../output/namespace-words.ts'
import { withoutPasswords } from '../output/without-passwords.ts'
import { counted, duration, plain, shortId } from '../output/words.ts'
import { writerWords } from '../output/writer-words.ts'
import { nodesOfOtherPolicy, policyWarning } from './policy.ts'

/** What would happen to the work that the freeze is for. */
export interface PlannedWork {
  readonly lock?: string | undefined
  readonly command?: readonly string[] | undefined
}

/** Asks the cluster, without changing anything, what a freeze with these options would meet. */
export async function makePlan(
  cluster: Cluster,
  options: FreezeOptions,
  work: PlannedWork,
  configPath: string | undefined,
): Promise<PlanDocument> {
  const [status, diagnosis, survey, statements] = await Promise.all([
    cluster.status(),
    cluster.diagnose(),
    surveyOf(cluster, options),
    statementsOf(cluster, options),
  ])
  return {
    schema: 'quiesce.plan/1',
    namespace: status.namespace,
    steps: [
      ...(work.lock === undefined ? [] : [step('lock', `take the lock "${work.lock}", or give up`, [])]),
      freezeStep(options, status),
      nodesStep(options, status.nodes),
      ...strangersStep(diagnosis),
      ...serverStep(options, diagnosis),
      ...fenceStep(options, survey, statements.raise),
      ...(work.command === undefined ? [] : [step('command', `run ${withoutPasswords(work.command).join(' ')}`, [])]),
      {
        ...step('thaw', work.command === undefined ? 'stay read-only until quiesce thaw' : 'give the writes back', []),
        statements: statements.lower,
      },
    ],
    concerns: concernsOf(status, diagnosis, configPath),
  }
}

function step(name: string, what: string, items: readonly string[]): PlanStep {
  return { step: name, what, items: [...items], statements: [] }
}

function freezeStep({ reason, owner, maxFreezeMs }: FreezeOptions, { epoch }: ClusterStatus): PlanStep {
  const next = epoch === undefined ? 'the first epoch' : `epoch ${BigInt(epoch) + 1n}`
  const end = maxFreezeMs === undefined ? '' : `, for ${duration(maxFreezeMs)} at most`
  return step(
    'freeze',
    `begin ${next} for ${owner}: ${reason}${end}; no node admits a protected write from here on`,
    [],
  )
}

function nodesStep({ ackTimeoutMs }: FreezeOptions, nodes: readonly NodeRecord[]): PlanStep {
  // One that is lost cannot ack, and only what its lease and its last write leave is waited for.
  const present = nodes.filter(({ status }) => status !== 'lost')
  const what = `wait up to ${duration(ackTimeoutMs)} for ${counted(present.length, 'node')} to ack, or undo everything`
  return step('nodes', what, nodes.map(nodeWords))
}

function nodeWords({ id, host, pid, status, inFlight, leaseRemainingMs }: NodeRecord): string {
  const lease = leaseRemainingMs > 0 ? `its lease has ${duration(leaseRemainingMs)} left` : 'its lease is over'
  const state = status === 'alive' ? `${inFlight} in flight` : `${status}; is waited out, ${lease}`
  return `${shortId(id)} ${plain(host)} pid ${pid}: ${state}`
}

function strangersStep({ members }: Diagnosis): readonly PlanStep[] {
  if (members === undefined || members.unregistered === 0) return []
  return [step('strangers', `give ${counted(members.unregistered, 'instance')} without a guard time to notice`, [])]
}

async function surveyOf(cluster: Cluster, options: FreezeOptions): Promise<FenceSurvey | undefined> {
  return options.fence === 'off' ? undefined : cluster.fenceSurvey(fenceOptionsOf(options))
}

function fenceOptionsOf({
  fenceBackend,
  exempt,
  tables,
}: FreezeOptions): Pick<FreezeOptions, 'fenceBackend' | 'exempt' | 'tables'> {
  return {
    ...(exempt === undefined ? {} : { exempt }),
    ...(fenceBackend === undefined ? {} : { fenceBackend }),
    ...(tables === undefined ? {} : { tables }),
  }
}

async function statementsOf(
  cluster: Cluster,
  options: FreezeOptions,
): Promise<{ readonly raise: string[]; readonly lower: string[] }> {
  if (options.fence === 'off') return { raise: [], lower: [] }
  const { reason } = options
  const planned = await cluster.plannedStatements({ operation: 'freeze', reason, ...fenceOptionsOf(options) })
  const of = (wanted: 'raise' | 'lower'): string[] =>
    planned.filter(({ phase }) => phase === wanted).map(({ sql }) => sql)
  return { raise: of('raise'), lower: of('lower') }
}

function fenceStep(
  { fence }: FreezeOptions,
  survey: FenceSurvey | undefined,
  statements: string[],
): readonly PlanStep[] {
  if (survey === undefined) return []
  const { obstacles, tables, gaps } = survey
  if (obstacles.length > 0) {
    return [step('fence', fence === 'required' ? 'give up, because there can be no fence' : 'no fence', obstacles)]
  }
  const covered = tables.map(({ schema, table }) => `${schema}.${table}`)
  const past = gaps.map(({ message }) => `past it: ${message}`)
  const what = `let the database refuse writes to ${counted(tables.length, 'table')}`
  return [{ ...step('fence', what, [...covered, ...past]), statements }]
}

function serverStep(
  { awaitServer, drainTimeoutMs, terminateBlockers }: FreezeOptions,
  { writers }: Diagnosis,
): readonly PlanStep[] {
  if (awaitServer === false) return []
  if (writers === undefined) return [step('server', 'cannot wait for other transactions: the server does not tell', [])]
  const otherwise = terminateBlockers === true ? 'end their sessions' : 'undo everything'
  const what = `wait up to ${duration(drainTimeoutMs)} for transactions that have written to end, or ${otherwise}`
  return [step('server', what, writers.map(writerWords))]
}

function concernsOf(status: ClusterStatus, diagnosis: Diagnosis, configPath: string | undefined): string[] {
  const differing = nodesOfOtherPolicy(status.nodes, diagnosis)
  const others = namespaceWords(status.elsewhere)
  return [
    ...(status.distrust === undefined ? [] : [status.distrust]),
    ...(others === undefined ? [] : [`no node is registered here; in this database there are ${others}`]),
    ...status.freezes.map(
      ({ id, owner, reason }) => `already frozen by ${plain(owner)} (${shortId(id)}): ${plain(reason)}`,
    ),
    ...(differing.length === 0 ? [] : [policyWarning(differing, configPath)]),
    ...diagnosis.unknownNames,
    ...diagnosis.warnings,
  ]
}
