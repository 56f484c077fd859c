export { assertReadOnlyAttached } from './assert-attached.ts'
export { attachReadOnly } from './attach-read-only.ts'
export type { DataSourceLike, DriverLike, QueryRunnerLike } from './data-source-like.ts'
export { readOnlySubscriber, type SubscriberClass } from './read-only-subscriber.ts'
