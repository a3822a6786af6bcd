// Packs orders: takes their numbers from the queue and writes the result to the database.
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { createClient } from 'redis';

const db = new pg.Pool({ max: 2 });
const queue = createClient({ url: process.env.REDIS_URL ?? 'redis://localhost:6379' });
db.on('error', (error) => console.error(`database: ${error.message}`));
queue.on('error', (error) => console.error(`queue: ${error.message}`));

let stopping = false;
process.once('SIGTERM', () => {
  console.log('stopping after the order in hand');
  stopping = true;
});

async function pack(id) {
  const sql = `UPDATE orders SET status = 'packed', packed_at = now() WHERE id = $1 AND status = 'queued'`;
  const { rowCount } = await db.query(sql, [id]);
  await queue.lRem('packing', 1, id);
  console.log(rowCount ? `order ${id} packed` : `order ${id} was packed before`);
}

await queue.connect();
console.log('waiting for orders');

// What a worker held when it died stands in `packing`. Packing twice is harmless.
for (const id of await queue.lRange('packing', 0, -1)) await pack(id);

let held = null;
while (!stopping) {
  try {
    held ??= await queue.blMove('orders', 'packing', 'RIGHT', 'LEFT', 1);
    if (held) await pack(held);
    held = null;
  } catch (error) {
    console.error(error.message);
    await pause(1000);
  }
}

await queue.close();
await db.end();
