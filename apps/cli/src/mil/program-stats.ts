/** What a MIL program consists of: ops by type, arithmetic, ports, constants. */
import {
  type AnyValue,
  byteSize,
  type MilFunction,
  operationFlops,
  type Program,
  tensorTypeOf,
} from "@ane/mil-builder";
import { blobReferences } from "@ane/mil-builder/mlpackage";

export interface PortStats {
  readonly name: string;
  readonly dtype: string;
  /** null: known only when the program runs. */
  readonly shape: readonly (number | null)[];
  readonly bytes: number | null;
}

export interface FunctionStats {
  readonly function: string;
  readonly opset: string;
  /** Without constants. */
  readonly operations: number;
  readonly constants: number;
  /** Of conv and matmul, two per multiply-add; null where a shape is not known. */
  readonly flops: number | null;
  /** Ops by type, the most frequent first. */
  readonly byType: readonly {
    readonly type: string;
    readonly count: number;
    readonly flops: number | null;
  }[];
  readonly inputs: readonly PortStats[];
  readonly outputs: readonly PortStats[];
}

export interface ProgramStats {
  readonly version: string;
  readonly functions: readonly FunctionStats[];
  readonly weights: { readonly files: number; readonly tensors: number; readonly bytes: number };
}

export function programStats(program: Program): ProgramStats {
  const references = blobReferences(program);
  const tensors = new Map(references.map((blob) => [`${blob.path}@${blob.offset}`, blob.type]));
  return {
    version: program.version,
    functions: program.functions.map(functionStats),
    weights: {
      files: new Set(references.map(({ path }) => path)).size,
      tensors: tensors.size,
      bytes: [...tensors.values()].reduce((sum, type) => sum + byteSize(type), 0),
    },
  };
}

function functionStats(main: MilFunction): FunctionStats {
  const operations = main.operations.filter(({ type }) => type !== "const");
  const types = new Map<string, { count: number; flops: number | null }>();
  for (const operation of operations) {
    const { count, flops } = types.get(operation.type) ?? { count: 0, flops: 0 };
    types.set(operation.type, {
      count: count + 1,
      flops: sum(
        flops,
        known(() => operationFlops(operation)),
      ),
    });
  }
  return {
    function: main.name,
    opset: main.opset,
    operations: operations.length,
    constants: main.operations.length - operations.length,
    flops: [...types.values()].reduce<number | null>((total, { flops }) => sum(total, flops), 0),
    byType: [...types]
      .map(([type, { count, flops }]) => ({ type, count, flops }))
      .sort((a, b) => b.count - a.count || (a.type < b.type ? -1 : 1)),
    inputs: main.inputs.map(portStats),
    outputs: main.outputs.map(portStats),
  };
}

function portStats(value: AnyValue): PortStats {
  const type = known(() => tensorTypeOf(value));
  if (type === null) return { name: value.name, dtype: value.type.kind, shape: [], bytes: null };
  const shape = type.shape.map((dim) => (Number.isNaN(dim) ? null : dim));
  const bytes = shape.includes(null) ? null : byteSize(type);
  return { name: value.name, dtype: type.dtype, shape, bytes };
}

const sum = (a: number | null, b: number | null) => (a === null || b === null ? null : a + b);

/** null where a type is no tensor or not static. */
function known<T>(compute: () => T): T | null {
  try {
    return compute();
  } catch {
    return null;
  }
}
