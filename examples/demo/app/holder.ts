// A maintenance process of the demo: freezes the cluster, and waits to be killed.
import { demoCluster } from '../quiesce.ts'
import type { AppMessage } from './messages.ts'

const cluster = demoCluster(process.argv[2] ?? '', 'job-2')
const tell = (message: AppMessage): void => void process.send?.(message)
try {
  const freeze = await cluster.freeze({ reason: 'a job that will be killed', owner: 'job-2' })
  tell({ type: 'frozen', freezeId: freeze.id })
} catch (error) {
  tell({ type: 'failed', message: String(error) })
}
