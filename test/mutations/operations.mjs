const http = 'packages/http/src'

/** What the tests of the shells that judge operations, and of those of Nest and Next, have to notice. */
export const operations = [
  {
    rule: 'operations: Apollo runs no mutation',
    test: 'test/http/operations.test.ts',
    name: 'apollo 5. judges each operation: queries pass',
    edits: [{ file: `${http}/apollo.ts`, from: "operation !== 'mutation'", to: "operation !== 'none'" }],
  },
  {
    rule: 'operations: Yoga runs no mutation',
    test: 'test/http/operations.test.ts',
    name: 'yoga 5. judges each operation: queries pass',
    edits: [{ file: `${http}/yoga.ts`, from: "operation === 'mutation'", to: "operation === 'none'" }],
  },
  {
    rule: 'operations: tRPC runs no mutation',
    test: 'test/http/operations.test.ts',
    name: 'trpc 11. judges each operation: queries pass',
    edits: [{ file: `${http}/trpc.ts`, from: "type === 'mutation'", to: "type === 'none'" }],
  },
  {
    rule: 'operations: a fragment hides no field from the list of allowed ones',
    test: 'test/http/operations.test.ts',
    name: 'yoga 5. takes the operation that is executed',
    edits: [
      {
        file: `${http}/graphql-operation.ts`,
        from: "kind === 'Field' ? name?.value : undefined",
        to: "kind === 'Field' ? name?.value : 'login'",
      },
    ],
  },
  {
    rule: 'operations: a mutation passes only when all of its fields are allowed',
    test: 'test/http/operations.test.ts',
    name: 'apollo 5. takes the operation that is executed',
    edits: [{ file: `${http}/operation-interception.ts`, from: 'names.every((', to: 'names.some((' }],
  },
  {
    rule: 'operations: Nest lets only marked handlers write',
    test: 'test/http/nest.test.ts',
    name: 'handlers and controllers that may write pass',
    edits: [{ file: `${http}/nest-door.ts`, from: 'isAllowed(context) ? undefined', to: 'true ? undefined' }],
  },
  {
    rule: 'operations: a server action that is refused does not run',
    test: 'test/http/next.test.ts',
    name: 'an action that is refused',
    edits: [{ file: `${http}/next.ts`, from: "interception.refusalOf('server action')", to: 'undefined' }],
  },
]
