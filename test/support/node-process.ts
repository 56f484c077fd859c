import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { NodeMethods, NodeSettings, RemoteFailure } from './protocol.ts'

/** A node of a cluster in a process of its own. */
export interface NodeProcess {
  readonly pid: number
  call<M extends keyof NodeMethods>(method: M, ...parameters: Parameters<NodeMethods[M]>): ReturnType<NodeMethods[M]>
  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>
  kill(): Promise<void>
}

const entry = fileURLToPath(new URL('../dist/apps/node-main.js', import.meta.url))

/** Starts node processes and ends what is left of them. */
export function nodeProcesses(): { spawn(settings: NodeSettings): NodeProcess; endAll(): Promise<void> } {
  const all: NodeProcess[] = []
  return {
    spawn(settings) {
      const node = spawnNode(settings)
      all.push(node)
      return node
    },
    async endAll() {
      await Promise.all(all.splice(0).map((node) => node.kill()))
    },
  }
}

function spawnNode(settings: NodeSettings): NodeProcess {
  const child = fork(entry, [], {
    // Not those of the test runner, which resolves our packages to their sources.
    execArgv: [],
    env: { ...process.env, NODE_SETTINGS: JSON.stringify(settings) },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const pending = new Map<number, { resolve: (value: never) => void; reject: (error: unknown) => void }>()
  let nextId = 0
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.on('message', ({ id, value, failure }: { id: number; value: unknown; failure?: RemoteFailure }) => {
    const call = pending.get(id)
    pending.delete(id)
    if (failure === undefined) call?.resolve(value as never)
    else call?.reject(Object.assign(new Error(failure.message), failure))
  })
  child.once('exit', () => {
    for (const { reject } of pending.values()) reject(new Error('the node process ended'))
    pending.clear()
  })
  return {
    pid: child.pid ?? -1,
    ended,
    call(method, ...parameters) {
      const id = nextId++
      const answer = new Promise((resolve, reject) => pending.set(id, { resolve, reject }))
      answer.catch(() => {})
      if (child.connected) child.send({ id, method, parameters })
      else pending.get(id)?.reject(new Error('the node process has ended'))
      return answer as ReturnType<NodeMethods[typeof method]>
    },
    signal: (name) => void child.kill(name),
    async kill() {
      if (child.exitCode === null && child.signalCode === null) endProcess(child)
      await ended
    },
  }
}

function endProcess(child: ChildProcess): void {
  child.kill('SIGCONT')
  child.kill('SIGKILL')
}
