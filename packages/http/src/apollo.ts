import { headersOf } from './answer.ts'
import { type GraphqlOperation, rootFieldsOf } from './graphql-operation.ts'
import { type GraphqlOptions, graphqlShape } from './graphql-options.ts'
import { createOperationInterception } from './operation-interception.ts'
import type { ReadOnlyProblem } from './problem.ts'

export type { GraphqlOptions } from './graphql-options.ts'

/** A plugin of Apollo Server 4 and 5. */
export interface ApolloPlugin {
  requestDidStart(): Promise<ApolloRequestListener>
}

interface ApolloRequestListener {
  didResolveOperation(context: { readonly operation?: GraphqlOperation | undefined }): Promise<void>
  willSendResponse(context: ApolloResponseContext): Promise<void>
}

interface ApolloResponseContext {
  readonly errors?: readonly Error[] | undefined
  readonly response: {
    readonly http: { status?: number | undefined; readonly headers: { set(name: string, value: string): unknown } }
    readonly body: object
  }
}

/**
 * Refuses mutations while the cluster is read-only, before they are executed: each operation by itself, however it came
 * (batched, persisted, by GET or POST). Queries and subscriptions pass. A `ReadOnlyError` from a resolver becomes the same
 * error: its message is that of the problem, which stands whole in `extensions.problem`.
 *
 * A door in front of the server has to let the endpoint pass: `readOnlyHttp(cluster, { allow: ['/graphql'] })`.
 *
 * @throws QuiesceError `QUIESCE_CONFIG` listing every problem of the options.
 *
 * @example
 * new ApolloServer({ typeDefs, resolvers, plugins: [readOnlyGraphql(cluster, { allow: ['login'] })] })
 */
export function readOnlyGraphql(cluster: object, options: GraphqlOptions = {}): ApolloPlugin {
  const interception = createOperationInterception('readOnlyGraphql()', cluster, options, graphqlShape)
  const listener: ApolloRequestListener = {
    async didResolveOperation({ operation }) {
      if (operation?.operation !== 'mutation') return
      const refusal = interception.refusal('GraphQL mutation', () => rootFieldsOf(operation))
      if (refusal !== undefined) throw refusal
    },
    async willSendResponse({ errors = [], response: { http, body } }) {
      const formatted = formattedErrorsIn(body) ?? []
      for (const [i, error] of formatted.entries()) {
        const refusal = interception.refusalIn(errors[i])
        if (refusal === undefined) continue
        const problem = interception.problem(refusal)
        formatted[i] = formattedWith(problem, error)
        http.status = options.httpStatus === 200 ? 200 : problem.status
        for (const [name, value] of Object.entries(headersOf(problem))) http.headers.set(name, value)
      }
    },
  }
  return { requestDidStart: () => Promise.resolve(listener) }
}

interface FormattedError {
  readonly message: string
  readonly locations?: unknown
  readonly path?: unknown
  readonly extensions?: unknown
}

/** The server has formatted the error already, maybe with its stack: nothing of that is for the public. */
function formattedWith(problem: ReadOnlyProblem, { locations, path }: FormattedError): FormattedError {
  return {
    message: problem.detail,
    ...(locations === undefined ? {} : { locations }),
    ...(path === undefined ? {} : { path }),
    extensions: { code: problem.code, problem },
  }
}

/** The errors of a whole response, or of the first part of one that comes in parts; in the order of the errors thrown. */
function formattedErrorsIn(body: object): FormattedError[] | undefined {
  const parts = body as Readonly<Record<string, { readonly errors?: FormattedError[] } | undefined>>
  return (parts['singleResult'] ?? parts['initialResult'])?.errors
}
