/** A column of TypeORM's metadata. */
export interface ColumnLike {
  readonly databaseName: string
  readonly propertyPath: string
  readonly isUpdate: boolean
  /** The relation whose join column it is. */
  readonly relationMetadata?: { readonly propertyPath: string } | undefined
}

/** The name that the application knows for a column: a property, or a relation. */
export function fieldName({ propertyPath, relationMetadata }: ColumnLike): string {
  return relationMetadata?.propertyPath ?? propertyPath
}

/** The metadata of an entity or of a junction table. */
export interface EntityMetadataLike {
  readonly name: string
  readonly tableName: string
  readonly schema?: string | undefined
  readonly database?: string | undefined
  readonly deleteDateColumn?: ColumnLike | undefined
  findColumnsWithPropertyPath(path: string): readonly ColumnLike[]
  hasEmbeddedWithPropertyPath(path: string): boolean
}

/** What TypeORM tells subscribers before it writes an entity; which fields are set depends on the operation. */
export interface EntityEvent {
  readonly queryRunner: { readonly isTransactionActive: boolean }
  readonly metadata: EntityMetadataLike
  readonly entity?: object | undefined
  readonly databaseEntity?: object | undefined
  readonly updatedColumns?: readonly ColumnLike[]
  readonly updatedRelations?: readonly { readonly joinColumns: readonly ColumnLike[] }[]
}

/**
 * The columns that an update is known to assign; empty when the event does not tell, never because none is written.
 *
 * `save()` lists what differs, without the columns that TypeORM adds (update date, version); `update()` and the query
 * builder leave the list empty and give their SET map as the entity.
 */
export function knownColumns(event: EntityEvent): readonly ColumnLike[] {
  const { updatedColumns = [], updatedRelations = [], entity, databaseEntity, metadata } = event
  const listed = [...updatedColumns, ...updatedRelations.flatMap(({ joinColumns }) => joinColumns)]
  if (listed.length > 0) return listed
  return entity === undefined || databaseEntity !== undefined ? [] : columnsOfSetMap(metadata, entity)
}

function columnsOfSetMap(metadata: EntityMetadataLike, values: object, prefix = ''): readonly ColumnLike[] {
  return Object.entries(values).flatMap(([key, value]: readonly [string, unknown]) => {
    const path = prefix + key
    if (value === undefined) return []
    if (typeof value === 'object' && value !== null && metadata.hasEmbeddedWithPropertyPath(path)) {
      return columnsOfSetMap(metadata, value, `${path}.`)
    }
    return metadata.findColumnsWithPropertyPath(path).filter(({ isUpdate }) => isUpdate)
  })
}
