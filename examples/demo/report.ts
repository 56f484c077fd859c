import { styleText } from 'node:util'
import type { Application } from './application.ts'

const startedAt = performance.now()
const coloured = process.stdout.isTTY && process.env['NO_COLOR'] === undefined

/** One line with the time since the start; readable on a terminal and in a log. */
export function say(topic: string, text: string, style: 'green' | 'cyan' | 'red' | 'yellow' = 'cyan'): void {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1).padStart(5)
  const label = topic.padEnd(10)
  console.log(`${seconds}s  ${coloured ? styleText(style, label) : label} ${text}`)
}

/** `42 ms`, for times that were measured. */
export const ms = (value: number): string => `${Math.round(value)} ms`

/** The refused writes of some applications by table. */
export function refusedByTable(applications: readonly Application[]): string {
  const sum = new Map<string, number>()
  for (const { refused } of applications)
    for (const [table, count] of refused) sum.set(table, (sum.get(table) ?? 0) + count)
  const parts = [...sum].sort().map(([table, count]) => `${table} ${count}`)
  return parts.length === 0 ? 'none' : parts.join(', ')
}

/** A line of the final list; false when the invariant does not hold. */
export function invariant(name: string, value: number, wanted: number): boolean {
  const holds = value === wanted
  say(holds ? 'ok' : 'FAILED', `${name}: ${value}${holds ? '' : ` (wanted ${wanted})`}`, holds ? 'green' : 'red')
  return holds
}
