import type { Clock } from '../../domain/clock.ts'
import { QuiesceError } from '../../domain/errors.ts'
import type { NodeRecord } from '../../domain/node-record.ts'
import type { Finding } from '../../domain/preflight.ts'
import type { CoordinationStore } from '../../domain/store.ts'
import { sleep } from '../sleep.ts'
import type { RunCheck } from './run.ts'
import type { ResolvedRunOptions } from './run-options.ts'

/** What a preflight asks. */
export interface PreflightContext {
  readonly store: CoordinationStore
  readonly clock: Clock
  readonly nodeId: () => string
  /** What the fence could not cover, or why there is none; empty where nobody wants one. */
  readonly fenceFindings: (options: ResolvedRunOptions) => Promise<readonly Finding[]>
}

/**
 * Asks everything that can be asked before anything is locked or frozen, and lists all of it at once.
 *
 * @throws QuiesceError `QUIESCE_PREFLIGHT` with `data.findings` when something stands in the way and nobody forces it.
 */
export async function preflight(
  context: PreflightContext,
  options: ResolvedRunOptions,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const { store } = context
  const [server, nodes, warnings, fence, ...checks] = await Promise.all([
    store.runs.findings(options.limits),
    settledNodes(context).then((all) => nodeFindings(all, context.nodeId())),
    store.warnings?.().catch((error: unknown) => [`what weakens the promise could not be asked: ${error}`]) ?? [],
    context.fenceFindings(options),
    ...options.checks.map((check) => askUser(check, signal)),
  ])
  const weak = warnings.map((message): Finding => ({ check: 'server', message, blocking: false }))
  const found = [...server, ...nodes, ...weak, ...fence, ...checks.flat()]
  const blocking = found.filter((finding) => finding.blocking)
  if (blocking.length > 0 && options.force === undefined) throw refused(options.name, blocking)
  return found
}

function refused(name: string, findings: readonly Finding[]): QuiesceError {
  const list = findings.map(({ check, message }) => `\n- ${check}: ${message}`).join('')
  return new QuiesceError(
    'QUIESCE_PREFLIGHT',
    `The run ${JSON.stringify(name)} was not begun; ${findings.length} thing(s) stand in its way:${list}\nMend them, or pass force with a reason, which is recorded.`,
    { name, findings },
  )
}

/** A node that is late only for a moment stands in nobody's way: it gets one more heartbeat. */
async function settledNodes({ store, clock }: PreflightContext): Promise<readonly NodeRecord[]> {
  const nodes = await store.nodes()
  const overdue = nodes.filter(({ status }) => status === 'overdue')
  if (overdue.length === 0) return nodes
  await sleep(clock, Math.max(...overdue.map(({ heartbeatMs }) => heartbeatMs)))
  return store.nodes()
}

function nodeFindings(nodes: readonly NodeRecord[], self: string): readonly Finding[] {
  const own = nodes.find(({ id }) => id === self)
  const alive = nodes.filter(({ status }) => status !== 'lost')
  const where = ({ id, host, pid }: NodeRecord): string => `node ${id} (${host} pid ${pid})`
  return alive.flatMap((node): readonly Finding[] => {
    const findings: Finding[] = []
    const add = (check: string, what: string): void => {
      findings.push({ check, message: `${where(node)} ${what}`, blocking: true, data: { nodeId: node.id } })
    }
    if (node.status === 'overdue')
      add(
        'node-overdue',
        `was last heard ${Math.round(node.heartbeatAgeMs)} ms ago; see to it, or wait until its lease is over`,
      )
    if (own !== undefined && isOlder(node.libraryVersion, own.libraryVersion))
      add('node-version', `runs @quiesce/core ${node.libraryVersion}, this one ${own.libraryVersion}; update it`)
    if (own !== undefined && node.policyHash !== own.policyHash)
      add('node-policy', 'was configured with other exemptions than this one; give all nodes the same')
    return findings
  })
}

function isOlder(version: string, than: string): boolean {
  const [a, b] = [version, than].map((text) => text.split('.').map(Number))
  for (const [index, part] of (b ?? []).entries()) {
    const difference = (a?.[index] ?? 0) - part
    if (difference !== 0) return difference < 0
  }
  return false
}

async function askUser({ name, check }: RunCheck, signal: AbortSignal): Promise<readonly Finding[]> {
  const finding = (message: string): Finding => ({ check: name, message, blocking: true })
  try {
    const answer = (await raced(Promise.resolve(check(signal)), signal)) ?? []
    return (typeof answer === 'string' ? [answer] : answer).map(finding)
  } catch (error) {
    return [finding(`the check failed: ${error instanceof Error ? error.message : String(error)}`)]
  }
}

/** A check that does not end counts as failed. */
function raced<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason)
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
