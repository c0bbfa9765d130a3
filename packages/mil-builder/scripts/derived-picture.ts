/**
 * The joint graph of half a layer as an SVG, drawn from the derived kernels themselves: the forward kernel from left to right, below it the
 * backward kernel from right to left, and what the one hands to the other. Products and softmax are nodes of their own, the arithmetic
 * between them is one node each; reshapes and transposes are not drawn.
 */
import { operandsOf } from "../src/arguments.js";
import type { DerivedKernel, TrainingKernels } from "../src/autodiff/index.js";
import type { Operation } from "../src/index.js";

const VIEWS = ["reshape", "transpose", "squeeze", "expand_dims", "identity"];
const KEYS = ["conv", "matmul", "softmax"];
const NODE = { width: 118, height: 42 };
const SLOT = { width: 104, height: 24 };
const STEP = { x: 148, y: 62 };
const MARGIN = 20;

const STYLE = `
  .card { fill: #fcfcfd; stroke: #e2e5ec; }
  .node { fill: #ffffff; stroke: #c9cfdb; }
  .weight { fill: #e6f6f3; stroke: #0d9b86; }
  text { font: 12.5px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #131722; text-anchor: middle; }
  .note { font-size: 10.5px; fill: #6b7385; }
  .title { font-weight: 600; text-anchor: start; }
  .list { text-anchor: start; }
  .edge { fill: none; stroke: #9aa3b5; stroke-width: 1.3; }
  .handed { fill: none; stroke: #d9780b; stroke-width: 1.6; }
  .in { fill: #e9ebfb; stroke: #4f5bd5; }
  .out { fill: #fdf1e2; stroke: #d9780b; }
  @media (prefers-color-scheme: dark) {
    .card { fill: #11141c; stroke: #262d3b; }
    .node { fill: #1a1f2b; stroke: #3a4356; }
    .weight { fill: #10302b; stroke: #4fe3c1; }
    text { fill: #e9ecf4; }
    .note { fill: #99a2b6; }
    .edge { stroke: #687187; }
    .handed { stroke: #ffb454; }
    .in { fill: #20254a; stroke: #8b9bff; }
    .out { fill: #3a2a14; stroke: #ffb454; }
  }`;

interface Node {
  readonly id: string;
  readonly label: string;
  readonly note: string;
  readonly kind: "node" | "weight" | "in" | "out";
  readonly before: Set<Node>;
  column: number;
  row: number;
}

export function derivedPicture(title: string, layer: TrainingKernels): string {
  const forward = place(nodesOf(layer.forward));
  const backward = layer.backward.map((kernel) => place(nodesOf(kernel)));
  const graphs = [forward, ...backward];
  const columns = Math.max(...graphs.map(({ columns: count }) => count));
  const width = 2 * MARGIN + columns * STEP.x;
  const parts: string[] = [];
  const where = new Map<string, readonly [x: number, y: number]>();
  let top = 40;
  graphs.forEach(({ nodes, rows, columns: own }, index) => {
    const kernel = index === 0 ? layer.forward : layer.backward[index - 1]!;
    const height = rows * STEP.y + 34;
    parts.push(box(MARGIN / 2, top, width - MARGIN, height, "card", 12));
    parts.push(text(MARGIN, top + 20, kernel.name, "title"));
    const at = (node: Node): readonly [number, number] => {
      const column =
        index === 0
          ? node.column + (node.kind === "out" ? columns - own : 0)
          : columns - 1 - node.column - (node.kind === "out" ? columns - own : 0);
      return [MARGIN + (column + 0.5) * STEP.x, top + 30 + (node.row + 0.5) * STEP.y];
    };
    for (const node of nodes) {
      where.set(`${index} ${node.kind} ${node.id}`, at(node));
      for (const before of node.before) parts.push(edge(at(before), at(node), index > 0));
    }
    for (const node of nodes) parts.push(drawn(node, at(node)));
    top += height + 46;
  });
  for (const { from, to } of layer.transfers) {
    const fromIndex = from.kernel === "forward" ? 0 : from.kernel + 1;
    const start = where.get(`${fromIndex} ${from.side === "input" ? "in" : "out"} ${from.slot}`);
    const end = where.get(`${(to.kernel as number) + 1} in ${to.slot}`);
    if (start && end) parts.push(handed(start, end));
  }
  parts.push(text(MARGIN, top - 12, "weight gradients, behind the step", "title"));
  layer.weightGradients.forEach((gradient, index) => {
    const line =
      gradient.kind === "product"
        ? `d${gradient.parameter} = ${gradient.dy.slot} · ${gradient.x.slot}ᵀ`
        : `d${gradient.parameter} of ${gradient.of.slot}`;
    parts.push(
      text(MARGIN + (index % 4) * 260, top + 12 + Math.floor(index / 4) * 20, line, "list"),
    );
  });
  const height = top + 28 + Math.floor((layer.weightGradients.length - 1) / 4) * 20;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">`,
    `<style>${STYLE}\n</style>`,
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6" markerHeight="6" orient="auto"><path d="M0 0L8 4L0 8z" fill="#9aa3b5"/></marker></defs>',
    text(MARGIN, 24, title, "title"),
    ...parts,
    "</svg>\n",
  ].join("\n");
}

/** Slots, products and what is between them. */
function nodesOf(kernel: DerivedKernel): Node[] {
  const [main] = kernel.program.functions;
  const operations = main!.operations.filter(({ type }) => type !== "const");
  const fixed = new Set(
    main!.operations
      .filter(({ type }) => type === "const")
      .flatMap(({ outputs }) => outputs.map(({ name }) => name)),
  );
  const staged = new Set(
    Object.keys(kernel.staged).flatMap((name) => [`${name}_slot`, name, `${name}_t`]),
  );
  const port = main!.inputs[0]!.name;
  const joined = operations.find(
    (operation) => operation.outputs[0]!.name === main!.outputs[0]!.name,
  )!;
  const slotNodes = Object.entries(kernel.inputs);
  const nodes: Node[] = [];
  const nodeOf = new Map<string, Node | undefined>();
  const make = (id: string, label: string, note: string, kind: Node["kind"]): Node => {
    const node = { id, label, note, kind, before: new Set<Node>(), column: 0, row: 0 };
    nodes.push(node);
    return node;
  };
  const inputNode = new Map(
    slotNodes.map(([name, { size }]) => [name, make(name, name, `${size} ch`, "in")]),
  );
  if (slotNodes.length === 1) nodeOf.set(port, inputNode.get(slotNodes[0]![0]));
  const arithmetic = new Map<Operation, { node: Node; types: string[] }>();
  for (const operation of operations) {
    const { type, outputs } = operation;
    const name = outputs[0]!.name;
    if (operation === joined && type === "concat") continue;
    const operands = operandsOf(operation).map((value) => value.name);
    if (
      staged.has(name) ||
      (operands.length > 0 && operands.every((each) => fixed.has(each) || staged.has(each)))
    )
      continue;
    const slot = slotNodes.find(
      ([, { start, column = 0 }]) =>
        operands.includes(port) && isCut(operation, main!.operations, start, column),
    );
    if (slot) nodeOf.set(name, inputNode.get(slot[0]));
    else if (VIEWS.includes(type))
      nodeOf.set(name, nodeOf.get(operands.find((each) => !fixed.has(each))!));
    else if (KEYS.includes(type)) {
      const weight = operands.find((each) => kernel.weights[each] ?? staged.has(each));
      const label = weight
        ? `${weight.replace(/_t$/, "ᵀ").replace("_slot", "")} ·`
        : type === "matmul"
          ? "product"
          : type;
      const node = make(name, label, name, weight ? "weight" : "node");
      for (const each of operands) if (nodeOf.get(each)) node.before.add(nodeOf.get(each)!);
      nodeOf.set(name, node);
    } else {
      const before = operands.map((each) => nodeOf.get(each)).filter((node) => node !== undefined);
      const own = before
        .map((node) => [...arithmetic.values()].find((group) => group.node === node))
        .find((group) => group !== undefined);
      const group = own ?? { node: make(name, "", "", "node"), types: [] };
      arithmetic.set(operation, group);
      group.types.push(type);
      for (const node of before)
        if (node !== group.node && !reaches(group.node, node)) group.node.before.add(node);
      nodeOf.set(name, group.node);
    }
  }
  for (const group of new Set(arithmetic.values())) {
    const types = [...new Set(group.types)];
    Object.assign(group.node, {
      label: types
        .slice(0, 3)
        .join(" ")
        .replaceAll("slice_by_size", "slice")
        .replaceAll("reduce_sum", "sum"),
      note: `${group.types.length} ops`,
    });
  }
  const parts =
    joined.type === "concat"
      ? operandsOf(joined).slice(-Object.keys(kernel.outputs).length)
      : [main!.outputs[0]!];
  const values =
    Object.keys(kernel.outputs).length === 1 ? [main!.outputs[0]!] : (tupleOf(joined) ?? parts);
  Object.entries(kernel.outputs).forEach(([name, { size }], index) => {
    const node = make(name, name, `${size} ch`, "out");
    const source = nodeOf.get(values[index]!.name);
    if (source) node.before.add(source);
  });
  return nodes;
}

function tupleOf({ inputs }: Operation) {
  const { values } = inputs;
  return values?.kind === "tuple"
    ? values.items.flatMap((item) => (item.kind === "value" ? [item.value] : []))
    : undefined;
}

/** True if a slice begins at that channel and column. */
function isCut(
  { type, inputs }: Operation,
  all: readonly Operation[],
  start: number,
  column: number,
): boolean {
  const { begin } = inputs;
  if (type !== "slice_by_size" || begin?.kind !== "value") return false;
  const constant = all.find(({ outputs }) => outputs[0]?.name === begin.value.name)?.attributes.val;
  const elements =
    constant?.kind === "literal" ? Array.from(constant.elements as ArrayLike<number>) : [];
  return elements[1] === start && elements[3] === column;
}

/** True if a way leads from `from` to `to`: an edge back would close a circle. */
function reaches(from: Node, to: Node): boolean {
  return to === from || [...to.before].some((node) => reaches(from, node));
}

/** Columns by the longest way from an input, rows in order. */
function place(nodes: readonly Node[]) {
  const columnOf = (node: Node): number =>
    node.kind === "in" ? 0 : 1 + Math.max(0, ...[...node.before].map(columnOf));
  for (const node of nodes) node.column = columnOf(node);
  const last =
    Math.max(...nodes.filter(({ kind }) => kind !== "out").map(({ column }) => column)) + 1;
  const used = new Map<number, number>();
  for (const node of nodes) {
    if (node.kind === "out") node.column = last;
    node.row = used.get(node.column) ?? 0;
    used.set(node.column, node.row + 1);
  }
  const rows = Math.max(...used.values());
  for (const node of nodes) node.row += (rows - used.get(node.column)!) / 2;
  return { nodes, rows, columns: last + 1 };
}

function drawn({ kind, label, note }: Node, [x, y]: readonly [number, number]): string {
  const { width, height } = kind === "in" || kind === "out" ? SLOT : NODE;
  const shape = box(
    x - width / 2,
    y - height / 2,
    width,
    height,
    kind,
    kind === "node" || kind === "weight" ? 9 : 6,
  );
  if (height === SLOT.height) return shape + text(x, y + 4, label);
  return shape + text(x, y - 2, label) + text(x, y + 13, note, "note");
}

function edge(
  [x1, y1]: readonly [number, number],
  [x2, y2]: readonly [number, number],
  isBack: boolean,
): string {
  const side = isBack ? -1 : 1;
  const [from, to] = [x1 + (side * NODE.width) / 2, x2 - (side * NODE.width) / 2];
  const bend = side * Math.max(20, Math.abs(to - from) / 2);
  return `<path class="edge" marker-end="url(#tip)" d="M${from} ${y1}C${from + bend} ${y1} ${to - bend} ${y2} ${to} ${y2}"/>`;
}

function handed([x1, y1]: readonly [number, number], [x2, y2]: readonly [number, number]): string {
  const right = Math.max(x1, x2) + SLOT.width / 2;
  return `<path class="handed" d="M${x1 + SLOT.width / 2} ${y1}C${right + 26} ${y1} ${right + 26} ${y2} ${x2 + SLOT.width / 2} ${y2}"/>`;
}

function box(
  x: number,
  y: number,
  width: number,
  height: number,
  kind: string,
  radius: number,
): string {
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${radius}" class="${kind}"/>`;
}

function text(x: number, y: number, content: string, kind = ""): string {
  // Raised by hand: few fonts have a small T.
  const raised = content.replaceAll(
    "ᵀ",
    '<tspan dy="-4" font-size="9">T</tspan><tspan dy="4">\u200b</tspan>',
  );
  return `<text x="${x}" y="${y}"${kind && ` class="${kind}"`}>${raised}</text>`;
}
