import type { FenceSurvey } from '../domain/fence.ts'
import type { NodeRecord } from '../domain/node-record.ts'
import type { Installation } from '../domain/standing-backend.ts'
import type { RecordedEvent } from '../domain/store.ts'
import type { Parts } from './assemble.ts'
import { type Diagnosis, diagnose } from './diagnosis.ts'
import type { FenceInstallation } from './fence-install.ts'
import type { FenceOption, FenceStatus } from './fence-inventory.ts'
import { type FreezeOptions, resolveFreezeOptions } from './freeze-options.ts'
import { detectMembers, type Members } from './members.ts'
import { type PlannedOperation, type PlannedStatement, plannedStatements } from './planned-statements.ts'
import { type ClusterStatus, readStatus } from './status.ts'
import { stayAliveFor } from './stay-alive.ts'

/** What can be asked of a cluster without joining it. */
export class ClusterReader {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async isCluster(): Promise<boolean> {
    return (await this.members()).count >= 2
  }

  members(): Promise<Members> {
    const { store, options } = this.#parts
    return detectMembers(store, options.detect)
  }

  nodes(): Promise<readonly NodeRecord[]> {
    return this.#parts.store.nodes()
  }

  fenceSurvey(
    options: Pick<FreezeOptions, 'exempt' | 'tables' | 'fenceBackend'> = {},
  ): Promise<FenceSurvey | undefined> {
    return this.#parts.fences.inventory.survey(resolveFreezeOptions({ reason: 'survey', ...options }))
  }

  fenceOptions(): Promise<readonly FenceOption[]> {
    return this.#parts.fences.inventory.options()
  }

  fences(): Promise<readonly FenceStatus[]> {
    return this.#parts.fences.inventory.standing()
  }

  liftFences({ foreign = false }: { readonly foreign?: boolean } = {}): Promise<readonly FenceStatus[]> {
    return this.#parts.fences.inventory.lift(foreign)
  }

  installFence(options: Pick<FreezeOptions, 'exempt' | 'tables'> = {}): Promise<FenceInstallation> {
    const { clock, fences } = this.#parts
    const resolved = resolveFreezeOptions({ reason: 'installation', ...options })
    return stayAliveFor(clock, () => fences.installer.install(resolved))
  }

  removeFence(): Promise<FenceInstallation> {
    const { clock, fences } = this.#parts
    return stayAliveFor(clock, () => fences.installer.remove())
  }

  fenceInstallation(): Promise<Installation> {
    return this.#parts.fences.installer.installation()
  }

  plannedStatements(planned: PlannedOperation): Promise<readonly PlannedStatement[]> {
    return plannedStatements(this.#parts, planned)
  }

  status(): Promise<ClusterStatus> {
    return readStatus(this.#parts.store, this.#parts.options.namespace)
  }

  diagnose(): Promise<Diagnosis> {
    return diagnose(this.#parts)
  }

  history(limit = 100): Promise<readonly RecordedEvent[]> {
    return this.#parts.store.events(limit)
  }
}
