import { readdirSync, readFileSync } from 'node:fs'

/** Processor time of a server and its sessions in seconds, as Linux tells it; `NaN` elsewhere. */
export function processorSeconds(pid: number): number {
  let ticks = 0
  for (const name of entriesOf('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const fields = statOf(name)
    if (Number(name) === pid || Number(fields[1]) === pid) ticks += Number(fields[11]) + Number(fields[12])
  }
  return ticks === 0 ? Number.NaN : ticks / TICKS_A_SECOND
}

const TICKS_A_SECOND = 100

function entriesOf(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

/** What follows the name of the program, which may contain anything: state, parent, … user time, system time. */
function statOf(pid: string): readonly string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    // It has ended meanwhile.
    return []
  }
}

/** How many statements a server was sent, by what it counts itself. */
export const statementCounters: Readonly<Record<string, string>> = {
  // Each coordination statement is a transaction of its own.
  postgres: 'SELECT sum(xact_commit)::float8 AS n FROM pg_stat_database',
  mysql: `SELECT variable_value + 0 AS n FROM performance_schema.global_status WHERE variable_name = 'Questions'`,
}
