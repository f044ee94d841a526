'use strict';
// Streams the file that is its argument.
const fs = require('node:fs');
const http = require('node:http');

const server = http.createServer((request, response) => {
  response.setHeader('Content-Length', fs.statSync(process.argv[2]).size);
  fs.createReadStream(process.argv[2]).pipe(response);
});
server.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`));
