'use client'

import { useActionState } from 'react'
import { orderItem } from './actions.js'

export default function Page() {
  const [state, order] = useActionState(orderItem, undefined)
  return (
    <form action={order}>
      <input name="item" defaultValue="book" aria-label="Item" />
      <button type="submit">Order</button>
      <output>{state?.readOnly?.detail ?? state?.item}</output>
    </form>
  )
}
