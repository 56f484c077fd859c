import { attachReadOnly, type DataSourceLike, type readOnlySubscriber } from '@quiesce/typeorm'
import type { DataSource, DataSourceOptions } from 'typeorm'
import { describe, expectTypeOf, it } from 'vitest'

describe('the types of TypeORM 1.x', () => {
  it('fit', () => {
    expectTypeOf<DataSource>().toExtend<DataSourceLike>()
    expectTypeOf(attachReadOnly).toBeCallableWith({}, {} as DataSource)
    expectTypeOf<ReturnType<typeof readOnlySubscriber>[]>().toExtend<NonNullable<DataSourceOptions['subscribers']>>()
  })
})
