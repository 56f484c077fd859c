/** The part of a pino-shaped logger that Quiesce calls: first the data, then the message. */
export interface Logger {
  debug(data: object, message: string): void
  info(data: object, message: string): void
  warn(data: object, message: string): void
  error(data: object, message: string): void
}

/** Logs nothing; the default. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} }
