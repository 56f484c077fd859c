import type { ReadOnlyError } from '@quiesce/core'
import { replyWith } from './fastify-http.ts'
import type { HttpOptions } from './http-options.ts'
import { createInterception, type Interception } from './interception.ts'
import { isMutation, type NestContext, type NestHost, requestIn, responseIn } from './nest-context.ts'
import { defineMetadata, metadataOf } from './nest-metadata.ts'
import { type NodeRequest, nodeReader, sendAnswer } from './node-http.ts'
import { refusalIn } from './refusal-in.ts'

const ALLOWED = 'quiesce:allow-while-read-only'

/**
 * Lets a handler, or every handler of a controller or resolver, write while the cluster is read-only: login, logout, token
 * refresh. What it writes still meets the guard.
 *
 * @example
 * @AllowWhileReadOnly()
 * @Post('login')
 * login() {}
 */
export function AllowWhileReadOnly(): (target: object, key?: string | symbol, method?: PropertyDescriptor) => void {
  return (target, _key, method) => defineMetadata(ALLOWED, true, method?.value ?? target)
}

/** Refuses write requests and GraphQL mutations at the door; messages of websockets and microservices pass. */
export class ReadOnlyGuard {
  readonly #interception: Interception<NodeRequest>

  constructor(cluster: object, options: HttpOptions<NodeRequest> = {}) {
    this.#interception = createInterception('ReadOnlyModule', cluster, options, nodeReader)
  }

  /** @throws ReadOnlyError which {@link ReadOnlyFilter} answers. */
  canActivate(context: NestContext): boolean {
    const refusal = isAllowed(context) ? undefined : this.#refusal(context)
    if (refusal !== undefined) throw refusal
    return true
  }

  #refusal(context: NestContext): ReadOnlyError | undefined {
    const type = context.getType()
    if (type === 'http') return this.#interception.refusal(requestIn(context))
    return type === 'graphql' && isMutation(context) ? this.#interception.refusalOf('GraphQL mutation') : undefined
  }
}

/** Answers a `ReadOnlyError` from a guard, a handler or below; other errors go to other filters. */
export class ReadOnlyFilter {
  readonly #interception: Interception<NodeRequest>

  constructor(cluster: object, options: HttpOptions<NodeRequest> = {}) {
    this.#interception = createInterception('ReadOnlyModule', cluster, options, nodeReader)
    // What Nest's @Catch() notes.
    defineMetadata('__filterCatchExceptions__', [Refusal], ReadOnlyFilter)
  }

  /** Outside HTTP the error goes on as it is, e.g. to the plugin of the GraphQL server. */
  catch(error: unknown, host: NestHost): void {
    const refusal = refusalIn(error)
    if (refusal === undefined || host.getType() !== 'http') throw error
    const answer = this.#interception.answer(refusal, requestIn(host).headers['accept']?.toString())
    const sent = responseIn(host)
    if (sent.kind === 'fastify') replyWith(sent.reply, answer)
    else if (!sent.response.headersSent) sendAnswer(sent.response, answer)
  }
}

/** What Nest asks an error to be an instance of: whatever holds a refusal is, also of another copy of the library. */
const Refusal = {
  [Symbol.hasInstance]: (error: unknown): boolean => refusalIn(error) !== undefined,
}

function isAllowed(context: NestContext): boolean {
  return metadataOf(ALLOWED, context.getHandler()) === true || metadataOf(ALLOWED, context.getClass()) === true
}
