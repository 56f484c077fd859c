import { Body, Controller, Get, HttpCode, Inject, Post } from '@nestjs/common'
import { AllowWhileReadOnly } from '@quiesce/http/nest'
import { DataSource, EntitySchema } from 'typeorm'

export const orderEntity = new EntitySchema<{ id: number; item: string }>({
  name: 'Order',
  tableName: 'shop_order',
  columns: { id: { type: 'int', primary: true, generated: true }, item: { type: 'text' } },
})

export const sessionEntity = new EntitySchema<{ id: string }>({
  name: 'Session',
  tableName: 'session',
  columns: { id: { type: 'uuid', primary: true, generated: 'uuid' } },
})

/** `import` is let through the door, to show that what comes from TypeORM is answered in the same way. */
@Controller()
export class OrdersController {
  @Inject(DataSource) declare readonly db: DataSource

  @Get('orders')
  async count() {
    return { orders: await this.db.getRepository(orderEntity).count() }
  }

  @Post('orders')
  create(@Body() { item }: { item: string }) {
    return this.db.getRepository(orderEntity).save({ item })
  }

  @AllowWhileReadOnly()
  @Post('import')
  import(@Body() order: { item: string }) {
    return this.create(order)
  }

  @AllowWhileReadOnly()
  @Post('login')
  @HttpCode(201)
  login() {
    return this.db.getRepository(sessionEntity).save({})
  }
}
