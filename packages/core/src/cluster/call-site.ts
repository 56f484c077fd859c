import { fileURLToPath } from 'node:url'

/** The directory that holds the packages of Quiesce, whose frames are nobody's call site. */
const OWN = fileURLToPath(new URL('../../../', import.meta.url))

/**
 * The first frame of a stack that belongs to the application: not to Node.js, to Quiesce, or to anything installed, as
 * ORMs and drivers are. `undefined` where none is left, because the statement was sent from a queue or a timer.
 */
export function callSiteOf(stack: string | undefined): string | undefined {
  const frames = stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? []
  return frames.map((line) => line.trim().replace(/^at (async )?/, '')).find(isOfApplication)
}

function isOfApplication(frame: string): boolean {
  const place = frame.replaceAll('file://', '')
  if (/(\(|^)(node:|native\b)|\(<anonymous>/.test(place) || place.includes('/node_modules/')) return false
  return !place.includes(OWN)
}
