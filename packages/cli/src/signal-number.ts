import { constants } from 'node:os'

/** The number of a signal; shells report a process that it ended as 128 and this. */
export function signalNumber(signal: NodeJS.Signals): number {
  return constants.signals[signal]
}
