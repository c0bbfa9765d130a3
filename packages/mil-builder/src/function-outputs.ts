/** Ends a function: gives the returned values the names of their ports. */
import { definedValues, referencesOf } from "./arguments.js";
import { ArgumentError } from "./errors.js";
import type { FunctionScope } from "./function-scope.js";
import { nameAttribute } from "./function-scope.js";
import { checkIdentifier } from "./names.js";
import { opDefinition } from "./ops/table.js";
import type { AnyValue, Argument, Block, MilFunction, Operation, Value } from "./program.js";

export function finishFunction(
  scope: FunctionScope,
  name: string,
  outputs: Readonly<Record<string, Value>> | readonly Value[],
): MilFunction {
  const ports = portValues(scope, outputs);
  const operations = scope.liveOperations(ports.map(([, value]) => value));
  const renamed = portNames(scope, ports, operations);
  const current = (value: AnyValue) => renamed.get(value) ?? value;
  return {
    name,
    opset: scope.opset,
    inputs: scope.inputs,
    operations: operations.map((operation) =>
      isConcerned(operation, renamed) ? renameOperation(operation, current) : operation,
    ),
    outputs: ports.map(([, value]) => current(value)),
  };
}

type Ports = readonly (readonly [port: string, value: Value])[];

/** Output ports; a value that already is an input or another output gets a copy of its own. */
function portValues(
  scope: FunctionScope,
  outputs: Readonly<Record<string, Value>> | readonly Value[],
): Ports {
  const entries: Ports = isList(outputs)
    ? outputs.map((value) => [value.name, value] as const)
    : Object.entries(outputs);
  if (entries.length === 0) {
    throw new ArgumentError("outputs: a function returns at least one value, got none. Return it.");
  }
  const used = new Set<AnyValue>(scope.inputs);
  return entries.map(([port, value]) => {
    checkIdentifier(port, "output");
    scope.expectOwn(value, `output "${port}"`);
    const own = used.has(value)
      ? (scope.call(opDefinition("identity")!, { x: value }) as Value)
      : value;
    used.add(own);
    return [port, own];
  });
}

function isList(
  outputs: Readonly<Record<string, Value>> | readonly Value[],
): outputs is readonly Value[] {
  return Array.isArray(outputs);
}

/** New values for ports that had another name, and for values that had a port's name. */
function portNames(
  scope: FunctionScope,
  ports: Ports,
  operations: readonly Operation[],
): ReadonlyMap<AnyValue, AnyValue> {
  const portOf = new Map<AnyValue, string>(ports.map(([port, value]) => [value, port]));
  const renamed = new Map<AnyValue, AnyValue>();
  const names = new Set(ports.map(([port]) => port));
  if (names.size !== ports.length) {
    throw new ArgumentError("outputs: ports have distinct names, got a value twice. Name them.");
  }
  for (const { name } of scope.inputs) {
    if (names.has(name)) {
      throw new ArgumentError(
        `output "${name}": a port is an input or an output, got both. Rename one.`,
      );
    }
  }
  for (const value of operations.flatMap(definedValues)) {
    const port = portOf.get(value);
    if (port === undefined) {
      if (names.has(value.name))
        renamed.set(value, { ...value, name: scope.names.numbered(value.name) });
    } else if (port !== value.name) {
      if (!scope.names.has(port)) scope.names.claim(port, "output");
      renamed.set(value, { ...value, name: port });
    }
  }
  return renamed;
}

/** True if an op, or a block in it, defines or reads one of the values. */
function isConcerned(operation: Operation, values: ReadonlyMap<AnyValue, AnyValue>): boolean {
  if (operation.blocks !== undefined) return true;
  const has = (value: AnyValue) => values.has(value);
  return operation.outputs.some(has) || referencesOf(operation).some(has);
}

/** The op with its values exchanged; a `name` attribute that repeats the value's name follows it. */
function renameOperation(operation: Operation, current: (value: AnyValue) => AnyValue): Operation {
  const { name } = operation.attributes;
  const [first] = operation.outputs;
  const outputs = operation.outputs.map(current);
  const isNamedAfterValue = name?.kind === "literal" && name.elements[0] === first?.name;
  return {
    ...operation,
    inputs: Object.fromEntries(
      Object.entries(operation.inputs).map(([key, argument]) => [
        key,
        renameArgument(argument, current),
      ]),
    ),
    attributes: isNamedAfterValue
      ? { ...operation.attributes, name: nameAttribute(outputs[0]!.name) }
      : operation.attributes,
    outputs,
    ...(operation.blocks === undefined
      ? {}
      : { blocks: operation.blocks.map((block) => renameBlock(block, current)) }),
  };
}

function renameBlock(block: Block, current: (value: AnyValue) => AnyValue): Block {
  return {
    inputs: block.inputs.map(current),
    operations: block.operations.map((operation) => renameOperation(operation, current)),
    outputs: block.outputs.map(current),
  };
}

function renameArgument(argument: Argument, current: (value: AnyValue) => AnyValue): Argument {
  if (argument.kind === "value") return { kind: "value", value: current(argument.value) };
  if (argument.kind !== "tuple") return argument;
  return { kind: "tuple", items: argument.items.map((item) => renameArgument(item, current)) };
}
