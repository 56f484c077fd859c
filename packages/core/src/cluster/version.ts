/** The version of this library, as nodes report it; a test compares it with the package's. */
export const LIBRARY_VERSION = '0.1.0'

/** Grows when nodes of different versions could misunderstand each other. */
export const PROTOCOL_VERSION = 1
