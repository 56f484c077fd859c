import { nextEpoch } from '../domain/token.ts'
import type { Parts } from './assemble.ts'
import { type FreezeOptions, resolveFreezeOptions } from './freeze-options.ts'
import { readStatus } from './status.ts'

/** An operation whose statements are asked for before it is done. */
export type PlannedOperation =
  /** `whole`: as if none of the tables were there, for a migration file. */
  | { readonly operation: 'migrate'; readonly whole?: boolean }
  | ({ readonly operation: 'freeze' } & Pick<FreezeOptions, 'reason' | 'exempt' | 'tables' | 'fenceBackend'>)
  | { readonly operation: 'thaw'; readonly id: string }
  | ({ readonly operation: 'install-fence' } & Pick<FreezeOptions, 'exempt' | 'tables'>)
  | { readonly operation: 'remove-fence' }

/** A statement that an operation would send. */
export interface PlannedStatement {
  readonly phase: 'migrate' | 'raise' | 'lower' | 'install' | 'remove'
  /** What the server would be sent, without anything behind it. */
  readonly sql: string
}

/** Asks for the statements without joining. */
export async function plannedStatements(
  { store, fences, options: { namespace } }: Parts,
  planned: PlannedOperation,
): Promise<readonly PlannedStatement[]> {
  switch (planned.operation) {
    case 'migrate': {
      const from = planned.whole === true ? undefined : (await store.schemaVersion()).found
      return inPhase('migrate', await store.migrationScript(from))
    }
    case 'freeze': {
      const { operation: _, ...options } = planned
      const { epoch } = await readStatus(store, namespace)
      const script = await fences.scripts.raise(resolveFreezeOptions(options), nextEpoch(epoch ?? '0'))
      return [...inPhase('raise', script.raise), ...inPhase('lower', script.lower)]
    }
    case 'thaw':
      return inPhase('lower', await fences.scripts.lower(planned.id))
    case 'install-fence': {
      const { operation: _, ...options } = planned
      const resolved = resolveFreezeOptions({ reason: 'installation', ...options })
      return inPhase('install', await fences.installer.installScript(resolved))
    }
    case 'remove-fence':
      return inPhase('remove', await fences.installer.removeScript())
  }
}

function inPhase(phase: PlannedStatement['phase'], statements: readonly string[]): readonly PlannedStatement[] {
  return statements.map((sql) => ({ phase, sql: sql.trim() }))
}
