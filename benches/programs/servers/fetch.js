'use strict';
// A client: URL COUNT ROUNDS. Each round fetches COUNT times, 32 requests in flight, and prints its milliseconds.
const url = process.argv[2];
const total = Number(process.argv[3]);
const rounds = Number(process.argv[4]);

async function round() {
  let left = total;
  const begin = performance.now();
  await Promise.all(Array.from({ length: 32 }, async () => {
    while (left-- > 0) {
      const response = await fetch(url);
      if ((await response.text()).length !== 14) throw new Error('not what was sent');
    }
  }));
  return performance.now() - begin;
}

(async () => {
  for (let i = 0; i < rounds; i++) console.log(`round ${(await round()).toFixed(1)}`);
  // To be killed when its use of the processor has been read.
  setInterval(() => {}, 1000);
})();
