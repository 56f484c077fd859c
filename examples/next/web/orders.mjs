import pg from 'pg'
import { cluster } from './quiesce.mjs'

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 2 })

/** How many orders there are. */
export async function countOrders() {
  const { rows } = await pool.query('SELECT count(*)::int AS orders FROM shop_order')
  return rows[0]
}

/** An ORM would be guarded by itself; a driver of one's own has to ask. */
export async function createOrder(item) {
  cluster.assertWritable('an order')
  const { rows } = await pool.query('INSERT INTO shop_order (item) VALUES ($1) RETURNING id, item', [item])
  return rows[0]
}
