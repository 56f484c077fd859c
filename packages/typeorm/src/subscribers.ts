import type { DataSourceLike } from './data-source-like.ts'

/** Where a subscriber stands among the others: an error that one throws keeps the later ones from hearing of the event. */
export type Place = 'first' | 'last'

/** Registers a subscriber with a data source; does nothing when it is registered, or nothing can be. */
export function putIn(dataSource: DataSourceLike, subscriber: object, place: Place): void {
  const subscribers = subscribersOf(dataSource)
  if (subscribers === undefined || subscribers.includes(subscriber)) return
  if (place === 'first') subscribers.unshift(subscriber)
  else subscribers.push(subscriber)
}

/** Takes a subscriber out of a data source. */
export function takeOut(dataSource: DataSourceLike, subscriber: object): void {
  const subscribers = subscribersOf(dataSource)
  const index = subscribers?.indexOf(subscriber) ?? -1
  if (index !== -1) subscribers?.splice(index, 1)
}

/** TypeORM makes this array anew at each `initialize()`. */
function subscribersOf(dataSource: DataSourceLike): unknown[] | undefined {
  const subscribers: unknown = dataSource.subscribers
  return Array.isArray(subscribers) ? subscribers : undefined
}
