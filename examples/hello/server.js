const { createServer } = require('node:http');

const port = Number(process.env.PORT ?? 3000);
const release = process.env.WHERRY_RELEASE;

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Hello from Wherry</title>
<style>
  body { margin: 0; min-height: 100vh; display: grid; place-content: center; text-align: center; gap: .5rem;
         font: 1.1rem/1.6 system-ui, sans-serif; color: #14323f; background: linear-gradient(#eaf6fb 55%, #bfe1ee 55%); }
  h1 { font-size: 2.6rem; margin: 0; }
  svg { width: 11rem; margin: 0 auto; }
  code { background: #fff9; padding: .1em .4em; border-radius: .3em; }
</style>
<svg viewBox="0 0 110 70" aria-hidden="true">
  <path d="M52 6v40M52 8q34 14 30 36H52z" fill="#f6b73c" stroke="#14323f" stroke-width="2"/>
  <path d="M8 46h94q-8 18-24 18H32Q14 64 8 46z" fill="#c8553d" stroke="#14323f" stroke-width="2"/>
</svg>
<h1>Hello from Wherry</h1>
<p>${release ? `This is release <code>${release.replace(/[<&]/g, '')}</code>.` : 'Your first service is live.'}</p>
<p>Change <code>server.js</code>, commit, <code>git push</code>: the next release takes over without a dropped request.</p>
</html>
`;

const server = createServer((request, response) => {
  const path = request.url.split('?')[0];
  const [status, type, body] =
    path === '/' ? [200, 'text/html; charset=utf-8', page]
    : path === '/up' ? [200, 'text/plain', 'ok\n']
    : [404, 'text/plain', 'not found\n'];
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(request.method === 'HEAD' ? undefined : body);
});

server.listen(port, () => console.log(`listening on ${port}`));

// Finishes what is in flight, then ends: a replica that is stopped drops no request.
process.on('SIGTERM', () => {
  console.log('stopping');
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
