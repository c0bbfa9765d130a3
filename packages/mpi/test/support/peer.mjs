/** One process of a group: sums an array of its rank and prints what it sees as JSON. `peer.mjs SCENARIO` */
import { openMpi } from "../../dist/index.js";

const [scenario] = process.argv.slice(2);
const group = openMpi();
const { rank, size, library } = group;
const big = Float32Array.from({ length: 100_003 }, (_, i) => i + rank);
const exact = Float64Array.of(2 ** 40 + rank, 0.5);

if (scenario === "shares") {
  const bytes = Uint8Array.from({ length: 1_000_003 }, (_, i) => (rank === 0 ? i : 0));
  await group.broadcast(bytes);
  const last = bytes.at(-1);
  group.close();
  console.log(JSON.stringify({ rank, last, whole: bytes.every((byte, i) => byte === i % 256) }));
  process.exit();
}
if (scenario === "gives up") {
  if (rank === 0) {
    const waiting = group.allReduce(exact).catch((error) => error.message);
    setTimeout(() => group.abandon(), 50);
    console.log(JSON.stringify({ rank, error: await waiting }));
  } else {
    await new Promise((resolve) => setTimeout(resolve, 10_000)); // never takes part: the launcher ends it
  }
  process.exit(4);
}
if (scenario === "dies" && rank === 1) process.exit(3);
const sums = [group.allReduce(big), group.allReduce(exact)];
if (scenario === "closes early") {
  try {
    group.close();
  } catch (error) {
    console.log(JSON.stringify({ rank, error: error.message }));
  }
}
await Promise.all(sums);
group.close();
group.close();
const closed = await group.allReduce(exact).catch((error) => error.message);
console.log(JSON.stringify({ rank, size, library, last: big.at(-1), exact: [...exact], closed }));
