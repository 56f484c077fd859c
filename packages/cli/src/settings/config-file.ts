import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { ClusterOptions } from '@quiesce/core'
import { misuse } from '../usage-error.ts'

const names = ['ts', 'mts', 'mjs', 'js', 'cjs', 'json'].map((extension) => `quiesce.config.${extension}`)

/** What a configuration file holds: the application's own cluster options, all of them optional. */
export type Config = Partial<ClusterOptions>

/** A configuration that was read. */
export interface LoadedConfig {
  readonly path: string
  readonly config: Config
}

/**
 * Reads the configuration file that is named, or the first `quiesce.config.*` of the folder.
 *
 * The file's default export is an object of cluster options, a function that returns one, or a promise of it.
 *
 * @throws QuiesceError `QUIESCE_CONFIG` when a named file is missing, or one cannot be loaded.
 */
export async function loadConfig(folder: string, named: string | undefined): Promise<LoadedConfig | undefined> {
  const path =
    named === undefined ? names.map((name) => resolve(folder, name)).find(existsSync) : resolve(folder, named)
  if (path === undefined) return undefined
  if (!existsSync(path)) throw misuse(`The configuration file ${path} does not exist. Give another with --config.`)
  const config = await load(path)
  if (typeof config !== 'object' || config === null || Array.isArray(config)) {
    throw misuse(`The configuration file ${path} must export an object of cluster options by default.`)
  }
  return { path, config: config as Config }
}

async function load(path: string): Promise<unknown> {
  try {
    // Only who has a file pays for what compiles it.
    const { createJiti } = await import('jiti')
    const exported: unknown = await createJiti(import.meta.url, { moduleCache: false }).import(path, { default: true })
    return await (typeof exported === 'function' ? exported() : exported)
  } catch (error) {
    throw misuse(
      `The configuration file ${path} could not be loaded: ${error instanceof Error ? error.message : error}. Correct it, or give another with --config.`,
    )
  }
}
