/** What the passes must leave alone, or handle with care. */
import { expect, test } from "vitest";
import { type Block, type Operation, type Program, parse, type Value } from "../../src/index.js";
import { simplifyCasts } from "../../src/passes/casts.js";
import { shareSubexpressions } from "../../src/passes/common-subexpressions.js";
import { foldConstants } from "../../src/passes/constant-folding.js";
import { removeDeadCode } from "../../src/passes/dead-code.js";
import { runPasses } from "../../src/passes/run-passes.js";
import { simplifyShapes } from "../../src/passes/shapes.js";

/** A program of functions whose ops are given as text. */
function program(...functions: readonly string[]): Program {
  return parse(`program(1.3)\n[]\n{\n${functions.join("\n")}\n}`);
}

/** Ops in `main` by name of their first result (or type, without one). */
function opsOf({ functions }: Program): readonly string[] {
  return functions[0]!.operations.map(({ type, outputs }) => outputs[0]?.name ?? type);
}

test("a program without anything to do is returned itself", () => {
  const clean = program(
    "func main<ios18>(tensor<fp16, [2]> x) { tensor<fp16, [2]> y = relu(x = x); } -> (y);",
  );
  expect(runPasses(clean)).toBe(clean);
});

test("no passes, no change; one pass alone is that pass", () => {
  const dead = program(
    "func main<ios18>(tensor<fp16, [2]> x) { tensor<fp16, [2]> y = relu(x = x); tensor<fp16, [2]> z = abs(x = x); } -> (y);",
  );
  expect(runPasses(dead, [])).toBe(dead);
  expect(opsOf(runPasses(dead, [removeDeadCode]))).toEqual(["y"]);
});

test("every function of a program is cleaned by itself", () => {
  const body =
    "tensor<fp16, [2]> y = relu(x = x); tensor<fp16, [2]> z = relu(x = x); tensor<fp16, [2]> w = add(x = y, y = z);";
  const cleaned = runPasses(
    program(
      `func main<ios18>(tensor<fp16, [2]> x) { ${body} } -> (w);`,
      `func other<ios17>(tensor<fp16, [2]> x) { ${body} } -> (z);`,
    ),
  );
  const names = cleaned.functions.map(({ operations }) =>
    operations.map(({ outputs }) => outputs[0]!.name),
  );
  expect(names).toEqual([["y", "w"], ["z"]]);
});

test("states: reads and writes stay, in order and number", () => {
  const text = `func main<ios18>(state<tensor<fp16, [2]>> s, tensor<fp16, [2]> x) {
    tensor<fp16, [2]> before = read_state(input = s);
    write_state(data = x, input = s);
    tensor<fp16, [2]> after = read_state(input = s);
    tensor<fp16, [2]> y = sub(x = after, y = before);
  } -> (y);`;
  const original = program(text);
  expect(runPasses(original)).toBe(original);
});

test("random numbers are neither shared nor dropped", () => {
  const original = program(`func main<ios15>(tensor<fp32, [2]> x) {
    tensor<int32, [1]> shape = const()[val = tensor<int32, [1]>([2])];
    fp32 deviation = const()[val = fp32(1)];
    fp32 mean = const()[val = fp32(0)];
    int32 seed = const()[val = int32(-1)];
    tensor<fp32, [2]> a = random_normal(mean = mean, seed = seed, shape = shape, stddev = deviation);
    tensor<fp32, [2]> b = random_normal(mean = mean, seed = seed, shape = shape, stddev = deviation);
    tensor<fp32, [2]> y = add(x = x, y = b);
  } -> (y);`);
  expect(runPasses(original)).toBe(original);
});

test("ops that are not in the table stay", () => {
  const main = program(
    "func main<ios18>(tensor<fp16, [2]> x) { tensor<fp16, [2]> y = relu(x = x); } -> (y);",
  );
  const [relu] = main.functions[0]!.operations;
  const foreign: Operation = {
    ...relu!,
    type: "from_the_future",
    outputs: [{ ...relu!.outputs[0]!, name: "z" }],
  };
  const original = {
    ...main,
    functions: [{ ...main.functions[0]!, operations: [relu!, foreign, foreign] }],
  };
  expect(runPasses(original)).toBe(original);
});

test("compressed weights stay compressed; equal ones are shared, unused ones dropped", () => {
  const quantized = (name: string, zero: number) =>
    `tensor<fp16, [2]> ${name} = constexpr_affine_dequantize()[axis = int32(0), quantized_data = tensor<int8, [2]>([1, 2]), scale = fp16(0.5), zero_point = int8(${zero})];`;
  const cleaned = runPasses(
    program(`func main<ios16>(tensor<fp16, [2]> x) {
      ${quantized("w", 0)} ${quantized("same", 0)} ${quantized("unused", 1)}
      tensor<fp16, [2]> a = add(x = x, y = w);
      tensor<fp16, [2]> y = add(x = a, y = same);
    } -> (y);`),
  );
  expect(opsOf(cleaned)).toEqual(["w", "a", "y"]);
  expect(cleaned.functions[0]!.operations[0]!.type).toBe("constexpr_affine_dequantize");
});

test("returned results are neither replaced nor folded", () => {
  const original = program(`func main<ios18>(tensor<fp16, [2]> x) {
    fp16 two = const()[val = fp16(2)];
    fp16 four = mul(x = two, y = two);
    tensor<fp16, [2]> same = identity(x = x);
    tensor<fp16, [2]> twin = identity(x = x);
  } -> (four, same, twin);`);
  expect(runPasses(original)).toBe(original);
});

test("large results are not written into the program", () => {
  const text = (count: number) => `func main<ios18>(tensor<fp16, [1]> x) {
    tensor<fp16, [${count}]> ones = const()[val = tensor<fp16, [${count}]>([${Array(count).fill(1)}])];
    tensor<fp16, [${count}]> roots = sqrt(x = ones);
    tensor<fp16, [${count}]> y = add(x = x, y = roots);
  } -> (y);`;
  const typeOfRoots = (folded: Program) => folded.functions[0]!.operations[1]!.type;
  expect(typeOfRoots(foldConstants(program(text(1024))))).toBe("const");
  expect(typeOfRoots(foldConstants(program(text(1025))))).toBe("sqrt");
  expect(typeOfRoots(foldConstants(program(text(1024)), { maxElements: 8 }))).toBe("sqrt");
});

test("0 and -0 are different constants", () => {
  const original = program(`func main<ios18>(tensor<fp16, [1]> x) {
    fp16 zero = const()[val = fp16(0x0p+0)];
    fp16 negative = const()[val = fp16(-0x0p+0)];
    tensor<fp16, [1]> a = real_div(x = x, y = zero);
    tensor<fp16, [1]> b = real_div(x = x, y = negative);
  } -> (a, b);`);
  expect(shareSubexpressions(original)).toBe(original);
});

test.each([
  ["fp32", "fp16", "fp32"], // rounds
  ["fp32", "int32", "fp32"], // cuts off
  ["int32", "fp32", "int32"], // 2^24 + 1
  ["int16", "fp16", "int16"], // 2^11 + 1
  ["uint8", "int8", "uint8"], // 200
  ["int8", "uint8", "int8"], // -1
  ["fp16", "bool", "fp16"],
  ["int16", "fp32", "int8"], // what does not fit in int8 may depend on the kind
])("casts that may lose something stay: %s to %s to %s", (from, through, to) => {
  const original = program(casts(from, through, to));
  expect(simplifyCasts(original)).toBe(original);
});

test.each([
  ["fp16", "fp32", "int32"],
  ["int8", "fp16", "fp32"],
  ["bool", "fp16", "int8"],
  ["uint8", "int16", "int8"],
  ["uint16", "fp32", "int32"],
])("casts that lose nothing are skipped: %s to %s to %s", (from, through, to) => {
  const last = simplifyCasts(program(casts(from, through, to))).functions[0]!.operations.at(-1)!;
  expect(last.inputs.x).toMatchObject({ kind: "value", value: { name: "x" } });
});

function casts(from: string, through: string, to: string): string {
  return `func main<ios17>(tensor<${from}, [2]> x) {
    string first = const()[val = string("${through}")];
    string second = const()[val = string("${to}")];
    tensor<${through}, [2]> a = cast(dtype = first, x = x);
    tensor<${to}, [2]> y = cast(dtype = second, x = a);
  } -> (y);`;
}

test("unknown dims: reshapes stay, transposes cancel", () => {
  const original = program(`func main<ios18>(tensor<fp16, [?, ?]> x) {
    tensor<int32, [2]> shape = const()[val = tensor<int32, [2]>([-1, 4])];
    tensor<int32, [2]> perm = const()[val = tensor<int32, [2]>([1, 0])];
    tensor<fp16, [?, 4]> rows = reshape(shape = shape, x = x);
    tensor<fp16, [?, 4]> again = reshape(shape = shape, x = rows);
    tensor<fp16, [4, ?]> turned = transpose(perm = perm, x = again);
    tensor<fp16, [?, 4]> back = transpose(perm = perm, x = turned);
    tensor<fp16, [?, 4]> y = relu(x = back);
  } -> (y);`);
  const cleaned = removeDeadCode(simplifyShapes(original));
  expect(opsOf(cleaned)).toEqual(["shape", "rows", "again", "y"]);
});

test("blocks read what stands in for the values around them, except under names of their own", () => {
  const text = `func main<ios18>(tensor<fp16, [2]> x, tensor<fp16, [2]> z) {
    bool yes = const()[val = bool(true)];
    tensor<fp16, [2]> a = relu(x = x);
    tensor<fp16, [2]> b = relu(x = x);
    tensor<fp16, [2]> c = relu(x = x);
    tensor<fp16, [2]> unused = abs(x = z);
    tensor<fp16, [2]> y = add(x = a, y = z);
  } -> (y);`;
  const flat = program(text);
  const main = flat.functions[0]!;
  const value = (name: string) =>
    main.operations
      .flatMap(({ outputs }) => outputs)
      .find((output) => output.name === name) as Value;
  const reading = (name: string, result: string): Operation => ({
    type: "abs",
    inputs: { x: { kind: "value", value: value(name) } },
    attributes: {},
    outputs: [{ ...value("a"), name: result }],
  });
  const block = (...operations: readonly Operation[]): Block => ({
    inputs: [],
    operations,
    outputs: operations.at(-1)!.outputs,
  });
  const cond: Operation = {
    type: "cond",
    inputs: { pred: { kind: "value", value: value("yes") } },
    attributes: {},
    // The second block has a "c" of its own.
    blocks: [block(reading("b", "then")), block(reading("b", "c"), reading("c", "else"))],
    outputs: [{ ...value("a"), name: "chosen" }],
  };
  const operations = [
    ...main.operations.filter(({ type }) => type !== "add"),
    cond,
    main.operations.at(-1)!,
  ];
  const cleaned = runPasses({ ...flat, functions: [{ ...main, operations }] });
  expect(opsOf(cleaned)).toEqual(["yes", "a", "chosen", "y"]);
  const [yes, no] = cleaned.functions[0]!.operations[2]!.blocks!;
  const read = (operation: Operation) => operation.inputs.x;
  expect(read(yes!.operations[0]!)).toMatchObject({ value: { name: "a" } });
  expect(read(no!.operations[0]!)).toMatchObject({ value: { name: "a" } });
  expect(read(no!.operations[1]!)).toMatchObject({ value: { name: "c" } });
});

test("the comparison of results tells 0 from -0", () => {
  expect(Float64Array.of(0)).not.toEqual(Float64Array.of(-0));
});
