/**
 * Reading and printing of program text in MB/s, on a transformer of at least 600 KB and on literals: after `pnpm build`,
 * `node bench/text.bench.mjs [rounds]`. Each figure is the best of the rounds. Use an idle machine.
 */
import { performance } from "node:perf_hooks";
import { fileURLToPath, pathToFileURL } from "node:url";

const library = process.argv[3] ?? fileURLToPath(new URL("../dist/index.js", import.meta.url));
const { buildProgram, parse, print, tensor } = await import(pathToFileURL(library).href);
const rounds = Number(process.argv[2] ?? 31);
const SMALLEST = 600_000;

const [D, F, S, H] = [768, 2048, 256, 12];

/** One layer: attention and MLP, with weights in files. */
function layer(f, x, index) {
  const weight = (name, out, inputs) =>
    f.blob(
      `l${index}_${name}`,
      tensor("fp16", [out, inputs, 1, 1]),
      `@model_path/weights/${name}.bin`,
    );
  const project = (name, input, out, inputs) =>
    f.conv({
      x: input,
      weight: weight(name, out, inputs),
      strides: [1, 1],
      pad_type: "valid",
      groups: 1,
    });
  const norm = (input) => {
    const mean = f.reduce_sum({ x: f.mul({ x: input, y: input }), axes: [1], keep_dims: true });
    const scale = f.pow({ x: f.add({ x: f.mul({ x: mean, y: 1 / D }), y: 1e-5 }), y: -0.5 });
    return f.mul({ x: input, y: scale });
  };
  const heads = (input) =>
    f.transpose({ x: f.reshape({ x: input, shape: [1, H, D / H, S] }), perm: [0, 1, 3, 2] });
  const xn = norm(x);
  const [q, k, v] = ["wq", "wk", "wv"].map((name) => heads(project(name, xn, D, D)));
  const scores = f.matmul({ x: q, y: k, transpose_x: false, transpose_y: true });
  const probabilities = f.softmax({ x: f.mul({ x: scores, y: 0.125 }), axis: -1 });
  const mixed = f.matmul({ x: probabilities, y: v, transpose_x: false, transpose_y: false });
  const joined = f.reshape({
    x: f.transpose({ x: mixed, perm: [0, 1, 3, 2] }),
    shape: [1, D, 1, S],
  });
  const a = f.add({ x, y: project("wo", joined, D, D) });
  const an = norm(a);
  const gate = f.mul({ x: f.silu({ x: project("w1", an, F, D) }), y: project("w3", an, F, D) });
  return f.add({ x: a, y: project("w2", gate, D, F) });
}

function transformer() {
  for (let layers = 64; ; layers *= 2) {
    const program = buildProgram({}, (f) => {
      let x = f.input("x", tensor("fp16", [1, D, 1, S]));
      for (let index = 0; index < layers; index++) x = layer(f, x, index);
      return { y: x };
    });
    if (print(program).length >= SMALLEST) return program;
  }
}

function literals() {
  return buildProgram({}, (f) => {
    const floats = Array.from({ length: 40_000 }, (_, i) => Math.sin(i));
    const integers = Array.from({ length: 40_000 }, (_, i) => (i * 7919) % 100_003);
    f.constant("half", tensor("fp16", [200, 200]), floats);
    f.constant("single", tensor("fp32", [200, 200]), floats);
    f.constant("integers", tensor("int32", [40_000]), integers);
    return { y: f.relu({ x: f.input("x", tensor("fp16", [1])) }) };
  });
}

function megabytesPerSecond(text, action) {
  const times = Array.from({ length: rounds }, () => {
    const start = performance.now();
    action();
    return performance.now() - start;
  });
  return (text.length / 1000 / Math.min(...times)).toFixed(1);
}

for (const [name, program] of [
  ["transformer", transformer()],
  ["literals", literals()],
]) {
  for (const dialect of ["1.3", "1.0"]) {
    const text = print(program, { dialect });
    const first = performance.now();
    parse(text);
    const cold = performance.now() - first;
    const read = megabytesPerSecond(text, () => parse(text));
    const printed = megabytesPerSecond(text, () => print(program, { dialect }));
    console.log(
      `${name} ${dialect}: ${(text.length / 1000).toFixed(0)} KB, first parse ${cold.toFixed(0)} ms, ` +
        `parse ${read} MB/s, print ${printed} MB/s`,
    );
  }
}
