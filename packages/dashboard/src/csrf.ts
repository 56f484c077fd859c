import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** Proves that an action was asked for by a page that this dashboard made for the same viewer. */
export interface Csrf {
  tokenFor(viewer: string): string
  isValid(token: string | null, viewer: string): boolean
}

/** Makes the proof from a secret; without one it lives as long as this process. */
export function createCsrf(secret: string | undefined): Csrf {
  const key = secret ?? randomBytes(32).toString('hex')
  const digest = (viewer: string): Buffer => createHmac('sha256', key).update(`quiesce dashboard\0${viewer}`).digest()
  return {
    tokenFor: (viewer) => digest(viewer).toString('base64url'),
    isValid(token, viewer) {
      const given = Buffer.from(token ?? '', 'base64url')
      const wanted = digest(viewer)
      return given.length === wanted.length && timingSafeEqual(given, wanted)
    },
  }
}
