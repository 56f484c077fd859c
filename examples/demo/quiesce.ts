import { type Cluster, createCluster } from '@quiesce/core'

/** The cluster of the demo; its durations are shorter than the defaults, so that a takeover can be watched. */
export function demoCluster(database: string, application: string): Cluster {
  return createCluster({
    database,
    application,
    namespace: 'demo',
    exempt: {
      cloud_migration: true,
      setting: true,
      core_user: true,
      core_session: true,
      login_history: true,
      audit_log: true,
      view_log: true,
      report_card: ['last_used_at', 'updated_at'],
    },
    pollIntervalMs: 500,
    nodeLeaseMs: 2000,
    writeBoundMs: 1000,
    freezeLeaseMs: 4000,
    statementTimeoutMs: 1500,
  })
}
