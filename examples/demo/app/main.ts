// One application process of the demo: a node of the cluster with one ORM and a load.
import { demoCluster } from '../quiesce.ts'
import { startLoad } from './load.ts'
import type { AppMessage } from './messages.ts'
import { prismaWrites } from './prisma-writes.ts'
import { typeormWrites } from './typeorm-writes.ts'

const [name = 'app', orm = 'prisma', url = ''] = process.argv.slice(2)
const REPORT_EVERY_MS = 200

const cluster = demoCluster(url, name)
await cluster.start()
const writes = orm === 'prisma' ? prismaWrites(cluster, url) : await typeormWrites(cluster, url)
const tell = (message: AppMessage): void => void process.send?.(message)

cluster.on('mode', ({ mode }) => tell({ type: 'mode', mode, atMs: Date.now() }))
cluster.on('takeover', () => tell({ type: 'takeover', nodeId: cluster.state.nodeId, atMs: Date.now() }))
await writes.countCards()
tell({ type: 'ready', nodeId: cluster.state.nodeId })

const load = startLoad(writes)
const report = (): void => tell({ type: 'progress', progress: load.take() })
const reporting = setInterval(report, REPORT_EVERY_MS)
process.once('message', async () => {
  clearInterval(reporting)
  await load.stop()
  report()
  await writes.close()
  await cluster.close()
  tell({ type: 'stopped' })
  process.disconnect()
})
