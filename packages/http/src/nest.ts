import type { Cluster } from '@quiesce/core'
import type { HttpOptions } from './http-options.ts'
import { ReadOnlyFilter, ReadOnlyGuard } from './nest-door.ts'
import { ReadOnlyHealthIndicator } from './nest-health.ts'
import type { NodeRequest } from './node-http.ts'

export { AllowWhileReadOnly, ReadOnlyFilter, ReadOnlyGuard } from './nest-door.ts'
export { ReadOnlyHealthIndicator } from './nest-health.ts'

/** What {@link ReadOnlyModule} is made from. */
export interface ReadOnlyModuleOptions extends HttpOptions<NodeRequest> {
  /** The cluster; starting and closing it stays with whoever made it. */
  readonly cluster: Cluster
}

/** The same, made by a factory with what Nest injects. */
export interface ReadOnlyModuleAsyncOptions<A extends readonly unknown[]> {
  readonly imports?: readonly unknown[]
  /** Tokens of what the factory gets, in this order. */
  readonly inject?: readonly unknown[]
  readonly useFactory: (...injected: A) => ReadOnlyModuleOptions | Promise<ReadOnlyModuleOptions>
}

/** What we make of Nest's `DynamicModule`; its arrays are mutable there. */
export interface ReadOnlyDynamicModule {
  module: typeof ReadOnlyModule
  global: true
  // Nest's own types of these are unions over `any`.
  imports: never[]
  providers: never[]
  exports: Array<symbol | typeof ReadOnlyHealthIndicator>
}

/** The token by which the cluster of {@link ReadOnlyModule} is injected. */
export const QUIESCE_CLUSTER: unique symbol = Symbol.for('quiesce:cluster')

const SETTINGS = Symbol.for('quiesce:read-only-module-options')

/**
 * Refuses write requests (and GraphQL mutations) of a Nest application while the cluster is read-only, by a guard for the
 * whole application, and answers a `ReadOnlyError` from anywhere with the same, by a filter. On Express and on Fastify.
 *
 * Import it first: guards run in the order of their modules, and this one is to come before authentication. A guard sees
 * requests of known routes only. Filters that catch everything come after this one when they are registered before it.
 *
 * It also provides the cluster ({@link QUIESCE_CLUSTER}) and {@link ReadOnlyHealthIndicator}.
 *
 * @example
 * @Module({ imports: [ReadOnlyModule.forRoot({ cluster, allow: ['/login'] }), OrdersModule] })
 * export class AppModule {}
 */
// biome-ignore lint/complexity/noStaticOnlyClass: Nest knows modules by their class.
export class ReadOnlyModule {
  /** @throws QuiesceError when the application starts: `QUIESCE_CONFIG` listing every problem of the options. */
  static forRoot(options: ReadOnlyModuleOptions): ReadOnlyDynamicModule {
    return ReadOnlyModule.forRootAsync({ useFactory: () => options })
  }

  /**
   * @example
   * ReadOnlyModule.forRootAsync({ inject: [ConfigService], useFactory: (config) => ({ cluster, status: config.get('status') }) })
   */
  static forRootAsync<A extends readonly unknown[]>(options: ReadOnlyModuleAsyncOptions<A>): ReadOnlyDynamicModule {
    const made = <T>(provide: unknown, make: (settings: ReadOnlyModuleOptions) => T): object => ({
      provide,
      inject: [SETTINGS],
      useFactory: make,
    })
    const providers = [
      { provide: SETTINGS, inject: options.inject ?? [], useFactory: options.useFactory },
      made(QUIESCE_CLUSTER, ({ cluster }) => cluster),
      made(ReadOnlyHealthIndicator, ({ cluster }) => new ReadOnlyHealthIndicator(cluster)),
      // The tokens by which Nest knows guards and filters of the whole application.
      made('APP_GUARD', ({ cluster, ...http }) => new ReadOnlyGuard(cluster, http)),
      made('APP_FILTER', ({ cluster, ...http }) => new ReadOnlyFilter(cluster, http)),
    ]
    return {
      module: ReadOnlyModule,
      global: true,
      imports: [...(options.imports ?? [])] as never[],
      providers: providers as never[],
      exports: [QUIESCE_CLUSTER, ReadOnlyHealthIndicator],
    }
  }
}
