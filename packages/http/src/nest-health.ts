import type { Cluster } from '@quiesce/core'

/** What terminus takes from a health indicator. */
export type ReadOnlyHealth<K extends string> = Readonly<
  Record<
    K,
    {
      readonly status: 'up' | 'down'
      readonly mode: string
      readonly health: string
      readonly epoch: string | undefined
    }
  >
>

/**
 * A health indicator for `@nestjs/terminus`: up, with the mode, also while the cluster is read-only.
 *
 * @example
 * health.check([() => readOnlyHealth.isHealthy()])
 */
export class ReadOnlyHealthIndicator {
  readonly #cluster: Cluster

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  /**
   * Tells the mode under `key`. It is down only with `downWithoutLease`, while the node cannot vouch for the mode: with the
   * coordination database down every node would stop being ready, and reads would die with the writes.
   */
  isHealthy<K extends string = 'quiesce'>(
    key: K = 'quiesce' as K,
    { downWithoutLease = false }: { readonly downWithoutLease?: boolean } = {},
  ): Promise<ReadOnlyHealth<K>> {
    const { mode, health, epoch } = this.#cluster.state
    const isLost = health === 'lease-lost' || health === 'state-lost'
    const state = { status: isLost && downWithoutLease ? 'down' : 'up', mode, health, epoch } as const
    // A computed key widens to string.
    return Promise.resolve({ [key]: state } as ReadOnlyHealth<K>)
  }
}
