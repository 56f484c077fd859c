import { afterEach, beforeEach } from 'vitest'
import type { CoordinationStore } from '../../domain/store.ts'
import type { StoreSubject } from './store-subject.ts'

/** A subject for each test of a block, with the tables and the namespace's row. */
export function migratedSubject(make: () => Promise<StoreSubject>): {
  subject: StoreSubject
  store: CoordinationStore
} {
  const current = {} as { subject: StoreSubject; store: CoordinationStore }
  beforeEach(async () => {
    current.subject = await make()
    current.store = current.subject.store()
    await current.store.migrate()
    await current.store.ensureCluster()
  })
  afterEach(() => current.subject.close())
  return current
}
