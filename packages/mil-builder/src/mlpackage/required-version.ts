/** The oldest specification version that a program can be part of. Source: coremltools backend/mil/load.py. */
import { DTYPES, isInteger } from "../dtype.js";
import type {
  AnyConstant,
  Argument,
  Block,
  DType,
  MilFunction,
  Program,
  ValueType,
} from "../program.js";
import { OLDEST_VERSION, versionOfOpset } from "./versions.js";

/** A specification version, and what needs it. */
export interface VersionNeed {
  readonly version: number;
  readonly reason: string;
}

/** The largest need of a program. */
export function requiredVersion(program: Program): VersionNeed {
  let largest: VersionNeed = { version: OLDEST_VERSION, reason: "an ML program" };
  for (const need of needsOf(program)) if (need.version > largest.version) largest = need;
  return largest;
}

function* needsOf({ functions }: Program): Generator<VersionNeed> {
  if (functions.length !== 1 || functions[0]!.name !== "main") {
    yield { version: 9, reason: 'a model with other functions than one "main"' };
  }
  for (const main of functions) {
    const { opset } = main;
    yield { version: versionOfOpset(opset), reason: `the opset ${opset}` };
    yield* portNeeds(main);
    const packed = [...blockDTypes(main)].find(
      (dtype) => isInteger(dtype) && DTYPES[dtype].bits < 8,
    );
    if (packed !== undefined) yield { version: 9, reason: packed };
  }
}

function* portNeeds({ inputs, outputs }: MilFunction): Generator<VersionNeed> {
  for (const { name, type } of [...inputs, ...outputs]) {
    if (type.kind === "state") yield { version: 9, reason: `the state "${name}"` };
    if (type.kind !== "tensor") continue;
    if (type.dtype === "fp16") yield { version: 7, reason: `the fp16 port "${name}"` };
    if (type.dtype === "int8") yield { version: 10, reason: `the int8 port "${name}"` };
  }
}

/** Dtypes of all values and constants. */
function* blockDTypes({ inputs, operations }: Omit<Block, "outputs">): Generator<DType> {
  for (const { type } of inputs) yield* typeDTypes(type);
  for (const operation of operations) {
    for (const argument of Object.values(operation.inputs)) yield* argumentDTypes(argument);
    for (const constant of Object.values(operation.attributes)) yield* argumentDTypes(constant);
    for (const { type } of operation.outputs) yield* typeDTypes(type);
    for (const block of operation.blocks ?? []) yield* blockDTypes(block);
  }
}

function* argumentDTypes(argument: Argument | AnyConstant): Generator<DType> {
  if (argument.kind === "tuple") {
    for (const item of argument.items) yield* argumentDTypes(item);
  } else if (argument.kind !== "value") {
    yield* typeDTypes(argument.type);
  }
}

function* typeDTypes(type: ValueType): Generator<DType> {
  switch (type.kind) {
    case "list":
      return yield* typeDTypes(type.element);
    case "tuple":
      for (const element of type.elements) yield* typeDTypes(element);
      return;
    case "dictionary":
      yield* typeDTypes(type.key);
      return yield* typeDTypes(type.value);
    case "state":
      return yield* typeDTypes(type.wrapped);
    default:
      yield type.dtype;
  }
}
