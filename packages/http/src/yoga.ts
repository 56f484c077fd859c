import type { ReadOnlyError } from '@quiesce/core'
import { headersOf } from './answer.ts'
import { type GraphqlDocument, operationIn, rootFieldsOf } from './graphql-operation.ts'
import { type GraphqlOptions, graphqlShape } from './graphql-options.ts'
import { createOperationInterception } from './operation-interception.ts'

export type { GraphqlOptions } from './graphql-options.ts'

/** A plugin of Envelop, and so of GraphQL Yoga and of every server that is built on them. */
export interface EnvelopPlugin {
  onExecute(event: {
    readonly args: { readonly document: GraphqlDocument; readonly operationName?: string | null | undefined }
    setResultAndStopExecution(result: { readonly errors: readonly never[] }): void
  }): { onExecuteDone(event: ResultEvent): void } | undefined
  onSubscribe(): { onSubscribeResult(event: ResultEvent): { onNext(event: ResultEvent): void } }
}

interface ResultEvent {
  readonly result: unknown
  setResult(result: never): void
}

/**
 * Refuses mutations while the cluster is read-only, before they are executed: each operation by itself, however it came
 * (batched, persisted, by GET or POST). Queries and subscriptions pass. A `ReadOnlyError` from a resolver, of a
 * subscription's events too, becomes the same error, also where other errors are masked: its message is that of the
 * problem, which stands whole in `extensions.problem`.
 *
 * A door in front of the server has to let the endpoint pass: `readOnlyHttp(cluster, { allow: ['/graphql'] })`.
 *
 * @throws QuiesceError `QUIESCE_CONFIG` listing every problem of the options.
 *
 * @example
 * createYoga({ schema, plugins: [readOnlyGraphql(cluster, { allow: ['login'] })] })
 */
export function readOnlyGraphql(cluster: object, options: GraphqlOptions = {}): EnvelopPlugin {
  const interception = createOperationInterception('readOnlyGraphql()', cluster, options, graphqlShape)
  const errorOf = (refusal: ReadOnlyError, at?: Error & GraphqlErrorPlace): Error => {
    const problem = interception.problem(refusal)
    const http = { status: options.httpStatus === 200 ? 200 : problem.status, headers: headersOf(problem) }
    const extensions = { code: problem.code, problem, http }
    if (at?.name !== 'GraphQLError') return new GraphqlRefusal(problem.detail, extensions)
    // Servers that mask errors let pass only what is of the class of their own copy of graphql-js.
    const GraphQLError = at.constructor as GraphqlErrorClass
    return new GraphQLError(problem.detail, { nodes: at.nodes, path: at.path, extensions })
  }
  const mapped = (error: unknown): unknown => {
    const refusal = interception.refusalIn(error)
    return refusal === undefined ? error : errorOf(refusal, error as Error)
  }
  const mapResult = ({ result, setResult }: ResultEvent): void => {
    const errors = errorsIn(result)
    if (errors?.some((error) => interception.refusalIn(error) !== undefined))
      // The errors are GraphQLErrors in all but their class, which each copy of graphql-js has for itself.
      setResult({ ...(result as object), errors: errors.map(mapped) } as never)
  }
  return {
    onExecute({ args, setResultAndStopExecution }) {
      const operation = operationIn(args.document, args.operationName)
      if (operation?.operation === 'mutation') {
        const refusal = interception.refusal('GraphQL mutation', () => rootFieldsOf(operation))
        if (refusal !== undefined) {
          // As above.
          setResultAndStopExecution({ errors: [errorOf(refusal)] as unknown as readonly never[] })
          return undefined
        }
      }
      return { onExecuteDone: mapResult }
    },
    onSubscribe: () => ({
      onSubscribeResult(event) {
        // One that could not begin has a result; every other has events, each with a result of its own.
        mapResult(event)
        return { onNext: mapResult }
      },
    }),
  }
}

interface GraphqlErrorPlace {
  readonly nodes?: unknown
  readonly path?: unknown
}

type GraphqlErrorClass = new (
  message: string,
  options: GraphqlErrorPlace & { readonly extensions: Readonly<Record<string, unknown>> },
) => Error

/** What Envelop takes for a GraphQLError, by its name, where execution has made none yet. */
class GraphqlRefusal extends Error {
  override readonly name = 'GraphQLError'
  readonly extensions: Readonly<Record<string, unknown>>

  constructor(message: string, extensions: Readonly<Record<string, unknown>>) {
    super(message)
    this.extensions = extensions
  }

  toJSON(): object {
    const { message, extensions } = this
    return { message, extensions }
  }
}

function errorsIn(result: unknown): readonly unknown[] | undefined {
  const errors: unknown = typeof result === 'object' && result !== null ? Reflect.get(result, 'errors') : undefined
  return Array.isArray(errors) ? errors : undefined
}
