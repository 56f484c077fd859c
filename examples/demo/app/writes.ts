/** What the load does, once for each ORM. */
export interface Writes {
  /** Inserts a card and a collection for it in one transaction: protected. */
  createCard(id: string): Promise<void>
  /** Renames a card: protected. */
  renameCard(id: string, name: string): Promise<void>
  /** Notes that a card was looked at: exempt by its columns. */
  touchCard(id: string): Promise<void>
  /** A session and a line of the audit log: exempt by their tables. */
  logIn(id: string): Promise<void>
  countCards(): Promise<number>
  close(): Promise<void>
}
