import type { Config } from './settings/config-file.ts'

/**
 * Types the options that `quiesce.config.ts` exports; returns them as they are.
 *
 * @example
 * export default defineConfig({ database: process.env.DATABASE_URL, exempt: { session: true } })
 */
export function defineConfig(config: Config): Config {
  return config
}
