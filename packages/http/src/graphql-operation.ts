/** What we read of a parsed GraphQL document (of any version of graphql-js). */
export interface GraphqlDocument {
  readonly definitions: ReadonlyArray<{ readonly kind: string }>
}

/** What we read of an operation in it. */
export interface GraphqlOperation {
  readonly kind: string
  readonly operation: string
  readonly name?: { readonly value: string } | undefined
  readonly selectionSet: { readonly selections: readonly object[] }
}

/** The operation of a document that will be executed; `undefined` where the server will refuse it as ambiguous. */
export function operationIn(
  document: GraphqlDocument,
  operationName: string | null | undefined,
): GraphqlOperation | undefined {
  const operations = document.definitions.filter(isOperation)
  if (operationName === undefined || operationName === null || operationName === '')
    return operations.length === 1 ? operations[0] : undefined
  return operations.find(({ name }) => name?.value === operationName)
}

/**
 * The fields that an operation asks for at its root; `undefined` where fragments hide them, so that a list of allowed
 * fields lets none of those pass.
 */
export function rootFieldsOf({ selectionSet }: GraphqlOperation): readonly string[] | undefined {
  const names = selectionSet.selections.map((selection) => {
    const { kind, name } = selection as { readonly kind?: unknown; readonly name?: { readonly value: string } }
    return kind === 'Field' ? name?.value : undefined
  })
  return names.every((name) => name !== undefined) ? names : undefined
}

function isOperation(definition: { readonly kind: string }): definition is GraphqlOperation {
  return definition.kind === 'OperationDefinition'
}
