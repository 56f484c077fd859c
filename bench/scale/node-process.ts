// Simulated nodes in a process of their own, so that they take no time from the one that freezes.
import { type SimulatedNodes, startNodes } from './simulated-nodes.ts'

let nodes: SimulatedNodes | undefined
// Nothing of a cluster keeps a process alive.
setInterval(() => {}, 1000)

process.on('message', async (message: { readonly url: string; readonly count: number } | 'close') => {
  if (message === 'close') {
    await nodes?.close()
    process.exit(0)
  }
  nodes = await startNodes(message.url, message.count)
  let writable = message.count
  for (const cluster of nodes.clusters) {
    let was = true
    cluster.on('mode', ({ mode }) => {
      const is = mode === 'read-write'
      if (is === was) return
      was = is
      writable += is ? 1 : -1
      if (writable === message.count) process.send?.('all-writable')
    })
  }
  process.send?.('started')
})
