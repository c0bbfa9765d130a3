/**
 * Which symbol of the compiled model is which port of the program, and how its rows lie. The compiler orders symbols by name,
 * not by declaration, so they are found by name in the loaded model's tables; a model that offers none is bound in alphabetical
 * order (Orion #3, #13).
 */
import type { Port } from "../device.js";
import { CompileError } from "../errors.js";
import type { LivePort, PortTable } from "./native.js";
import { alignedRowStride, elementBytes } from "./row-stride.js";

/** A port and its symbol. */
export interface BoundPort {
  readonly port: Port;
  /** Undefined for an input that the compiler dropped because no result depends on it. */
  readonly symbol: number | undefined;
}

const TYPE_NAMES = { fp16: "Float16", fp32: "Float32" } as const;

/**
 * Ports in the program's order, with their symbols; a port whose rows are not simply rounded up to 64 bytes gets its `rowStride`.
 * @param table undefined where the model offers none
 * @throws CompileError for a model whose symbols or layouts do not fit the program
 */
export function bindPorts(
  kernel: string,
  role: "input" | "output",
  ports: readonly Port[],
  table: PortTable | undefined,
): BoundPort[] {
  if (!table || table.symbols.length === 0) {
    const names = ports.map(({ name }) => name).sort(byCodeUnits);
    return ports.map((port) => ({ port, symbol: names.indexOf(port.name) }));
  }
  const indices = table.indices.length > 0 ? table.indices : [...table.symbols.keys()];
  const symbols = new Map(indices.map((index) => [nameOf(table.symbols[index] ?? ""), index]));
  const bound = ports.map((port): BoundPort => {
    const alone = ports.length === 1 && indices.length === 1 ? indices[0] : undefined;
    const symbol = symbols.get(port.name) ?? alone;
    const live = symbol === undefined ? undefined : livePortOf(table, symbol);
    return { port: live ? placed(kernel, port, live) : port, symbol };
  });
  const found = new Set(bound.flatMap(({ symbol }) => (symbol === undefined ? [] : [symbol])));
  const complete = role === "input" || found.size === ports.length;
  if (!complete || found.size !== indices.length) {
    throw new CompileError(
      kernel,
      `${role}s: the loaded model must have the program's ${quoted(ports.map(({ name }) => name))}, ` +
        `got ${quoted(indices.map((index) => table.symbols[index] ?? `symbol ${index}`))}. Report it with the program.`,
    );
  }
  return bound;
}

/** "out@output" is the symbol of the value "out". */
function nameOf(symbol: string): string {
  return symbol.split("@", 1)[0]!;
}

function livePortOf({ symbols, live }: PortTable, index: number): LivePort | undefined {
  const symbol = symbols[index]!;
  return (
    live.find((port) => port.symbol === symbol || port.name === symbol) ??
    live.find((port) => nameOf(port.name) === nameOf(symbol))
  );
}

/** The port with the row stride that the model wants. */
function placed(kernel: string, port: Port, live: LivePort): Port {
  const [n, c, h, w] = port.shape;
  const wanted = `${TYPE_NAMES[port.dtype]} [${n}, ${c}, ${h}, ${w}]`;
  const misfit = misfitOf(port, live);
  if (misfit !== undefined) {
    throw new CompileError(
      kernel,
      `port "${port.name}": the loaded model must take rows of ${wanted}, got ${misfit}. ` +
        "Reshape or cast inside the program so that its ports are plain [1, C, 1, W].",
    );
  }
  const rowStride =
    rowBytesOf(port, live) / elementBytes(port.dtype) || alignedRowStride(port.dtype, w);
  const byteLength = n * live.batchStride;
  return {
    ...port,
    ...(rowStride === alignedRowStride(port.dtype, w) ? {} : { rowStride }),
    ...(byteLength > n * c * h * rowStride * elementBytes(port.dtype) ? { byteLength } : {}),
  };
}

/** With one row per plane the next row is the next plane. */
function rowBytesOf({ shape }: Port, { rowStride, planeStride }: LivePort): number {
  return shape[2] === 1 ? planeStride || rowStride : rowStride;
}

/** What of a layout cannot be a surface of equally spaced rows; undefined if nothing. */
function misfitOf(port: Port, live: LivePort): string | undefined {
  const { dtype, shape } = port;
  const [n, c, h, w] = shape;
  const { type, interleave, planeStride, batchStride } = live;
  if (type !== "" && type !== TYPE_NAMES[dtype]) return type;
  if (interleave > 1) return `interleave ${interleave}`;
  const dims = [live.batches, live.channels, live.height, live.width];
  if (dims.every((dim) => dim > 0) && dims.some((dim, i) => dim !== shape[i])) {
    return `[${dims.join(", ")}]`;
  }
  const row = rowBytesOf(port, live);
  if (row !== 0 && (row % elementBytes(dtype) !== 0 || row < w * elementBytes(dtype))) {
    return `rows ${row} bytes apart`;
  }
  if (h > 1 && planeStride !== 0 && planeStride !== h * row) {
    return `planes ${planeStride} bytes apart with rows ${row} bytes apart`;
  }
  if (n > 1 && batchStride !== 0 && batchStride !== c * h * row) {
    return `batches ${batchStride} bytes apart with rows ${row} bytes apart`;
  }
  return undefined;
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}
