/** A program's references to weight files, wherever they are. */
import type {
  AnyConstant,
  Argument,
  Attributes,
  BlobReference,
  Operation,
  Program,
} from "../program.js";

type Change = (reference: BlobReference) => BlobReference;

/** The program with every reference replaced, in the order of the program. */
export function mapBlobs(program: Program, change: Change): Program {
  const functions = program.functions.map((main) => ({
    ...main,
    operations: main.operations.map((operation) => mapOperation(operation, change)),
  }));
  return { ...program, functions };
}

/** All references in the order of the program. */
export function blobReferences(program: Program): readonly BlobReference[] {
  const found: BlobReference[] = [];
  mapBlobs(program, (reference) => {
    found.push(reference);
    return reference;
  });
  return found;
}

function mapOperation(operation: Operation, change: Change): Operation {
  const inputs = Object.entries(operation.inputs).map(
    ([name, argument]) => [name, mapArgument(argument, change)] as const,
  );
  const { blocks } = operation;
  return {
    ...operation,
    inputs: Object.fromEntries(inputs),
    attributes: mapAttributes(operation.attributes, change),
    ...(blocks === undefined
      ? {}
      : {
          blocks: blocks.map((block) => ({
            ...block,
            operations: block.operations.map((inner) => mapOperation(inner, change)),
          })),
        }),
  };
}

function mapArgument(argument: Argument, change: Change): Argument {
  if (argument.kind === "tuple") {
    return { kind: "tuple", items: argument.items.map((item) => mapArgument(item, change)) };
  }
  return argument.kind === "blob" ? change(argument) : argument;
}

function mapAttributes(attributes: Attributes, change: Change): Attributes {
  const entries = Object.entries(attributes).map(([name, constant]): [string, AnyConstant] => [
    name,
    constant.kind === "blob" ? change(constant) : constant,
  ]);
  return Object.fromEntries(entries);
}
