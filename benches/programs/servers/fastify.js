'use strict';
const fastify = require('fastify')();

fastify.get('/', async () => ({ hello: 'world' }));
fastify.listen({ port: 0, host: '127.0.0.1' }).then((address) => console.log(`listening ${new URL(address).port}`));
