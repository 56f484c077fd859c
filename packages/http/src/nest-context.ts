import type { FastifyReplyLike } from './fastify-http.ts'
import type { NodeRequest, NodeResponse } from './node-http.ts'

/** What we use of Nest's `ArgumentsHost`. */
export interface NestHost {
  getType(): string
  getArgByIndex(index: number): unknown
  switchToHttp(): { getRequest(): unknown; getResponse(): unknown }
}

/** What we use of Nest's `ExecutionContext`. */
export interface NestContext extends NestHost {
  getHandler(): object
  getClass(): object
}

/** The request; Express and Fastify have the fields that we read in common. */
export function requestIn(host: NestHost): NodeRequest {
  // Nest types it as any.
  return host.switchToHttp().getRequest() as NodeRequest
}

/** The response of the platform. */
export function responseIn(
  host: NestHost,
):
  | { readonly kind: 'fastify'; readonly reply: FastifyReplyLike }
  | { readonly kind: 'express'; readonly response: NodeResponse } {
  const response = host.switchToHttp().getResponse() as NodeResponse | (FastifyReplyLike & { readonly raw: object })
  return 'raw' in response ? { kind: 'fastify', reply: response } : { kind: 'express', response }
}

/** Whether a resolver is called for a mutation; its fourth argument is graphql-js' `info`. */
export function isMutation(host: NestHost): boolean {
  const info = host.getArgByIndex(3) as { readonly operation?: { readonly operation?: unknown } } | undefined
  return info?.operation?.operation === 'mutation'
}
