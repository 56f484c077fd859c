import { createHash, randomBytes } from 'node:crypto'

/** The secret of one freeze's holder, and what of it the database is told. */
export interface FenceToken {
  readonly token: string
  /** Lower-case hexadecimal SHA-256. */
  readonly digest: string
}

const SECRET_BYTES = 32

/** Makes the token of a freeze: its id and a secret that is stored nowhere. */
export function createFenceToken(freezeId: string): FenceToken {
  const token = `${freezeId}.${randomBytes(SECRET_BYTES).toString('base64url')}`
  return { token, digest: createHash('sha256').update(token).digest('hex') }
}
