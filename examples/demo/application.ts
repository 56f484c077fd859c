import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { AppMessage } from './app/messages.ts'

/** One process of the demo, with what it has told so far. */
export interface Application {
  readonly name: string
  readonly pid: number
  readonly refused: Map<string, number>
  readonly acknowledgedCards: string[]
  readonly errors: string[]
  protectedWrites: number
  exemptWrites: number
  mode: string
  nodeId: string
  takenOverAtMs: number | undefined
  readonly ready: Promise<void>
  /** Ends the load, waits for its last word. */
  stop(): Promise<void>
  kill(): void
  readonly ended: Promise<void>
}

/** Starts one process of the demo with TypeScript, as `node --import tsx` would. */
export function forkDemo(script: string, ...parameters: string[]): ChildProcess {
  const file = fileURLToPath(new URL(script, import.meta.url))
  return fork(file, parameters, {
    execArgv: [...process.execArgv.filter((flag) => flag.startsWith('--conditions')), '--import', 'tsx'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
}

/** Starts an application process. */
export function startApplication(name: string, orm: 'prisma' | 'typeorm', url: string): Application {
  const child = forkDemo('./app/main.ts', name, orm, url)
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  let isReady: () => void = () => {}
  const ready = new Promise<void>((resolve, reject) => {
    isReady = resolve
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code} before it was ready`)))
  })
  ready.catch(() => {})
  const application: Application = {
    name,
    pid: child.pid ?? -1,
    refused: new Map(),
    acknowledgedCards: [],
    errors: [],
    protectedWrites: 0,
    exemptWrites: 0,
    mode: 'read-write',
    nodeId: '',
    takenOverAtMs: undefined,
    ready,
    ended,
    async stop() {
      if (child.connected) child.send('stop')
      await ended
    },
    kill: () => void child.kill('SIGKILL'),
  }
  child.on('message', (message: AppMessage) => {
    if (message.type === 'ready') {
      application.nodeId = message.nodeId
      isReady()
    } else {
      apply(application, message)
    }
  })
  return application
}

function apply(application: Application, message: AppMessage): void {
  if (message.type === 'mode') application.mode = message.mode
  if (message.type === 'takeover') application.takenOverAtMs = message.atMs
  if (message.type !== 'progress') return
  const { protectedWrites, exemptWrites, refusedByTable, acknowledgedCards, errors } = message.progress
  application.protectedWrites += protectedWrites
  application.exemptWrites += exemptWrites
  application.acknowledgedCards.push(...acknowledgedCards)
  application.errors.push(...errors)
  for (const [table, count] of Object.entries(refusedByTable)) {
    application.refused.set(table, (application.refused.get(table) ?? 0) + count)
  }
}
