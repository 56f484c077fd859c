import { machineMs } from '../../apps/attempt-log.ts'
import { eventually } from '../../support/eventually.ts'
import type { World } from '../world.ts'
import type { Fault, Strike } from './fault.ts'

/** Ends every session of the applications, those that listen too. */
async function cutSessions({ kind, query }: World): Promise<void> {
  if (kind === 'postgres') {
    await query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query ILIKE 'listen%' AND pid <> pg_backend_pid()`,
    )
    return
  }
  const sessions = await query(
    `SELECT id FROM information_schema.processlist WHERE command = 'Sleep' AND db = database() AND id <> connection_id()`,
  )
  for (const { id } of sessions) await query(`KILL ${id}`).catch(() => {})
}

const diskFull = {
  postgres: {
    begin: [
      `CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'No space left on device' USING ERRCODE = '53100'; END $$`,
      'CREATE TRIGGER disk_full BEFORE INSERT ON quiesce.quiesce_event FOR EACH ROW EXECUTE FUNCTION disk_full()',
    ],
    end: ['DROP TRIGGER IF EXISTS disk_full ON quiesce.quiesce_event', 'DROP FUNCTION IF EXISTS disk_full()'],
  },
  mysql: {
    begin: [
      `CREATE TRIGGER disk_full BEFORE INSERT ON quiesce_event FOR EACH ROW
        SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1021, MESSAGE_TEXT = 'Disk full'`,
    ],
    end: ['DROP TRIGGER IF EXISTS disk_full'],
  },
} as const

/**
 * From now on the server acknowledges commits that it has not written yet; nothing is written but by synchronous commits,
 * because the process that would do so later is paused.
 */
async function lossyCrash({ server, query }: World): Promise<Strike> {
  const [writer] = await query(`SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'`)
  const walWriter = Number(writer?.['pid'])
  const set = async (...settings: readonly string[]): Promise<void> => {
    for (const setting of settings) await query(`ALTER SYSTEM ${setting}`)
    await query('SELECT pg_reload_conf()')
  }
  await set('SET synchronous_commit = off')
  const from = machineMs()
  let until: number | undefined
  process.kill(walWriter, 'SIGSTOP')
  return {
    async resolved() {
      server.kill()
      process.kill(walWriter, 'SIGKILL')
      await server.restart()
      // What it had answered may be read only now.
      until = machineMs()
    },
    async heal() {
      if (until === undefined) process.kill(walWriter, 'SIGCONT')
      await eventually('the server commits synchronously again', () =>
        set('RESET synchronous_commit').then(
          () => true,
          () => false,
        ),
      )
    },
    lapse: () => (until === undefined ? undefined : { from, until }),
  }
}

/** Faults of the database server. */
export const serverFaults: readonly Fault[] = [
  {
    name: 'the database restarted',
    mayLoseFreeze: true,
    async strike({ server }) {
      return { frozen: () => server.restart(), heal: async () => {} }
    },
  },
  {
    name: 'the database killed with SIGKILL',
    mayLoseFreeze: true,
    async strike({ server }) {
      const crash = async (): Promise<void> => {
        server.kill()
        await server.restart()
      }
      return { frozen: crash, heal: async () => {} }
    },
  },
  {
    name: 'the database killed while it freezes',
    mayLoseFreeze: true,
    async strike({ server, random }) {
      const crashed = new Promise((resolve) => setTimeout(resolve, random.between(0, 300))).then(() => {
        server.kill()
        return server.restart()
      })
      return { heal: () => crashed }
    },
  },
  {
    // What the applications were told may be lost, as they chose; the freeze may not, nor may it end: it has no lease.
    name: 'commits lost by a crash',
    databases: ['postgres'],
    freeze: { kind: 'operator' },
    strike: lossyCrash,
  },
  {
    name: 'sessions cut by the server',
    async strike(world) {
      await cutSessions(world)
      return { frozen: () => cutSessions(world), heal: async () => {} }
    },
  },
  {
    name: 'the disk full',
    async strike({ kind, query }) {
      const { begin, end } = diskFull[kind === 'postgres' ? 'postgres' : 'mysql']
      for (const sql of begin) await query(sql)
      return {
        async heal() {
          for (const sql of end) await query(sql)
        },
      }
    },
  },
  {
    name: 'the disk full during the freeze',
    mayLoseFreeze: true,
    async strike({ kind, query }) {
      const { begin, end } = diskFull[kind === 'postgres' ? 'postgres' : 'mysql']
      return {
        async frozen() {
          for (const sql of begin) await query(sql)
        },
        async heal() {
          for (const sql of end) await query(sql)
        },
      }
    },
  },
]
