/**
 * What is read of a Prisma client beyond its public interface, each part optional: where a version has it no more,
 * early refusals or the check for a guard are gone, and never the guard itself.
 */
export interface ClientInternals {
  readonly _engineConfig?: {
    readonly adapter?: object | undefined
    /** The text of the Prisma schema. */
    readonly inlineSchema?: string | undefined
  }
  readonly _runtimeDataModel?: {
    readonly models?: Readonly<
      Record<
        string,
        {
          readonly dbName?: string | null | undefined
          /** `null` when the model names none, absent where this version doesn't tell. */
          readonly schema?: string | null | undefined
          readonly fields: readonly {
            readonly name: string
            readonly kind: string
            readonly type: string
            readonly dbName?: string | null | undefined
            readonly relationName?: string | null | undefined
          }[]
        }
      >
    >
  }
}
