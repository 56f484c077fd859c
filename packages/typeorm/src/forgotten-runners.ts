import { isReadOnlyError } from '@quiesce/core/adapter'
import type { QueryRunnerLike } from './data-source-like.ts'
import type { GuardContext } from './guard-context.ts'

/**
 * Calls one of TypeORM's helpers, and if it is refused releases the query runners that it has opened and forgotten.
 *
 * Some helpers open a runner first and release it only on success (running and showing migrations, emptying the result
 * cache), so each refusal in the midst of them would cost the pool a connection.
 */
export async function releasingForgotten<T>(context: GuardContext, call: () => Promise<T>): Promise<T> {
  const opened: QueryRunnerLike[] = []
  const { opened: notebook } = context
  const before = notebook.into
  // The helpers open their runner before their first await, so nobody else's is noted.
  notebook.into = opened
  let result: Promise<T>
  try {
    result = call()
  } finally {
    notebook.into = before
  }
  try {
    return await result
  } catch (error) {
    if (isReadOnlyError(error)) await Promise.all(opened.map((runner) => runner.isReleased || runner.release()))
    throw error
  }
}
