import type { Outcome, Ticket } from '../domain/admission.ts'
import type { Clock } from '../domain/clock.ts'
import type { CurrentMode } from './current-mode.ts'
import type { OpenGate } from './open-gate.ts'
import type { SessionGate } from './session-gate.ts'

/** A session as the journal knows it. */
export interface JournaledSession {
  /** Does what the statement does to the connection's transaction, as if it had been admitted when it was noted. */
  follow(sql: string, gate: SessionGate): Ticket
}

/** What a journal is made of. */
export interface JournalOptions {
  readonly clock: Clock
  readonly mode: CurrentMode
  readonly gate: OpenGate
}

/** It is read when it has so many entries, or texts of so many characters, or when its first entry is so old. */
const MOST_ENTRIES = 64
const MOST_CHARACTERS = 65_536
const OLDEST_MS = 1000

/**
 * The statements that were sent while everything might be written, until somebody asks what they were.
 *
 * Between two statements of an application the processor's caches are filled by its ORM, driver and kernel, so each
 * statement pays for the code and the objects that it needs itself; counting it and following its transaction are several
 * times as dear then as in a row. So a statement only leaves its text here. The journal is read when writes are about to be
 * restricted, when a session or the drain is asked, when a statement ends without the server's answer, and when it is full
 * or old.
 */
export class Journal {
  readonly #clock: Clock
  readonly #mode: CurrentMode
  readonly #gate: OpenGate
  /** Those up to `#length` hold statements; all are used again. */
  readonly #entries: Entry[] = []
  #length = 0
  /** How many of them have been told of. */
  #told = 0
  #isReading = false
  #characters = 0
  #sinceMs = 0

  constructor({ clock, mode, gate }: JournalOptions) {
    this.#clock = clock
    this.#mode = mode
    this.#gate = gate
  }

  /** Notes a statement that is sent in the same turn; `undefined` where it has to be decided on. */
  note(sql: string, session: JournaledSession | undefined): Ticket | undefined {
    const now = this.#clock.monotonicMs()
    if (!this.#mode.isOpenAt(now)) return undefined
    if (this.#length === 0 || this.#isFull(now)) this.#begin(now)
    return this.#enter(sql, session)
  }

  /** Notes what is over as soon as it happens; false where a session that is told of it at once is told in order. */
  noteOver(sql: string, session: JournaledSession): boolean {
    if (this.#length === 0) return false
    this.#enter(sql, session).isOver = true
    return true
  }

  /**
   * Tells the sessions what they have sent, and counts what is still in flight.
   *
   * Should that throw (at the end of a deep stack), the next call begins where this one has ended: no statement is lost.
   */
  read(): void {
    // What is told of may be over at once, and its session reads before that.
    if (this.#length === 0 || this.#isReading) return
    this.#isReading = true
    try {
      this.#tellAll(this.#gate.at(this.#sinceMs))
    } finally {
      this.#isReading = false
    }
    this.#told = 0
    this.#length = 0
    this.#characters = 0
  }

  #tellAll(gate: OpenGate): void {
    for (; this.#told < this.#length; this.#told++) {
      const entry = this.#entries[this.#told]
      // What is still in flight keeps its entry until it ends.
      if (entry !== undefined && !entry.tell(gate)) this.#entries[this.#told] = new Entry(this)
    }
  }

  #isFull(now: number): boolean {
    return this.#length >= MOST_ENTRIES || this.#characters >= MOST_CHARACTERS || now - this.#sinceMs >= OLDEST_MS
  }

  #begin(now: number): void {
    this.read()
    this.#sinceMs = now
  }

  #enter(sql: string, session: JournaledSession | undefined): Entry {
    const index = this.#length++
    this.#characters += sql.length
    let entry = this.#entries[index]
    if (entry === undefined) {
      entry = new Entry(this)
      this.#entries[index] = entry
    }
    entry.sql = sql
    entry.session = session
    return entry
  }
}

/** One statement; the ticket of whoever has sent it. */
class Entry implements Ticket {
  sql = ''
  session: JournaledSession | undefined
  isOver = false
  /** Set when it was read before its end. */
  #ticket: Ticket | undefined
  readonly #journal: Journal

  constructor(journal: Journal) {
    this.#journal = journal
  }

  end(outcome: Outcome): void {
    if (this.#ticket === undefined && outcome === 'answered') {
      this.isOver = true
      return
    }
    this.#journal.read()
    this.#ticket?.end(outcome)
  }

  /** Does what the statement did; true when it is over, so that the entry is free. */
  tell(gate: OpenGate): boolean {
    const { sql, session, isOver } = this
    if (session !== undefined || !isOver) {
      const ticket = session === undefined ? gate.admit(sql) : session.follow(sql, gate)
      if (isOver) ticket.end('answered')
      else this.#ticket = ticket
    }
    // Nobody's reference is kept: neither a long text nor a connection that is closed.
    this.sql = ''
    this.session = undefined
    this.isOver = false
    return isOver
  }
}
