import { type FenceRefusal, readRefusal } from '../../domain/fence-refusal.ts'
import { errorNumberOf } from './errors.ts'

/** ER_SCHEMA_READ_ONLY: it names the schema, and no freeze. */
const SCHEMA_READ_ONLY = 3989

/** What a fence said, by its triggers' message or by the error number of a schema that is READ ONLY. */
export function fenceRefusalOf(error: unknown): FenceRefusal | undefined {
  const told = readRefusal(error)
  if (told !== undefined || errorNumberOf(error) !== SCHEMA_READ_ONLY) return told
  return { freezeId: undefined, reason: undefined }
}
