import { ApolloServer } from '@apollo/server'
import { startStandaloneServer } from '@apollo/server/standalone'
import { type GraphqlOptions, readOnlyGraphql } from '@quiesce/http/apollo'
import { graphqlClient, resolversOf, typeDefs } from './graphql-client.ts'
import type { OperationShell } from './operation-shell.ts'

/** Stacks are on: none may reach the client with a refusal. */
export const apolloShell = (options: GraphqlOptions): OperationShell => ({
  name: 'apollo 5',
  async start(application) {
    const server = new ApolloServer({
      typeDefs,
      resolvers: resolversOf(application),
      plugins: [readOnlyGraphql(application.cluster, { ...options, allow: application.allow })],
      allowBatchedHttpRequests: true,
      includeStacktraceInErrorResponses: true,
    })
    const { url } = await startStandaloneServer(server, { listen: { host: '127.0.0.1', port: 0 } })
    return graphqlClient(url, () => server.stop())
  },
})
