import type { PrismaClient } from '../generated/client.ts'
import type { PrismaVersion } from './prisma-version.ts'

/** A client of either version, with the generated types of Prisma 7. */
export type Client = PrismaClient

/** One way to write, and what its refusal tells. */
export interface WriteForm {
  readonly name: string
  readonly run: (client: Client, version: PrismaVersion) => Promise<unknown>
  /** The refusal of an extended client; absent where only the statement can decide. */
  readonly early?: Refused & { readonly model: string; readonly path: string; readonly fields?: readonly string[] }
  /** The refusal of the statement, which a base client gets. */
  readonly statement: Refused
}

interface Refused {
  readonly operation: string
  readonly table?: string
}

/** What a refusal by the model layer tells of a write of a whole row. */
export function rowRefusal(
  operation: string,
  model: keyof typeof tableOf,
  path: string,
): NonNullable<WriteForm['early']> {
  return { operation, model, table: tableOf[model], path }
}

/** What a refusal by the model layer tells of an update. */
export function updateRefusal(
  model: keyof typeof tableOf,
  path: string,
  ...fields: readonly string[]
): NonNullable<WriteForm['early']> {
  return { ...rowRefusal('update', model, path), fields }
}

const tableOf = {
  Card: 'report_card',
  Collection: 'collection',
  Tag: 'tag',
  User: 'core_user',
  Session: 'core_session',
} as const
