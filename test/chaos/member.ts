import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { type FaultProxy, startFaultProxy } from '@quiesce/test-servers'
import { eventually } from '../support/eventually.ts'
import { type NodeProcess, nodeProcesses } from '../support/node-process.ts'
import type { NodeSettings } from '../support/protocol.ts'

/** One application process of the run, behind proxies of its own. */
export interface Member {
  readonly name: string
  /** What its statements go through. */
  readonly proxy: FaultProxy
  /** What its heartbeats go through. */
  readonly control: FaultProxy
  /** The present process; another one after a kill. */
  readonly process: NodeProcess
  /** Starts a process in the place of one that was killed. */
  restart(): Promise<void>
  close(): Promise<void>
}

/** How a member is made. */
export interface MemberOptions {
  readonly name: string
  readonly url: string
  readonly directory: string
  readonly settings: Omit<NodeSettings, 'url' | 'logs'>
  readonly loads: boolean
}

const WORKERS = 2
const PAUSE_MS = 40
const STARTS_WITHIN_MS = 55_000

/** Where a process of this name writes down what it does; each start has a file of its own. */
export function logsOf(directory: string, name: string): { readonly attempts: string; readonly grants: string } {
  return { attempts: join(directory, `${name}.attempts`), grants: join(directory, `${name}.grants`) }
}

/** Starts a member and waits until it has joined and writes. */
export async function startMember({ name, url, directory, settings, loads }: MemberOptions): Promise<Member> {
  const { hostname: host, port } = new URL(url)
  const target = { host, port: Number(port) }
  const [proxy, control] = await Promise.all([startFaultProxy(target), startFaultProxy(target)])
  const processes = nodeProcesses()
  let starts = 0
  const start = async (): Promise<NodeProcess> => {
    const logs = logsOf(directory, `${name}-${starts++}`)
    rmSync(logs.attempts, { force: true })
    const node = processes.spawn({ ...settings, url: proxy.url(url), coordinationUrl: control.url(url), logs })
    // Before it has joined: its writes have to wait until then.
    if (loads) await node.call('startLoad', WORKERS, PAUSE_MS)
    await eventually(`${name} joins`, () => node.call('start').catch(() => undefined), STARTS_WITHIN_MS)
    if (loads) await node.call('startLocking', 'work')
    return node
  }
  let process = await start()
  return {
    name,
    proxy,
    control,
    get process() {
      return process
    },
    async restart() {
      await process.kill()
      process = await start()
    },
    async close() {
      await processes.endAll()
      await Promise.all([proxy.close(), control.close()])
    },
  }
}
