/** The path of a request target, without its query: from `/path?query` or an absolute URL, as it was sent. */
export function pathOf(target: string): string {
  const start = target.startsWith('/') ? 0 : pathStart(target)
  if (start === -1) return ''
  const end = target.slice(start).search(/[?#]/)
  return end === -1 ? target.slice(start) : target.slice(start, start + end)
}

/** The query of a request target, without its question mark. */
export function queryOf(target: string): string {
  const start = target.indexOf('?')
  return start === -1 ? '' : target.slice(start + 1)
}

/** Where the path of an absolute URL begins. */
function pathStart(target: string): number {
  const authority = target.indexOf('://')
  return authority === -1 ? -1 : target.indexOf('/', authority + 3)
}

/** Escapes of characters that need none, of separators, of `%` and of control characters: routers read them differently. */
const ambiguousEscape = /%(?:[01][0-9a-f]|2[5def]|3[0-9]|4[1-9a-f]|5[0-9acf]|6[1-9a-f]|7[0-9aef])/i
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const ambiguousText = /\\|\/\/|(?:^|\/)\.{1,2}(?:\/|$)|[\u0000-\u001f\u007f]/

/**
 * The path decoded, when every router reads it in the same way; otherwise `undefined`: dot segments, doubled or encoded
 * slashes, backslashes, needless or malformed escapes.
 */
export function plainPath(path: string): string | undefined {
  if (!path.startsWith('/') || ambiguousText.test(path)) return undefined
  if (!path.includes('%')) return path
  return ambiguousEscape.test(path) ? undefined : decoded(path)
}

const readInOneWay = /^(?:\/[^/%\\;.][^/%\\;]*)*\/?$/

const MOST_READINGS = 64

/**
 * Every path that some router could take this one for: decoded as often as it can be, its dots resolved before or after
 * that, without `;parameters`, and without what `new URL(path, base)` takes for a host. `undefined` when there are too
 * many, which is nobody's honest path.
 */
export function readingsOf(path: string): readonly string[] | undefined {
  if (readInOneWay.test(path)) return [path]
  const readings = new Set([path])
  // What one of the ways makes of a path is read in all of them again.
  for (const reading of readings) {
    for (const read of ways) readings.add(read(reading))
    if (readings.size > MOST_READINGS) return undefined
  }
  return [...readings]
}

const ways: ReadonlyArray<(path: string) => string> = [
  (path) => decoded(path) ?? path.replaceAll(/(?:%[0-9a-f]{2})+/gi, (escapes) => decoded(escapes) ?? escapes),
  (path) => path.replaceAll('\\', '/'),
  (path) => path.replace(/^[/\\]{2,}[^/\\]*/, ''),
  (path) => path.replaceAll(/;[^/]*/g, ''),
  (path) => path.replaceAll(/\/{2,}/g, '/'),
  resolved,
]

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}

function resolved(path: string): string {
  const segments: string[] = []
  for (const segment of path.split('/').slice(1)) {
    const name = segment.replaceAll(/%2e/gi, '.')
    if (name === '..') segments.pop()
    else if (name !== '.') segments.push(segment)
  }
  return `/${segments.join('/')}`
}
