// Requests for each second of the server's processor time, with and without the door, in read-write mode: three servers in
// one process (bare, bare again, with the door) take turns, so that they differ in nothing else. Bare against bare is the noise.
// What was built is measured: TypeScript on the fly wraps each function. pnpm build && node --import tsx bench/http/main.ts [rounds]
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createRequire } from 'node:module'
import { type AddressInfo, connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { createTestCluster } from '../../packages/core/dist/testing/test-cluster.js'
import { readOnlyHttp as expressHttp } from '../../packages/http/dist/express.js'
import { readOnlyHttp as nodeHttp } from '../../packages/http/dist/node.js'

const REQUESTS = 1500
const CONNECTIONS = 8

async function serve(): Promise<void> {
  const express = createRequire(new URL('../../test/package.json', import.meta.url))('express')
  const cluster = createTestCluster('postgres://x')
  const options = { allow: ['/login', '/tokens/:id'], treatAsWrite: ['/export'] }
  const handler: RequestListener = (_request, response) => void response.end('ok')
  const expressApp = (isGuarded: boolean): RequestListener => {
    const app = express()
    if (isGuarded) app.use(expressHttp(cluster, options))
    // The same number of middlewares, so that the router's own cost is in both.
    else app.use((_request: unknown, _response: unknown, next: () => void) => next())
    app.post('/orders', handler)
    return app
  }
  const servers: Readonly<Record<string, readonly Server[]>> = {
    'node:http': [createServer(handler), createServer(handler), createServer(nodeHttp(cluster, handler, options))],
    'express 5': [false, false, true].map((isGuarded) => createServer(expressApp(isGuarded))),
  }
  const ports: Record<string, number[]> = {}
  for (const [name, three] of Object.entries(servers)) {
    for (const server of three) {
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      ports[name] = [...(ports[name] ?? []), (server.address() as AddressInfo).port]
    }
  }
  process.on('message', () => process.send?.(process.cpuUsage()))
  process.send?.(ports)
}

/** Sends requests over a few connections, one after the other on each. */
async function load(port: number): Promise<void> {
  const text = 'POST /orders HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nAccept: application/json\r\n\r\n'
  let left = REQUESTS
  const one = async (): Promise<void> => {
    const socket = connect(port, '127.0.0.1').setNoDelay(true)
    await once(socket, 'connect')
    await new Promise<void>((resolve) => {
      const next = (): void => void (left-- > 0 ? socket.write(text) : resolve())
      socket.on('data', next)
      next()
    })
    socket.destroy()
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, one))
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN
}

/** The median ratio of the pairs with its quartiles, and the ratio of the quietest tenths. */
function compared(one: readonly number[], other: readonly number[]): string {
  const ratios = one.map((ms, i) => ms / (other[i] ?? Number.NaN))
  const [low, middle, high] = [0.25, 0.5, 0.75].map((share) => quantile(ratios, share).toFixed(3))
  return `${middle} (${low} to ${high}); quiet ${(quantile(one, 0.1) / quantile(other, 0.1)).toFixed(3)}`
}

async function measure(rounds: number): Promise<void> {
  const child = fork(fileURLToPath(import.meta.url), ['serve'], { execArgv: ['--import', 'tsx'] })
  const [ports] = (await once(child, 'message')) as [Record<string, number[]>]
  const cpuMs = async (): Promise<number> => {
    child.send('cpu')
    const [{ user, system }] = (await once(child, 'message')) as [NodeJS.CpuUsage]
    return (user + system) / 1000
  }
  console.log('| server | requests / s of processor | bare again / bare | with the door / bare |\n|---|---:|---:|---:|')
  for (const [name, three] of Object.entries(ports)) {
    const spent = three.map((): number[] => [])
    for (let round = -2; round < rounds; round++) {
      // Another order each round.
      for (const turn of [0, 1, 2].map((i) => (i + Math.abs(round)) % 3)) {
        const before = await cpuMs()
        await load(three[turn] ?? 0)
        if (round >= 0) spent[turn]?.push((await cpuMs()) - before)
      }
    }
    const [bare = [], again = [], door = []] = spent
    const perSecond = Math.round((REQUESTS / quantile(bare, 0.5)) * 1000)
    console.log(`| ${name} | ${perSecond} | ${compared(bare, again)} | ${compared(bare, door)} |`)
  }
  child.kill()
}

if (process.argv[2] === 'serve') await serve()
else await measure(Number(process.argv[2] ?? 61))
