export type {
  ConnectionInfoLike,
  SqlDriverAdapterFactoryLike,
  SqlDriverAdapterLike,
  SqlQueryableLike,
  SqlQueryLike,
  TransactionLike,
} from './driver-adapter.ts'
export { guardAdapter } from './guard-adapter.ts'
export { guardClient, type PrismaClientLike } from './guard-client.ts'
export { readOnlyMode } from './read-only-mode.ts'
