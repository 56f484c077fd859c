'use server'

import { readOnlyAction } from '@quiesce/http/next'
import { createOrder } from '../orders.mjs'
import { cluster } from '../quiesce.mjs'

/** Gives the order, or `{ readOnly: problem }`: what an action throws would reach its form as a nameless error. */
export const orderItem = readOnlyAction(cluster, async (_last, form) => createOrder(form.get('item')))
