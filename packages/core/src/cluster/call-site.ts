/**
 * The directory that holds the packages of Quiesce, whose frames are nobody's call site; told by a frame of this file,
 * because `import.meta` can't be loaded by Jest on CommonJS. `undefined` in a bundle, where no frame tells it.
 */
const OWN = /(?:file:\/\/)?(\/[^\s(]*\/)[^/]+\/[^/]+\/cluster\/call-site\.[cm]?[jt]s/.exec(
  new Error('here').stack ?? '',
)?.[1]

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
  return OWN === undefined || !place.includes(OWN)
}
