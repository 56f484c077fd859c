import { readOnlyRoute } from '@quiesce/http/next'
import { createOrder } from '../../orders.mjs'
import { cluster } from '../../quiesce.mjs'

/** It writes and is allowed at the door, so that its refusal comes from within. */
export const POST = readOnlyRoute(
  cluster,
  async (request) => {
    const { item } = await request.json()
    return Response.json(await createOrder(item), { status: 201 })
  },
  { allow: ['/import'] },
)
