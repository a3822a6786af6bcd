import { createServer } from 'node:http';
import { page } from './page.js';
import { sessionOf } from './session.js';
import * as shop from './shop.js';

const name = process.env.SHOP_NAME || 'The Jetty Shop';

async function handle(request, reply) {
  const { pathname } = new URL(request.url, 'http://shop');
  const asked = `${request.method} ${pathname}`;
  if (asked === 'GET /up') return reply(200, 'ok\n', 'text/plain');
  if (asked === 'GET /products') return reply(200, await shop.products());
  if (asked === 'POST /orders') return placeOrder(request, reply);
  if (asked === 'GET /') {
    const session = sessionOf(request);
    const body = page(name, process.env.WHERRY_RELEASE, await shop.products(), await shop.ordersOf(session.id));
    return reply(200, body, 'text/html; charset=utf-8', session.cookie && { 'set-cookie': session.cookie });
  }

  const [, id] = /^GET \/orders\/(\d{1,15})$/.exec(asked) ?? [];
  const order = id && await shop.order(id);
  return order ? reply(200, order) : reply(404, { error: 'There is nothing at this address.' });
}

async function placeOrder(request, reply) {
  const form = (request.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded');
  const sent = await read(request, 4096);
  if (sent === undefined) return reply(413, { error: 'An order has at most 4096 bytes.' });
  const { product, quantity } = form ? Object.fromEntries(new URLSearchParams(sent)) : parse(sent);
  const [id, count] = [Number(product), Number(quantity ?? 1)];
  if (!Number.isInteger(id) || id < 1 || id > 2 ** 31 - 1 || !Number.isInteger(count) || count < 1 || count > 99) {
    return reply(400, { error: 'An order names a product and a quantity from 1 to 99.' });
  }

  const session = sessionOf(request);
  const placed = await shop.place(session.id, id, count);
  if (!placed) return reply(404, { error: `There is no product ${id}.` });
  const headers = session.cookie && { 'set-cookie': session.cookie };
  return form ? reply(303, '', 'text/plain', { location: '/', ...headers }) : reply(201, placed, undefined, { location: `/orders/${placed.id}`, ...headers });
}

/** The body, or undefined when it is longer than the limit; it is then read to its end and thrown away. */
async function read(request, limit) {
  let sent = '';
  for await (const chunk of request.setEncoding('utf8')) {
    if (sent.length <= limit) sent += chunk;
  }
  return sent.length > limit ? undefined : sent;
}

function parse(json) {
  try {
    return JSON.parse(json) ?? {};
  } catch {
    return {};
  }
}

const server = createServer((request, response) => {
  const reply = (status, body, type = 'application/json', headers = {}) => {
    response.writeHead(status, { 'content-type': type, ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
  handle(request, reply).catch((error) => {
    console.error(`${request.method} ${request.url}: ${error.stack}`);
    reply(503, { error: 'The shop cannot answer this right now.' });
  });
});

await shop.open();
server.listen(Number(process.env.PORT ?? 3000), () => console.log(`${name} is open on ${server.address().port}`));

// Finishes what is in flight, then ends: a replica that is stopped drops no request.
process.once('SIGTERM', () => {
  console.log('closing');
  server.close(() => shop.close().then(() => process.exit(0)));
  server.closeIdleConnections();
});
