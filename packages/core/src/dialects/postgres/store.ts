import { randomUUID } from 'node:crypto'
import { QuiesceError } from '../../domain/errors.ts'
import type { Result, Row, SqlExecutor } from '../../domain/executor.ts'
import type { CoordinationStore, LockAttempt, LockRequest } from '../../domain/store.ts'
import type { StoreOptions } from '../dialect.ts'
import { readRow } from '../row.ts'
import { commitChange, freezeParameter } from './commit-statement.ts'
import { decodeEvent, decodeLock, decodeNode, decodeSnapshot, decodeWriter } from './decode.ts'
import { explain, meaningOf, sqlStateOf } from './errors.ts'
import { insertEvent, selectEvents } from './event-statements.ts'
import { extendFreeze, renewFreeze } from './freeze-statements.ts'
import { acquireLock, releaseLock, renewLock, selectLocks } from './lock-statements.ts'
import { tableNames } from './names.ts'
import { deleteNode, insertNode, reapNodes, selectNodes } from './node-statements.ts'
import { selectOpenWriters } from './open-writers.ts'
import { migration, NEWER_SCHEMA, SCHEMA_VERSION } from './schema.ts'
import { beatAndSelect, insertCluster, selectSnapshot } from './snapshot-statements.ts'

/** One channel for all; the payload tells whose state changed. */
const CHANNEL = 'quiesce'

/** The coordination state in PostgreSQL; every method is one statement. */
export function createPostgresStore(executor: SqlExecutor, options: StoreOptions): CoordinationStore {
  const { namespace, location, synchronousCommit } = options
  const t = tableNames(location)
  const payload = `${location.schema}.${location.tablePrefix}${namespace}`
  const run = async (sql: string, parameters: readonly unknown[] = []): Promise<Result> => {
    try {
      return await executor.execute(sql, parameters)
    } catch (error) {
      throw explain(error)
    }
  }
  const rows = async (sql: string, parameters: readonly unknown[]): Promise<readonly Row[]> => (await run(sql, parameters)).rows

  return {
    async migrate() {
      try {
        await executor.execute(migration(t))
      } catch (error) {
        if (sqlStateOf(error) !== NEWER_SCHEMA) throw explain(error)
        throw new QuiesceError('QUIESCE_SCHEMA', `${String(error)}. Update @quiesce/core on every node.`, { known: SCHEMA_VERSION })
      }
    },

    async schemaVersion() {
      const [there] = await rows('SELECT to_regclass($1)::text AS name', [t.version])
      if (there?.['name'] == null) return { found: undefined, known: SCHEMA_VERSION }
      const [row] = await rows(`SELECT max(version) AS version FROM ${t.version}`, [])
      return { found: row?.['version'] == null ? undefined : Number(row['version']), known: SCHEMA_VERSION }
    },

    async ensureCluster() {
      await run(insertCluster(t), [namespace, randomUUID()])
    },

    read: async () => decodeSnapshot((await rows(selectSnapshot(t), [namespace]))[0], namespace),

    async commit(expected, change, by) {
      const json = (value: unknown): string => JSON.stringify(value)
      const { epoch, nonce, database } = expected
      const [row] = await rows(commitChange(t), [
        namespace, epoch, nonce, database, change.epoch, randomUUID(), change.mode, change.database, by,
        freezeParameter(change.begin), json(change.confirm), json(change.end), json(change.keep), json(change.events),
        CHANNEL, payload, synchronousCommit,
      ])
      return row !== undefined && readRow(row).number('moved') === 1
    },

    async join(n) {
      await run(insertNode(t), [
        namespace, n.id, n.host, n.pid, n.application, n.libraryVersion, n.protocolVersion, n.policyHash, n.heartbeatMs, n.leaseMs,
      ])
    },

    async beat(nodeId, { seenEpoch, ackedEpoch, inFlight, unknown, oldest }) {
      const parameters = [namespace, nodeId, seenEpoch, ackedEpoch, inFlight, unknown, oldest ?? null]
      return decodeSnapshot((await rows(beatAndSelect(t), parameters))[0], namespace)
    },

    async leave(nodeId) {
      await run(deleteNode(t), [namespace, nodeId])
    },

    nodes: async () => (await rows(selectNodes(t), [namespace])).map(decodeNode),

    reap: async (afterMs) => (await rows(reapNodes(t), [namespace, afterMs])).map((row) => readRow(row).text('id')),

    async renewFreeze(id, nonce) {
      const [row] = await rows(renewFreeze(t), [namespace, id, nonce])
      return row === undefined ? undefined : readRow(row).number('remaining_ms')
    },

    async extendFreeze(id, nonce, { expectedEnd }) {
      return (await rows(extendFreeze(t), [namespace, id, nonce, expectedEnd?.getTime() ?? null])).length === 1
    },

    acquireLock: (request) => attemptLock(request),

    renewLock: async (name, nonce, leaseMs) => (await rows(renewLock(t), [namespace, name, nonce, leaseMs])).length === 1,

    releaseLock: async (name, nonce) => (await rows(releaseLock(t), [namespace, name, nonce])).length === 1,

    locks: async () => (await rows(selectLocks(t), [namespace])).map(decodeLock),

    openWriters: async () => (await rows(selectOpenWriters, [location.schema, location.tablePrefix])).map(decodeWriter),

    async recordEvent({ type, node, freezeId, detail }) {
      await run(insertEvent(t), [namespace, type, node ?? null, freezeId ?? null, JSON.stringify(detail ?? {})])
    },

    events: async (limit) => (await rows(selectEvents(t), [namespace, limit])).map(decodeEvent),

    ...(executor.listen === undefined ? {} : { listen: listenTo(executor.listen.bind(executor), payload) }),

    close: () => executor.close(),
  }

  async function attemptLock({ name, holder, nonce, owner, leaseMs, statementTimeoutMs }: LockRequest): Promise<LockAttempt> {
    const parameters = [namespace, name, holder, nonce, owner, leaseMs, `${statementTimeoutMs}ms`]
    try {
      const [row] = (await executor.execute(acquireLock(t), parameters)).rows
      const r = readRow(row ?? {})
      const token = r.optionalText('taken_token')
      if (token !== undefined) return { acquired: true, token, takenOverFrom: r.optionalText('taken_over_from') }
      return { acquired: false, held: r.optionalText('name') === undefined ? undefined : decodeLock(row ?? {}) }
    } catch (error) {
      if (meaningOf(error) === 'retry') return { acquired: false, held: undefined }
      throw explain(error)
    }
  }
}

type Listen = NonNullable<SqlExecutor['listen']>

function listenTo(listen: Listen, payload: string): NonNullable<CoordinationStore['listen']> {
  return (onHint) =>
    listen(CHANNEL, (received) => {
      if (received === payload) onHint()
    })
}
