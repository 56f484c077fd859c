import type { Logger } from '@quiesce/core'

/**
 * What a function of the application gives; `otherwise` when it throws or gives something else than it should, which is
 * logged: a refusal must become neither a crash nor a 500.
 */
export function fromCallback<T>(
  name: string,
  call: () => T,
  isRight: (value: T) => boolean,
  otherwise: T,
  logger: Logger | undefined,
): T {
  try {
    const value = call()
    if (isRight(value)) return value
    logger?.error({ value }, `the option ${name} gave something unusable; using the default`)
  } catch (error) {
    logger?.error({ error }, `the option ${name} threw; using the default`)
  }
  return otherwise
}
