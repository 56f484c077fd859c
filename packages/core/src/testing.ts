export type { Dialect } from './dialects/dialect.ts'
export type { SqlExecutor } from './domain/executor.ts'
export type { CoordinationStore } from './domain/store.ts'
export { changeOf, commit, newFreeze, nodeIdentity, nodeReport } from './testing/contract/builders.ts'
export { describeExecutorContract, type ExecutorSubject } from './testing/contract/executor-contract.ts'
export { describeFreezes } from './testing/contract/freeze-contract.ts'
export {
  describeGuardContract,
  type GuardedApplication,
  type GuardedTransaction,
  type GuardSubject,
} from './testing/contract/guard-contract.ts'
export { describeLocks } from './testing/contract/lock-contract.ts'
export { describeNames } from './testing/contract/name-contract.ts'
export { describeNodes } from './testing/contract/node-contract.ts'
export { describeRuns } from './testing/contract/run-contract.ts'
export { describeSchema } from './testing/contract/schema-contract.ts'
export { describeState } from './testing/contract/state-contract.ts'
export { describeStoreContract } from './testing/contract/store-contract.ts'
export { type PlainSession, type Product, type StoreSubject, storeSubject } from './testing/contract/store-subject.ts'
export { describeWriters } from './testing/contract/writer-contract.ts'
export { createFakeClock, type FakeClock } from './testing/fake-clock.ts'
export { createTestCluster, type TestCluster, type TestClusterOptions } from './testing/test-cluster.ts'
