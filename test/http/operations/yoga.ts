import { createServer } from 'node:http'
import { type GraphqlOptions, readOnlyGraphql } from '@quiesce/http/yoga'
import { createSchema, createYoga } from 'graphql-yoga'
import { listening } from '../shell.ts'
import { graphqlClient, resolversOf, typeDefs } from './graphql-client.ts'
import type { OperationShell } from './operation-shell.ts'

/** Errors are masked, as they are by default. */
export const yogaShell = (options: GraphqlOptions): OperationShell => ({
  name: 'yoga 5',
  async start(application) {
    const yoga = createYoga({
      schema: createSchema({ typeDefs, resolvers: resolversOf(application) }),
      plugins: [readOnlyGraphql(application.cluster, { ...options, allow: application.allow })],
      batching: true,
      logging: false,
    })
    const { port, close } = await listening(createServer(yoga))
    return graphqlClient(`http://127.0.0.1:${port}/graphql`, close)
  },
})
