import { type Answer, bodyHeaders } from './answer.ts'

/** What we use of Fastify's reply to send a whole answer. */
export interface FastifyReplyLike {
  code(status: number): unknown
  headers(values: Readonly<Record<string, string>>): unknown
  removeHeader(name: string): unknown
  send(payload: Buffer): unknown
}

/** Sends an answer through Fastify, so that its hooks see it. */
export function replyWith(reply: FastifyReplyLike, { status, headers, body }: Answer): unknown {
  for (const name of bodyHeaders) reply.removeHeader(name)
  reply.code(status)
  reply.headers(headers)
  // Bytes: to a text Fastify would add a charset.
  return reply.send(Buffer.from(body))
}
