/** What the suites use of TypeORM; one of its versions is handed in by each test file. */
export type TypeormModule = Pick<
  typeof import('typeorm'),
  'DataSource' | 'EntitySchema' | 'Table' | 'TableColumn' | 'TableIndex' | 'EventSubscriber'
>
