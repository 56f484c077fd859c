import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { createCluster } from '@quiesce/core'
import type { Example, StartExample } from '@quiesce/example-tour'
import pg from 'pg'

const home = fileURLToPath(new URL('./web/', import.meta.url))

/** Starts Next's server for development on a free port; the cluster of the tour is one of another process. */
export const start: StartExample = async (databaseUrl): Promise<Example> => {
  const cluster = createCluster({ database: databaseUrl, namespace: 'shop', application: 'tour' })
  await cluster.migrate()
  await cluster.start()
  await createTables(databaseUrl)
  const next = createRequire(import.meta.url).resolve('next/dist/bin/next')
  const server = spawn(process.execPath, [next, 'dev', '--hostname', '127.0.0.1', '--port', '0'], {
    cwd: home,
    env: { ...process.env, DATABASE_URL: databaseUrl, NODE_ENV: 'development', NEXT_TELEMETRY_DISABLED: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()))
  const url = await new Promise<string>((resolve, reject) => {
    let text = ''
    server.stdout.on('data', (chunk) => {
      text += String(chunk)
      const [found] = /http:\/\/127\.0\.0\.1:[1-9]\d*/.exec(text) ?? []
      if (found !== undefined && text.includes('Ready')) resolve(found)
    })
    server.once('exit', () => reject(new Error(`next ended before it was ready:\n${text}`)))
  })
  return {
    url,
    cluster,
    async close() {
      server.kill('SIGTERM')
      await ended
      await cluster.close()
    },
  }
}

async function createTables(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  await client.query('CREATE TABLE IF NOT EXISTS shop_order (id serial PRIMARY KEY, item text NOT NULL)')
  await client.end()
}

export const requests = { writes: ['POST /orders', 'POST /import'], reads: 'GET /orders' } as const
