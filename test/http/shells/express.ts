import { createServer } from 'node:http'
import { readOnlyErrors, readOnlyHttp, readOnlyState } from '@quiesce/http/express'
import express from 'express'
import express4 from 'express4'
import { listening, type Shell } from '../shell.ts'

const shell = (name: string, create: typeof express): Shell => ({
  name,
  start({ cluster, options, state, routes }) {
    const app = create()
    app.use(readOnlyHttp(cluster, options))
    app.use(readOnlyState(cluster, state))
    for (const { method, path, handle } of routes) {
      // Express 4 does not see what a promise rejects with.
      app[method](path, (_request, response, next) => {
        Promise.resolve()
          .then(() => handle((name, value) => response.setHeader(name, value)))
          .then((text) => response.type('text').send(text))
          .catch(next)
      })
    }
    app.use(readOnlyErrors(cluster, options))
    return listening(createServer(app))
  },
})

export const expressShells: readonly Shell[] = [
  shell('express 5', express),
  // The same calls; only the types of the two versions differ.
  shell('express 4', express4 as unknown as typeof express),
]
