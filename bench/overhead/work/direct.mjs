// Prints the median time in nanoseconds of a call inside Node.js: node direct.mjs CALLS
import { shout } from './provider/work.mjs';

const calls = Number(process.argv[2]);
const model = { transform: async (text) => shout(text) };
const times = [];
for (let i = 0; i < calls; i++) {
  const begun = process.hrtime.bigint();
  const answer = await model.transform(`moo ${i}`);
  times.push(Number(process.hrtime.bigint() - begun));
  if (answer !== `MOO ${i}!`) throw new Error(answer);
}
times.sort((a, b) => a - b);
console.log(times[Math.floor(times.length / 2)]);
