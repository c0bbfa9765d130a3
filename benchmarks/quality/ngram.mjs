// What counting alone achieves: an interpolated Kneser-Ney n-gram model, the bar that a trained model has to clear on the
// same tokens. `node benchmarks/quality/ngram.mjs TRAIN VALIDATION [--order 5] [--vocab 32000]`: token files of uint16
// little-endian ids in, nats and perplexity per token of VALIDATION out.
// Kneser and Ney, "Improved backing-off for m-gram language modeling" (1995), interpolated as in Chen and Goodman (1999),
// one discount per order: D = n1 / (n1 + 2 n2).
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

const {
  positionals: [trainFile, validationFile],
  values: options,
} = parseArgs({
  allowPositionals: true,
  options: {
    order: { type: "string", default: "5" },
    vocab: { type: "string", default: "32000" },
  },
});
if (validationFile === undefined) {
  console.error(
    "Usage: node benchmarks/quality/ngram.mjs TRAIN VALIDATION [--order N] [--vocab N]",
  );
  process.exit(2);
}
const order = Number(options.order);
const vocab = Number(options.vocab);

function readTokens(path) {
  const bytes = readFileSync(path);
  return new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 1);
}

/** A trie of all n-grams up to `order`; a node is an n-gram, numbered by first appearance, 0 the empty one. */
function buildTrie(tokens) {
  const children = new Map();
  const parents = [0];
  const levels = [0];
  const counts = [0];
  let ending = [0];
  for (const token of tokens) {
    // ending[n]: the n-gram that ends at the token before; next[n]: the one that ends here.
    const next = [0];
    for (let n = 1; n <= order && ending[n - 1] !== undefined; n++) {
      const parent = ending[n - 1];
      const key = parent * vocab + token;
      let node = children.get(key);
      if (node === undefined) {
        node = parents.length;
        children.set(key, node);
        parents.push(parent);
        levels.push(n);
        counts.push(0);
        // A new n-gram is one more left context of its own last n-1 tokens: Kneser-Ney's count of the lower orders.
        if (n > 1) counts[next[n - 1]]++;
      }
      if (n === order) counts[node]++;
      next.push(node);
    }
    ending = next;
  }
  return { children, parents, levels, counts };
}

function discounts({ levels, counts }) {
  const once = new Float64Array(order + 1);
  const twice = new Float64Array(order + 1);
  for (let node = 1; node < counts.length; node++) {
    if (counts[node] === 1) once[levels[node]]++;
    if (counts[node] === 2) twice[levels[node]]++;
  }
  return once.map((n1, n) => (n1 === 0 ? 0 : n1 / (n1 + 2 * twice[n])));
}

/** Sum and number of the counts that follow each context. */
function continuations({ parents, counts }) {
  const totals = new Float64Array(counts.length);
  const types = new Float64Array(counts.length);
  for (let node = 1; node < counts.length; node++) {
    if (counts[node] === 0) continue;
    totals[parents[node]] += counts[node];
    types[parents[node]]++;
  }
  return { totals, types };
}

const trie = buildTrie(readTokens(trainFile));
const discount = discounts(trie);
const { totals, types } = continuations(trie);
const validation = readTokens(validationFile);
let nats = 0;
let contexts = [0];
for (const token of validation) {
  let probability = 1 / vocab;
  const next = [0];
  for (let n = 1; n <= order; n++) {
    const context = contexts[n - 1];
    const node = context === undefined ? undefined : trie.children.get(context * vocab + token);
    // A context that was never followed by anything leaves the shorter one's word unchanged.
    if (context !== undefined && totals[context] > 0) {
      const count = node === undefined ? 0 : Math.max(0, trie.counts[node] - discount[n]);
      probability = (count + discount[n] * types[context] * probability) / totals[context];
    }
    next.push(node);
  }
  nats -= Math.log(probability);
  contexts = next;
}
const loss = nats / validation.length;
console.log(
  `${order}-gram: ${loss.toFixed(4)} nats per token, perplexity ${Math.exp(loss).toFixed(1)}`,
);
