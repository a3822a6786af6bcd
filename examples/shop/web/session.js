// Who is asking: a random id in a cookie, signed so that nobody can choose one.
import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';

const secret = process.env.SESSION_SECRET;
if (!secret) throw new Error('SESSION_SECRET is not set');

const sign = (id) => createHmac('sha256', secret).update(id).digest('base64url');

/** The visitor's id, and the cookie to set when the visitor is new. */
export function sessionOf(request) {
  const [, id = '', signature = ''] = /(?:^|; *)session=([\w-]+)\.([\w-]+)/.exec(request.headers.cookie ?? '') ?? [];
  const expected = Buffer.from(sign(id));
  const given = Buffer.from(signature);
  if (given.length === expected.length && timingSafeEqual(given, expected)) return { id };

  const fresh = randomUUID();
  return { id: fresh, cookie: `session=${fresh}.${sign(fresh)}; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000` };
}
