import { randomBytes, timingSafeEqual } from 'node:crypto'

/** Lets in the first browser that brings the token, and that one again by its cookie. */
export interface OneTimeDoor<V> {
  /** The address to open once. */
  addressAt(url: string): string
  /** Answers whoever brings the token; `undefined` for everybody else. */
  enter(request: Request): Response | undefined
  /** Who asks, by the cookie. */
  auth(request: Request): V | undefined
}

/** Makes a door. The token ends up in the browser's history and in the terminal's, so it is worth nothing once used. */
export function createOneTimeDoor<V>(viewer: V): OneTimeDoor<V> {
  let token: string | undefined = randomBytes(24).toString('base64url')
  const session = randomBytes(32).toString('base64url')
  return {
    addressAt: (url) => `${url}?token=${token ?? ''}`,
    enter(request) {
      const { pathname, searchParams, port } = new URL(request.url)
      const given = searchParams.get('token')
      if (request.method !== 'GET' || given === null || token === undefined || !isSame(given, token)) return undefined
      token = undefined
      const cookie = `${nameAt(port)}=${session}; HttpOnly; SameSite=Strict; Path=/`
      return new Response(null, {
        status: 303,
        headers: {
          location: pathname,
          'set-cookie': cookie,
          'cache-control': 'no-store',
          'referrer-policy': 'no-referrer',
        },
      })
    },
    auth(request) {
      const name = nameAt(new URL(request.url).port)
      const cookies = (request.headers.get('cookie') ?? '').split(';').map((each) => each.trim())
      return cookies.some((cookie) => isSame(cookie, `${name}=${session}`)) ? viewer : undefined
    },
  }
}

/** Cookies are told apart by host, not by port. */
function nameAt(port: string): string {
  return `quiesce-ui-${port}`
}

function isSame(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)]
  return a.length === b.length && timingSafeEqual(a, b)
}
