// A service that behaves as it is told, by variables (BEHAVE, PORT, HOST) and by paths.
'use strict';
const http = require('node:http');
const crypto = require('node:crypto');

const { VERSION, BEHAVE = 'well', PORT = '3000', HOST = '0.0.0.0' } = process.env;
const started = Date.now();

const server = http.createServer((req, res) => {
  const url = new URL(req.url, 'http://app');
  res.setHeader('X-Version', VERSION);
  switch (url.pathname) {
    case '/up':
      res.writeHead(BEHAVE === 'unhealthy' ? 500 : 200).end(BEHAVE === 'unhealthy' ? 'not today\n' : 'up\n');
      return;
    case '/slow':
      setTimeout(() => res.end(VERSION), Number(url.searchParams.get('ms') ?? 1000));
      return;
    case '/echo': // counts instead of keeping: bodies may be large
      {
        let bytes = 0;
        req.on('data', chunk => { bytes += chunk.length; });
        req.on('end', () => res.end(String(bytes)));
      }
      return;
    case '/headers':
      res.setHeader('Content-Type', 'application/json');
      res.end(JSON.stringify(req.headers));
      return;
    case '/env':
      res.setHeader('Content-Type', 'application/json');
      res.end(JSON.stringify(process.env));
      return;
    case '/events':
      {
        res.writeHead(200, { 'Content-Type': 'text/event-stream' });
        let n = 0;
        const timer = setInterval(() => res.write(`data: ${++n}\n\n`), 100);
        req.on('close', () => clearInterval(timer));
      }
      return;
    default:
      res.end(VERSION);
  }
});

// WebSocket echo, text frames up to 125 bytes.
server.on('upgrade', (req, socket) => {
  const accept = crypto.createHash('sha1').update(req.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64');
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
  let buffer = Buffer.alloc(0);
  socket.on('error', () => {});
  socket.on('data', chunk => {
    buffer = Buffer.concat([buffer, chunk]);
    while (buffer.length >= 6) {
      const length = buffer[1] & 127;
      if (buffer.length < 6 + length) { return; }
      const opcode = buffer[0] & 15;
      const mask = buffer.subarray(2, 6);
      const text = Buffer.from(buffer.subarray(6, 6 + length).map((b, i) => b ^ mask[i % 4]));
      buffer = buffer.subarray(6 + length);
      socket.write(Buffer.concat([Buffer.from([0x80 | opcode, length]), text]));
      if (opcode === 8) { socket.end(); return; }
    }
  });
});

process.on('SIGTERM', () => {
  console.log(`SIGTERM after ${Date.now() - started} ms`);
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});

console.log(`version ${VERSION} behaves ${BEHAVE}`);
if (BEHAVE === 'crash') {
  console.error('Error: cannot reach the database');
  process.exit(3);
}

if (BEHAVE !== 'deaf') {
  server.listen(Number(PORT), HOST);
} else {
  setInterval(() => {}, 1000);
}
