import type { Socket } from 'node:net'

type SenderState = 'open' | 'ended' | 'closed' | 'failed'

/**
 * Carries bytes from one socket to another, and can be held.
 *
 * While held nothing gets through, neither bytes nor the end of the connection; the sender's bytes pile up in socket
 * buffers, as they do when a network drops packets, and are delivered by {@link release} in order.
 */
export class OneWayPipe {
  readonly #from: Socket
  readonly #to: Socket
  #held: boolean
  #isFull = false
  #sender: SenderState = 'open'

  constructor(from: Socket, to: Socket, held: boolean) {
    this.#from = from
    this.#to = to
    this.#held = held
    from.on('data', (chunk) => {
      this.#isFull = !to.write(chunk)
      this.#regulate()
    })
    // A paused socket reports its end all the same, once all its bytes have been read.
    from.on('end', () => this.#passOnEnd('ended'))
    from.on('close', (hadError) => this.#passOnEnd(hadError ? 'failed' : 'closed'))
    to.on('drain', () => {
      this.#isFull = false
      this.#regulate()
    })
    this.#regulate()
  }

  hold(): void {
    this.#held = true
    this.#regulate()
  }

  release(): void {
    this.#held = false
    this.#regulate()
    this.#passOnEnd(this.#sender)
  }

  #regulate(): void {
    if (this.#held || this.#isFull) this.#from.pause()
    else this.#from.resume()
  }

  #passOnEnd(sender: SenderState): void {
    this.#sender = sender
    if (this.#held || sender === 'open' || this.#to.destroyed) return
    if (sender === 'ended') this.#to.end()
    else if (sender === 'failed' && !this.#to.connecting) this.#to.resetAndDestroy()
    else this.#to.destroySoon()
  }
}
