import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createServer } from 'node:net'
import { Redlock } from '@sesamecare-oss/redlock'
import { Redis } from 'ioredis'
import { type LockWay, PAUSE_MS } from './peers.ts'

/** Redlock on one local Redis of its own; `undefined` where `redis-server` is not installed. */
export async function startRedisWay(): Promise<{ readonly way: LockWay; stop(): Promise<void> } | undefined> {
  if (spawnSync('redis-server', ['--version']).status !== 0) return undefined
  const port = await freePort()
  const server = spawn('redis-server', ['--port', String(port), '--save', '', '--appendonly', 'no'], {
    stdio: 'ignore',
  })
  const client = new Redis(port, '127.0.0.1')
  client.on('error', () => {})
  await client.ping()
  const redlock = new Redlock([client], { retryCount: -1, retryDelay: PAUSE_MS, retryJitter: 1 })
  redlock.on('error', () => {})
  return {
    stop: async () => {
      await redlock.quit()
      await ended(server)
    },
    way: {
      name: 'redlock on one Redis (in memory)',
      whenHolderDies: 'free after its time; lost with Redis; no token',
      async hold(work) {
        const lock = await redlock.acquire(['bench'], 15_000)
        await work()
        await lock.release()
      },
    },
  }
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function ended(server: ChildProcess): Promise<void> {
  const exit = new Promise((resolve) => server.once('exit', resolve))
  server.kill()
  await exit
}
