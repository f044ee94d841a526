'use strict';
// The server of the soak: HTTP/1.1, HTTPS and HTTP/2 with short time limits. Every answer carries its question's number.
// A line on stdin is answered on stdout with what the process holds at that moment.
const fs = require('node:fs');
const http = require('node:http');
const http2 = require('node:http2');
const https = require('node:https');
const v8 = require('node:v8');
const vm = require('node:vm');

v8.setFlagsFromString('--expose-gc');
const gc = vm.runInNewContext('gc');
const limits = { headersTimeout: 3000, requestTimeout: 10_000, keepAliveTimeout: 1000, connectionsCheckingInterval: 200 };
const tls = { cert: fs.readFileSync(process.env.CERTIFICATE), key: fs.readFileSync(process.env.KEY) };
const piece = Buffer.alloc(16_384, 'p');
let [handled, open] = [0, 0];

function handle(request, response) {
  handled++;
  open++;
  response.on('close', () => open--);
  const { pathname, searchParams } = new URL(request.url, 'http://server');
  const number = searchParams.get('n') ?? '';
  const size = Number(searchParams.get('size') ?? 0);
  response.setHeader('x-n', number);
  if (pathname === '/late') {
    const timer = setTimeout(() => response.end(number), Number(searchParams.get('ms')));
    response.on('close', () => clearTimeout(timer));
  } else if (pathname === '/big') {
    let left = size;
    const more = () => {
      while (left-- > 0) if (!response.write(piece)) return;
      response.end();
    };
    response.on('drain', more);
    more();
  } else if (request.method === 'POST') {
    request.pipe(response);
  } else {
    response.end(`${number}:${'x'.repeat(size)}`);
  }
}

const servers = [http.createServer(limits, handle), https.createServer({ ...tls, ...limits }, handle), http2.createSecureServer(tls, handle)];
servers[2].on('session', (session) => session.setTimeout(3000, () => session.close()));
const ports = Promise.all(servers.map((server) => new Promise((resolve) => server.listen(0, '127.0.0.1', 1024, () => resolve(server.address().port)))));
// The pool has answered once before the first state is asked for: what the loop opens for that is no leak.
fs.promises.stat('.').then(() => ports).then((list) => console.log(JSON.stringify({ ports: list })));

process.stdin.setEncoding('utf8').on('data', () => {
  gc();
  const { rss, heapUsed, external } = process.memoryUsage();
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  console.log(JSON.stringify({ rss, heap: heapUsed + external, descriptors: fs.readdirSync('/proc/self/fd').length, handled, open, cpu: (userCPUTime + systemCPUTime) / 1e6 }));
});
process.stdin.on('end', () => {
  for (const server of servers) server.close();
  servers.forEach((server) => server.closeAllConnections?.());
});
