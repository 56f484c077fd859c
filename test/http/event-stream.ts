import { type ClientRequest, get, type IncomingMessage } from 'node:http'
import { eventually } from '../support/eventually.ts'

/** A client of server-sent events that keeps all it hears. */
export interface EventStream {
  readonly response: IncomingMessage
  readonly text: string
  /** The data of the events so far. */
  readonly events: ReadonlyArray<{ readonly id: string; readonly data: Record<string, unknown> }>
  readonly isEnded: boolean
  until(holds: () => boolean): Promise<void>
  close(): void
}

/** Connects; resolves with the headers. */
export async function openStream(port: number, lastEventId?: string): Promise<EventStream> {
  let sent: ClientRequest
  let text = ''
  let isEnded = false
  const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId }
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    sent = get({ host: '127.0.0.1', port, path: '/quiesce/state/stream', headers, agent: false }, resolve)
    sent.on('error', reject)
  })
  response.setEncoding('utf8')
  response.on('data', (chunk: string) => {
    text += chunk
  })
  response.on('end', () => {
    isEnded = true
  })
  const eventsOf = (): EventStream['events'] =>
    [...text.matchAll(/id: (.*)\nevent: state\ndata: (.*)\n\n/g)].map(([, id = '', data = '']) => ({
      id,
      data: JSON.parse(data),
    }))
  return {
    response,
    get text() {
      return text
    },
    get events() {
      return eventsOf()
    },
    get isEnded() {
      return isEnded
    },
    async until(holds) {
      await eventually('what the stream waits for', holds)
    },
    close: () => sent.destroy(),
  }
}
