import { readOnlyRoute } from '@quiesce/http/next'
import { countOrders, createOrder } from '../../orders.mjs'
import { cluster } from '../../quiesce.mjs'

export const dynamic = 'force-dynamic'

export const GET = async () => Response.json(await countOrders())

export const POST = readOnlyRoute(cluster, async (request) => {
  const { item } = await request.json()
  return Response.json(await createOrder(item), { status: 201 })
})
