import type { AddressInfo } from 'node:net'
import { readOnlyHttp, readOnlyState } from '@quiesce/http/fastify'
import fastify, { type FastifyInstance } from 'fastify'
import fastify4 from 'fastify4'
import type { Shell } from '../shell.ts'

const shell = (
  name: string,
  create: () => FastifyInstance,
  prepare: (app: FastifyInstance) => void = () => {},
): Shell => ({
  name,
  async start({ cluster, options, state, routes }) {
    const app = create()
    await app.register(readOnlyHttp(cluster, options))
    await app.register(readOnlyState(cluster, state))
    prepare(app)
    for (const { method, path, handle } of routes) {
      app[method](path, async (_request, reply) => {
        const text = await handle((header, value) => reply.header(header, value))
        return reply.type('text/plain').send(text)
      })
    }
    await app.listen({ host: '127.0.0.1', port: 0 })
    return {
      port: (app.server.address() as AddressInfo).port,
      async close() {
        app.server.closeAllConnections()
        await app.close()
      },
    }
  },
})

export const fastifyShells: readonly Shell[] = [
  shell('fastify 5', () => fastify()),
  // The same calls; only the types of the two versions differ.
  shell('fastify 4', () => fastify4() as unknown as FastifyInstance),
  shell(
    'fastify 5 with an error handler of its own',
    () => fastify(),
    (app) => app.setErrorHandler((_error, _request, reply) => reply.code(500).send({ ours: true })),
  ),
]
