import { createServer } from 'node:http'
import { type GraphqlOptions, readOnlyGraphql } from '@quiesce/http/yoga'
import { createSchema, createYoga } from 'graphql-yoga'
import { listening } from '../shell.ts'
import { graphqlClient, resolversOf, typeDefs } from './graphql-client.ts'
import type { OperationApplication, OperationShell } from './operation-shell.ts'

/** `orders` only tells; `mails` would write at each event. Both have two events. */
function subscriptionsOf({ cluster }: OperationApplication) {
  async function* subscribe() {
    yield 'first'
    yield 'second'
  }
  const mail = (event: string): string => {
    if (event === 'second') cluster.assertWritable('a mail')
    return event
  }
  return {
    orders: { subscribe, resolve: (event: string) => event },
    mails: { subscribe, resolve: mail },
  }
}

/** Errors are masked, as they are by default. */
export const yogaShell = (options: GraphqlOptions): OperationShell => ({
  name: 'yoga 5',
  async start(application) {
    const yoga = createYoga({
      schema: createSchema({
        typeDefs: `${typeDefs} type Subscription { orders: String mails: String }`,
        resolvers: { ...resolversOf(application), Subscription: subscriptionsOf(application) },
      }),
      plugins: [readOnlyGraphql(application.cluster, { ...options, allow: application.allow })],
      batching: true,
      logging: false,
    })
    const { port, close } = await listening(createServer(yoga))
    return graphqlClient(`http://127.0.0.1:${port}/graphql`, close)
  },
})
