import {
  handlerOf,
  mutations,
  type OperationApplication,
  type OperationClient,
  queries,
  type Seen,
} from './operation-shell.ts'

export const typeDefs = `type Query { ${queries.map((name) => `${name}: String`).join(' ')} }
type Mutation { ${mutations.map((name) => `${name}: String`).join(' ')} }`

export function resolversOf(application: OperationApplication) {
  const all = (names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, handlerOf(name, application)]))
  return { Query: all(queries), Mutation: all(mutations) }
}

interface Body {
  readonly data?: Readonly<Record<string, unknown>> | null
  readonly errors?: ReadonlyArray<{ readonly message: string; readonly extensions?: { readonly problem?: unknown } }>
}

/** Sends a body to a GraphQL server. */
export async function post(
  url: string,
  body: unknown,
): Promise<{ readonly response: Response; readonly body: unknown }> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(body),
  })
  return { response, body: await response.json() }
}

const queryOf = (name: string): { query: string } => ({
  query: `${queries.includes(name) ? 'query' : 'mutation'} Q { ${name} }`,
})

const seen = ({ status, headers }: Response, { data, errors }: Body): Seen => {
  const [error] = errors ?? []
  if (error === undefined) return { status, headers, value: Object.values(data ?? {})[0] }
  const problem = error.extensions?.problem
  return problem === undefined ? { status, headers, error } : { status, headers, problem, message: error.message }
}

export function graphqlClient(url: string, close: () => Promise<void>): OperationClient {
  return {
    url,
    async call(name) {
      const { response, body } = await post(url, queryOf(name))
      return seen(response, body as Body)
    },
    async batch() {
      const { response, body } = await post(url, [queryOf('orders'), queryOf('createOrder')])
      return (body as Body[]).map((each) => seen(response, each))
    },
    close,
  }
}
