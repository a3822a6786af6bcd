// What the shop knows and does: products, orders, and the queue that the worker empties.
import pg from 'pg';
import { createClient } from 'redis';

const db = new pg.Pool({ max: 10 });
const queue = createClient({ url: process.env.REDIS_URL ?? 'redis://localhost:6379' });
// Both reconnect by themselves; without a listener a lost connection would end the process.
db.on('error', (error) => console.error(`database: ${error.message}`));
queue.on('error', (error) => console.error(`queue: ${error.message}`));

const orderColumns = `o.id::int, p.name AS product, o.quantity, o.quantity * p.cents AS cents, o.status, o.placed_at AS "placedAt", o.packed_at AS "packedAt"`;

export const open = () => queue.connect();

export async function close() {
  await queue.close();
  await db.end();
}

export async function products() {
  return (await db.query('SELECT id, name, cents FROM product ORDER BY id')).rows;
}

export async function ordersOf(session) {
  const sql = `SELECT ${orderColumns} FROM orders o JOIN product p ON p.id = o.product_id WHERE o.session = $1 ORDER BY o.id DESC LIMIT 10`;
  return (await db.query(sql, [session])).rows;
}

/** The order, or undefined when there is none with this number. */
export async function order(id) {
  const sql = `SELECT ${orderColumns} FROM orders o JOIN product p ON p.id = o.product_id WHERE o.id = $1`;
  return (await db.query(sql, [id])).rows[0];
}

/** Writes the order down, then hands it to the worker. Undefined when there is no such product. */
export async function place(session, product, quantity) {
  const sql = 'INSERT INTO orders (session, product_id, quantity) SELECT $1, id, $3 FROM product WHERE id = $2 RETURNING id::int, status';
  const { rows: [placed] } = await db.query(sql, [session, product, quantity]);
  if (placed) await queue.lPush('orders', String(placed.id));
  return placed;
}
