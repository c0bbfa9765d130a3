/** The inputs of a MIL function: from files, or filled. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { nearest, XorShift64Star } from "@ane/llama-model";
import {
  byteSize,
  fromHalfArray,
  type MilFunction,
  type TensorSource,
  type TensorType,
  tensorTypeOf,
} from "@ane/mil-builder";
import { CommandError, UsageError } from "../errors.js";

export interface Fill {
  readonly fill: "random" | "zeros" | "ones";
  readonly seed: number;
}

/**
 * @param files Paths by input name.
 * @throws UsageError for a name that is no input, or a file that does not fit
 */
export function inputsOf(
  main: MilFunction,
  files: readonly (readonly [name: string, path: string])[],
  { fill, seed }: Fill,
): Record<string, TensorSource> {
  const names = main.inputs.map(({ name }) => name);
  const given = new Map(files);
  for (const name of given.keys()) {
    if (names.includes(name)) continue;
    const meant = nearest(name, names);
    throw new UsageError(
      `--input: the program's inputs are ${names.join(", ") || "none"}, got "${name}". ${meant ? `Did you mean "${meant}"?` : "Name one of them."}`,
    );
  }
  const random = new XorShift64Star(seed);
  return Object.fromEntries(
    main.inputs
      .filter(({ type }) => type.kind !== "state")
      .map((value) => {
        const type = tensorTypeOf(value);
        if (type.shape.some(Number.isNaN)) {
          throw new CommandError(
            `mil run: input "${value.name}" must have a fixed shape, got one that the caller chooses. Fix the shape in the program.`,
          );
        }
        const path = given.get(value.name);
        const data =
          path === undefined
            ? filled(type, fill, random)
            : readElements(`--input ${value.name}`, path, type);
        return [value.name, { type, data }];
      }),
  );
}

const sizeOf = ({ shape }: TensorType) => shape.reduce((product, dim) => product * dim, 1);
const isFloat = ({ dtype }: TensorType) => dtype.startsWith("fp") || dtype === "bf16";

function filled(type: TensorType, fill: Fill["fill"], random: XorShift64Star): Float32Array {
  const data = new Float32Array(sizeOf(type));
  if (fill === "ones") return data.fill(1);
  if (fill === "zeros") return data;
  const draw = isFloat(type)
    ? () => 2 * random.nextFloat() - 1
    : () => Math.round(random.nextFloat());
  return data.map(draw);
}

function readElements(where: string, path: string, type: TensorType): ArrayLike<number> {
  if (!existsSync(path) || !statSync(path).isFile()) {
    throw new UsageError(`${where}: expected a file, got ${path}. Check the path.`);
  }
  const bytes = readFileSync(path);
  const elements = path.endsWith(".json") ? fromJson(where, path, bytes) : fromBytes(bytes, type);
  if (elements?.length === sizeOf(type)) return elements;
  const wanted = `${sizeOf(type)} elements of ${type.dtype} (${byteSize(type)} bytes)`;
  throw new UsageError(
    `${where}: expected ${wanted}, got ${path.endsWith(".json") ? `${elements?.length} elements` : `${bytes.length} bytes`} in ${path}. Give the whole tensor.`,
  );
}

function fromJson(where: string, path: string, bytes: Buffer): number[] {
  try {
    const content: unknown = JSON.parse(bytes.toString("utf8"));
    const flat = Array.isArray(content) ? (content.flat(Infinity) as unknown[]) : [content];
    if (flat.every((item) => typeof item === "number")) return flat as number[];
  } catch {
    // Said below.
  }
  throw new UsageError(`${where}: expected JSON of numbers, got something else in ${path}.`);
}

/** undefined where the bytes are not whole elements, or of a dtype that raw files are not read in. */
function fromBytes({ buffer, byteOffset, length }: Buffer, { dtype }: TensorType) {
  const bytes = buffer.slice(byteOffset, byteOffset + length) as ArrayBuffer;
  const whole = (size: number) => length % size === 0;
  if (dtype === "fp32" && whole(4)) return new Float32Array(bytes);
  if (dtype === "fp16" && whole(2)) return fromHalfArray(new Uint16Array(bytes));
  if (dtype === "int32" && whole(4)) return new Int32Array(bytes);
  return undefined;
}
