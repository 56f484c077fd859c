import type { Cluster, ClusterStatus, Diagnosis, FenceOption, FenceSurvey, LockRecord, NodeRecord } from '@quiesce/core'
import type { Finding } from '../documents/doctor-document.ts'
import { namespaceWords } from '../output/namespace-words.ts'
import { counted, duration, plain, shortId } from '../output/words.ts'
import type { ClusterSettings } from '../settings/cluster-settings.ts'
import { fenceOption, standingFence, standingFences } from './examine-fences.ts'
import { nodesOfOtherPolicy, policyWarning } from './policy.ts'

/** What was found, and the fences that this database could have. */
export interface Examination {
  readonly findings: readonly Finding[]
  readonly fences: readonly FenceOption[]
}

/** Looks at everything that decides what a freeze here is worth; the worst findings say what to do. */
export async function examine(cluster: Cluster, settings: ClusterSettings): Promise<Examination> {
  const diagnosis = await cluster.diagnose()
  const first = [configuration(settings), schema(diagnosis), ...serverWarnings(diagnosis)]
  if (diagnosis.schema.found !== diagnosis.schema.known) return { findings: first, fences: [] }
  const status = await cluster.status()
  const [locks, survey, installation, options] = await Promise.all([
    cluster.locks(),
    cluster.fenceSurvey(),
    cluster.fenceInstallation(),
    cluster.fenceOptions(),
  ])
  // Whose fences stand can only be told where there is a state.
  const standing = status.epoch === undefined ? [] : await cluster.fences()
  const findings = [
    ...first,
    state(status),
    liveness(status),
    versions(status.nodes, diagnosis),
    ...reporting(status.nodes),
    policies(status.nodes, diagnosis, settings),
    ...mistypedNames(diagnosis),
    strangers(diagnosis),
    openWriters(diagnosis),
    ...fence(survey),
    ...standingFence(installation, survey),
    ...options.map(fenceOption),
    ...standingFences(standing),
    ...freezes(status),
    deadLocks(locks),
  ]
  return { findings, fences: options }
}

const ok = (check: string, message: string): Finding => ({ check, level: 'ok', message, advice: null })
const warning = (check: string, message: string, advice: string): Finding => ({
  check,
  level: 'warning',
  message,
  advice,
})
const problem = (check: string, message: string, advice: string): Finding => ({
  check,
  level: 'problem',
  message,
  advice,
})

function configuration({ configPath, databaseFrom, options }: ClusterSettings): Finding {
  const from = configPath === undefined ? '' : `, options from ${configPath}`
  if (options.exempt === undefined && configPath === undefined) {
    return warning(
      'configuration',
      `the database comes from ${databaseFrom}; no quiesce.config file was found`,
      "Export the application's cluster options from quiesce.config.ts, so that this command and the application cannot differ.",
    )
  }
  return ok('configuration', `the database comes from ${databaseFrom}${from}`)
}

function schema({ schema: { found, known } }: Diagnosis): Finding {
  if (found === known) return ok('schema', `the coordination tables have version ${known}`)
  if (found === undefined) {
    return problem(
      'schema',
      'the coordination tables are missing',
      'Run quiesce init with a role that may create them.',
    )
  }
  const advice =
    found < known
      ? 'Run quiesce init with a role that may change them.'
      : 'Update the quiesce package to the version of the nodes.'
  return problem('schema', `the coordination tables have version ${found}, this command needs ${known}`, advice)
}

function serverWarnings({ warnings }: Diagnosis): readonly Finding[] {
  if (warnings.length === 0) return [ok('server', "the server's settings and the role's rights are as wanted")]
  return warnings.map((message) => warning('server', message, 'See the page of your database in docs.'))
}

function state({ distrust, mode, epoch, nodes }: ClusterStatus): Finding {
  if (distrust === undefined) return ok('state', `${mode}, epoch ${epoch}`)
  if (epoch === undefined && nodes.length === 0) {
    return warning('state', distrust, 'Start the application with cluster.start(), or check --namespace.')
  }
  return problem(
    'state',
    distrust,
    "The nodes re-establish it by themselves after a holder's lease; see quiesce history.",
  )
}

function liveness({ nodes, elsewhere }: ClusterStatus): Finding {
  const quiet = nodes.filter(({ status }) => status !== 'alive')
  if (nodes.length === 0) {
    const others = namespaceWords(elsewhere)
    const advice = others === undefined ? 'Start the application first.' : `In this database there are: ${others}.`
    return warning('nodes', 'no node is registered: a freeze would hold nobody back', advice)
  }
  if (quiet.length === 0) return ok('nodes', `${counted(nodes.length, 'node')} alive`)
  const who = quiet
    .map(({ id, host, pid, status }) => `${shortId(id)} (${plain(host)} pid ${pid}) is ${status}`)
    .join('; ')
  return warning(
    'nodes',
    who,
    'A freeze waits out what is left of their leases. Check those processes; lost rows are removed by themselves.',
  )
}

function reporting(nodes: readonly NodeRecord[]): readonly Finding[] {
  const found = nodes.filter(({ enforcement, status }) => enforcement === 'report' && status !== 'lost')
  if (found.length === 0) return []
  const message = `${counted(found.length, 'node')} only report, and never ack a freeze`
  return [warning('enforcement', message, "Give them enforcement: 'enforce' before you rely on a freeze.")]
}

function versions(nodes: readonly NodeRecord[], { libraryVersion }: Diagnosis): Finding {
  const others = nodes.filter((node) => node.status !== 'lost' && node.libraryVersion !== libraryVersion)
  if (others.length === 0) return ok('versions', `all run ${libraryVersion}`)
  const seen = [...new Set(others.map((node) => node.libraryVersion))].join(', ')
  return warning(
    'versions',
    `${counted(others.length, 'node')} run ${seen}, this command is ${libraryVersion}`,
    'Finish the roll-out.',
  )
}

function policies(nodes: readonly NodeRecord[], diagnosis: Diagnosis, { configPath }: ClusterSettings): Finding {
  const { policyHash } = diagnosis
  const others = nodesOfOtherPolicy(nodes, diagnosis)
  if (others.length === 0) return ok('policy', `the exemptions agree everywhere (policy ${policyHash})`)
  return problem('policy', policyWarning(others, configPath), `This command's policy is ${policyHash}.`)
}

function mistypedNames({ unknownNames }: Diagnosis): readonly Finding[] {
  const advice = 'Write the names as the database has them, or make the tables first.'
  return unknownNames.map((message) => warning('exemptions', message, advice))
}

function strangers({ members }: Diagnosis): Finding {
  const count = members?.unregistered ?? 0
  if (count === 0) return ok('strangers', 'no source of detect sees instances without a guard')
  return warning(
    'strangers',
    `${counted(count, 'instance')} cannot ack, because they are no nodes`,
    'Guard them, or freeze with the fence.',
  )
}

function openWriters({ writers }: Diagnosis): Finding {
  if (writers === undefined) {
    return warning(
      'writers',
      'the server does not tell which transactions are open, so a freeze does not wait for those of other programs',
      'See the privileges on the page of your database in docs.',
    )
  }
  const old = writers.filter(({ ageMs = 0 }) => ageMs > LONG_MS)
  if (old.length === 0) return ok('writers', `${counted(writers.length, 'open transaction')} would be waited for`)
  const who = old
    .map(({ pid, application, ageMs }) => `session ${pid} (${plain(application)}, ${duration(ageMs)})`)
    .join('; ')
  return warning(
    'writers',
    `long transactions have written: ${who}`,
    'End them before a freeze, or pass --terminate-blockers.',
  )
}

const LONG_MS = 10_000

function fence(survey: FenceSurvey | undefined): readonly Finding[] {
  const advice = 'Without it a freeze holds back the registered nodes alone.'
  if (survey === undefined) return [warning('fence', 'this database cannot refuse writes by itself', advice)]
  const { obstacles, tables, gaps } = survey
  if (obstacles.length > 0) return obstacles.map((obstacle) => warning('fence', `no fence: ${obstacle}`, advice))
  if (tables.length === 0) return [warning('fence', 'there is no table that a fence could be put on', advice)]
  return [
    ok('fence', `the database would refuse writes to ${counted(tables.length, 'table')}`),
    ...gaps.map(({ message, subject }) => gap(subject === undefined ? message : `${subject}: ${message}`)),
  ]
}

function gap(message: string): Finding {
  return warning('fence-gap', message, 'It can be written past the fence.')
}

function freezes({ freezes: active }: ClusterStatus): readonly Finding[] {
  return active.map(({ id, kind, owner, reason, leaseRemainingMs, deadlineRemainingMs }) => {
    const who = `${kind} freeze ${shortId(id)} of ${plain(owner)}: ${plain(reason)}`
    if (leaseRemainingMs !== undefined || deadlineRemainingMs !== undefined) return ok('freezes', who)
    return warning(
      'freezes',
      `${who}; it has no end`,
      `Give the writes back with quiesce thaw ${shortId(id)} when its work is done.`,
    )
  })
}

function deadLocks(locks: readonly LockRecord[]): Finding {
  const dead = locks.filter(({ holder, leaseRemainingMs = 1 }) => holder !== undefined && leaseRemainingMs <= 0)
  if (dead.length === 0)
    return ok('locks', `${counted(locks.filter(({ holder }) => holder !== undefined).length, 'lock')} held`)
  return warning(
    'locks',
    `the lease is over of: ${dead.map(({ name }) => plain(name)).join(', ')}`,
    'Free them with quiesce release --dead; the next taker does so too.',
  )
}
