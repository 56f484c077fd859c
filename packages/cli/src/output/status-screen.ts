import type { NodeEntry } from '../documents/node-document.ts'
import type { FreezeEntry, StatusDocument } from '../documents/status-document.ts'
import type { Colors } from '../terminal.ts'
import { namespaceWords } from './namespace-words.ts'
import { table } from './table.ts'
import { counted, duration, fromNow, plain, shortId } from './words.ts'
import { writerWords } from './writer-words.ts'

/** The state of a cluster for people. */
export function statusScreen(document: StatusDocument, colors: Colors): string {
  const { namespace, epoch, distrust, freezes, nodes, at } = document
  const now = Date.parse(at)
  const others = namespaceWords(document.elsewhere)
  const head = [colors.bold(plain(namespace)), modeWord(document.mode, colors), epoch === null ? '' : `epoch ${epoch}`]
  return [
    head.filter(Boolean).join('  '),
    ...(distrust === null ? [] : [colors.yellow(`  ${plain(distrust)}`)]),
    ...(freezes.length === 0 ? [] : ['', freezeTable(freezes, now)]),
    '',
    nodesScreen(nodes, document.mode, colors),
    ...document.writers.map((writer) => colors.yellow(`Waiting for ${writerEntryWords(writer)}`)),
    ...(others === undefined
      ? []
      : [colors.yellow(`In this database there are: ${others}. Look there with --namespace.`)]),
  ].join('\n')
}

function writerEntryWords({ ageMs, query, ...writer }: StatusDocument['writers'][number]): string {
  return writerWords({ ...writer, ageMs: ageMs ?? undefined, query: query ?? undefined })
}

/** Nodes for people; while writes are refused, with a line that says how many have acked. */
export function nodesScreen(nodes: readonly NodeEntry[], mode: StatusDocument['mode'], colors: Colors): string {
  if (nodes.length === 0) return 'No nodes are registered.'
  // While everybody writes, an ack comes with the next heartbeat and means nothing.
  if (mode === 'read-write') return nodeTable(nodes, colors)
  // Nobody waits for one that is lost: its lease is over, and it cannot ack.
  const present = nodes.filter((node) => node.status !== 'lost' || node.acked)
  const lost = nodes.length - present.length
  const acked = present.filter((node) => node.acked).length
  const words = `${acked} of ${counted(present.length, 'node')} acked this epoch${lost === 0 ? '' : `, ${lost} lost`}`
  return `${nodeTable(nodes, colors)}\n${words}`
}

function modeWord(mode: StatusDocument['mode'], colors: Colors): string {
  const paint = { 'read-write': colors.green, draining: colors.yellow, 'read-only': colors.cyan, unknown: colors.red }[
    mode
  ]
  return paint(mode.toUpperCase())
}

function freezeTable(freezes: readonly FreezeEntry[], now: number): string {
  const rows = freezes.map(({ id, kind, phase, owner, reason, since, leaseRemainingMs, expectedEnd }) => [
    shortId(id),
    kind,
    phase,
    fromNow(new Date(since), now),
    leaseWord(leaseRemainingMs),
    expectedEnd === null ? '-' : fromNow(new Date(expectedEnd), now),
    plain(owner),
    plain(reason),
  ])
  return table(['FREEZE', 'KIND', 'PHASE', 'SINCE', 'LEASE', 'EXPECTED END', 'OWNER', 'REASON'], rows)
}

function leaseWord(leaseRemainingMs: number | null): string {
  if (leaseRemainingMs === null) return '-'
  return leaseRemainingMs > 0 ? duration(leaseRemainingMs) : 'over'
}

function nodeTable(nodes: readonly NodeEntry[], colors: Colors): string {
  const paint = { alive: colors.green, overdue: colors.yellow, lost: colors.red }
  const rows = nodes.map((node) => [
    shortId(node.id),
    plain(node.host),
    String(node.pid),
    plain(node.application),
    paint[node.status](node.status) + (node.enforcement === 'report' ? ' (reports)' : ''),
    duration(node.heartbeatAgeMs),
    node.ackedEpoch === '0' ? '-' : node.ackedEpoch,
    String(node.inFlight) + (node.unknown > 0 ? ` (${node.unknown} unknown)` : ''),
    plain(node.oldest ?? ''),
  ])
  return table(['NODE', 'HOST', 'PID', 'APP', 'STATUS', 'HEARTBEAT', 'ACKED', 'IN FLIGHT', 'OLDEST'], rows)
}
