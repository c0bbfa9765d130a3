/**
 * Pictures of the six kernels, docs/images/kernels/*.svg: what comes in on the left, what goes out on the right, and the operations between. A small
 * pill at an operation's top is an input slot that it reads, one at its bottom an output slot that it fills.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const KERNELS = [
  {
    name: "fwdAttn",
    inputs: { x: "D" },
    outputs: { o: "D", q: "QD", k: "KD", v: "KD", a: "QD", xn: "D" },
    nodes: [
      { id: "norm", label: "RMSNorm", weight: "w1", at: [0, 1], reads: ["x"], fills: ["xn"] },
      { id: "wq", label: "Wq ·", weight: "1×1 conv", at: [1, 0] },
      { id: "wk", label: "Wk ·", weight: "1×1 conv", at: [1, 1] },
      { id: "wv", label: "Wv ·", weight: "1×1 conv", at: [1, 2], fills: ["v"] },
      { id: "rq", label: "RoPE", note: "per head", at: [2, 0], fills: ["q"] },
      { id: "rk", label: "RoPE", note: "per head", at: [2, 1], fills: ["k"] },
      { id: "qk", label: "softmax q · kᵀ", note: "/ √h + mask", at: [3, 0.5] },
      { id: "pv", label: "probs · v", at: [4, 1], fills: ["a"] },
      { id: "wo", label: "Wo ·", weight: "1×1 conv", at: [5, 1], fills: ["o"] },
    ],
    edges: "norm-wq norm-wk norm-wv wq-rq wk-rk rq-qk rk-qk qk-pv wv-pv pv-wo",
  },
  {
    name: "fwdFFN",
    inputs: { x: "D" },
    outputs: { y: "D", h1: "F", h3: "F", gate: "F", xn: "D" },
    nodes: [
      { id: "norm", label: "RMSNorm", weight: "w2", at: [0, 0.5], reads: ["x"], fills: ["xn"] },
      { id: "w1", label: "W1 ·", weight: "1×1 conv", at: [1, 0], fills: ["h1"] },
      { id: "w3", label: "W3 ·", weight: "1×1 conv", at: [1, 1], fills: ["h3"] },
      { id: "silu", label: "silu", note: "h1 · σ(h1)", at: [2, 0] },
      { id: "mul", label: "×", at: [3, 0.5], fills: ["gate"] },
      { id: "w2", label: "W2 ·", weight: "1×1 conv", at: [4, 0.5], fills: ["y"] },
    ],
    edges: "norm-w1 norm-w3 w1-silu silu-mul w3-mul mul-w2",
  },
  {
    name: "ffnBwd",
    inputs: { dy: "D", h1: "F", h3: "F" },
    outputs: { dx: "D", dh1: "F", dh3: "F" },
    nodes: [
      { id: "w2", label: "W2ᵀ ·", weight: "1×1 conv", at: [0, 0.5], reads: ["dy"] },
      { id: "d1", label: "× h3 · silu′(h1)", at: [1, 0], reads: ["h1", "h3"], fills: ["dh1"] },
      { id: "d3", label: "× silu(h1)", at: [1, 1], reads: ["h1"], fills: ["dh3"] },
      { id: "w1", label: "W1ᵀ ·", weight: "1×1 conv", at: [2, 0] },
      { id: "w3", label: "W3ᵀ ·", weight: "1×1 conv", at: [2, 1] },
      { id: "add", label: "+", at: [3, 0.5], fills: ["dx"] },
    ],
    edges: "w2-d1 w2-d3 d1-w1 d3-w3 w1-add w3-add",
  },
  {
    name: "sdpaBwd1",
    inputs: { q: "QD", k: "KD", v: "KD", do: "D" },
    outputs: { dv: "KD", probs: "H·S", dp: "H·S" },
    nodes: [
      { id: "wo", label: "Woᵀ ·", weight: "1×1 conv", at: [1, 1], reads: ["do"] },
      { id: "qk", label: "q · kᵀ", note: "/ √h + mask", at: [0, 0], reads: ["q", "k"] },
      { id: "softmax", label: "softmax", at: [1, 0], fills: ["probs"] },
      { id: "dp", label: "da · vᵀ", at: [2, 1], reads: ["v"], fills: ["dp"] },
      { id: "dv", label: "probsᵀ · da", at: [2, 0], fills: ["dv"] },
    ],
    edges: "qk-softmax softmax-dv wo-dv wo-dp",
  },
  {
    name: "sdpaBwd2",
    inputs: { probs: "H·S", dp: "H·S", q: "QD", k: "KD" },
    outputs: { dq: "QD", dk: "KD" },
    nodes: [
      { id: "mul", label: "probs · dp", at: [0, 0.5], reads: ["probs", "dp"] },
      { id: "sum", label: "Σ over keys", at: [1, 0.5] },
      { id: "ds", label: "probs·(dp − Σ)", note: "/ √h", at: [2, 0.5], reads: ["probs", "dp"] },
      { id: "dq", label: "ds · k", at: [3, 0], reads: ["k"] },
      { id: "dk", label: "dsᵀ · q", at: [3, 1], reads: ["q"] },
      { id: "rq", label: "RoPEᵀ", note: "turned back", at: [4, 0], fills: ["dq"] },
      { id: "rk", label: "RoPEᵀ", note: "turned back", at: [4, 1], fills: ["dk"] },
    ],
    edges: "mul-sum sum-ds ds-dq ds-dk dq-rq dk-rk",
  },
  {
    name: "qkvBwd",
    inputs: { dq: "QD", dk: "KD", dv: "KD" },
    outputs: { dx: "D" },
    nodes: [
      { id: "wq", label: "Wqᵀ ·", weight: "1×1 conv", at: [0, 0], reads: ["dq"] },
      { id: "wk", label: "Wkᵀ ·", weight: "1×1 conv", at: [0, 1], reads: ["dk"] },
      { id: "wv", label: "Wvᵀ ·", weight: "1×1 conv", at: [0, 2], reads: ["dv"] },
      { id: "add", label: "+", at: [1, 1], fills: ["dx"] },
    ],
    edges: "wq-add wk-add wv-add",
  },
];

const NODE = { width: 112, height: 44 };
const STEP = { x: 136, y: 84 };
const SLOT = { width: 78, height: 26 };
const TOP = 64;
const MARGIN = 18;
const GRAPH_LEFT = MARGIN + SLOT.width + 36;

const STYLE = `
  .card { fill: #fcfcfd; stroke: #e2e5ec; }
  .node { fill: #ffffff; stroke: #c9cfdb; }
  .trained { fill: #e6f6f3; stroke: #0d9b86; }
  text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #131722; text-anchor: middle; }
  .note { font-size: 10.5px; fill: #6b7385; }
  .title { font-weight: 600; text-anchor: start; }
  .head { font-size: 11px; fill: #6b7385; }
  .edge { fill: none; stroke: #9aa3b5; stroke-width: 1.4; }
  .in { fill: #e9ebfb; stroke: #4f5bd5; }
  .out { fill: #fdf1e2; stroke: #d9780b; }
  .in-text { fill: #3a45b8; font-size: 11.5px; }
  .out-text { fill: #9a5406; font-size: 11.5px; }
  @media (prefers-color-scheme: dark) {
    .card { fill: #11141c; stroke: #262d3b; }
    .node { fill: #1a1f2b; stroke: #3a4356; }
    .trained { fill: #10302b; stroke: #4fe3c1; }
    text { fill: #e9ecf4; }
    .note, .head { fill: #99a2b6; }
    .edge { stroke: #687187; }
    .in { fill: #20254a; stroke: #8b9bff; }
    .out { fill: #3a2a14; stroke: #ffb454; }
    .in-text { fill: #b5bfff; }
    .out-text { fill: #ffc988; }
  }`;

/** Raised by hand: few fonts have a small T. */
const raised = (content) =>
  content.replace(/ᵀ/g, '<tspan dy="-5" font-size="9">T</tspan><tspan dy="5">\u200b</tspan>');
const text = (x, y, content, kind = "") =>
  `<text x="${x}" y="${y}"${kind && ` class="${kind}"`}>${raised(content)}</text>`;
const box = (x, y, width, height, kind, radius = 9) =>
  `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${radius}" class="${kind}"/>`;

function pills(names, centre, y, kind) {
  const width = (name) => 14 + 7 * name.length;
  let x = centre - names.reduce((sum, name) => sum + width(name) + 4, -4) / 2;
  return names
    .map((name) => {
      const drawn =
        box(x, y, width(name), 18, kind, 9) +
        text(x + width(name) / 2, y + 13, name, `${kind}-text`);
      x += width(name) + 4;
      return drawn;
    })
    .join("");
}

function surface(slots, x, top, kind, title) {
  const head = text(x + SLOT.width / 2, top - 9, title, "head");
  const drawn = Object.entries(slots).map(([name, size], index) => {
    const y = top + index * (SLOT.height + 3);
    return (
      box(x, y, SLOT.width, SLOT.height, kind, 6) +
      text(x + SLOT.width / 2, y + 17.5, `${name} · ${size}`, `${kind}-text`)
    );
  });
  return head + drawn.join("");
}

function draw({ name, inputs, outputs, nodes, edges }) {
  const rows = Math.max(...nodes.map(({ at: [, row] }) => row)) + 1;
  const columns = Math.max(...nodes.map(({ at: [column] }) => column)) + 1;
  const slots = Math.max(Object.keys(inputs).length, Object.keys(outputs).length);
  const inner = Math.max(rows * STEP.y, slots * (SLOT.height + 3) + 16);
  const graphTop = TOP + (inner - rows * STEP.y) / 2;
  const right = GRAPH_LEFT + (columns - 1) * STEP.x + NODE.width + 36;
  const [width, height] = [right + SLOT.width + MARGIN, TOP + inner + 12];
  const stackTop = (slotsOf) =>
    TOP + (inner - Object.keys(slotsOf).length * (SLOT.height + 3)) / 2 + 4;
  const place = new Map(
    nodes.map(({ id, at: [column, row] }) => [
      id,
      { x: GRAPH_LEFT + column * STEP.x, y: graphTop + row * STEP.y + (STEP.y - NODE.height) / 2 },
    ]),
  );
  const lines = edges.split(" ").map((edge) => {
    const [from, to] = edge.split("-").map((id) => place.get(id));
    const [x1, y1, x2, y2] = [
      from.x + NODE.width,
      from.y + NODE.height / 2,
      to.x - 3,
      to.y + NODE.height / 2,
    ];
    const bend = Math.max(18, (x2 - x1) / 2);
    return `<path class="edge" marker-end="url(#tip)" d="M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}"/>`;
  });
  const boxes = nodes.map(({ id, label, note, weight, reads = [], fills = [] }) => {
    const { x, y } = place.get(id);
    const centre = x + NODE.width / 2;
    const under = weight ?? note;
    return [
      box(x, y, NODE.width, NODE.height, weight ? "trained" : "node"),
      text(centre, y + (under ? 19 : 27), label),
      under ? text(centre, y + 34, under, "note") : "",
      pills(reads, centre, y - 13, "in"),
      pills(fills, centre, y + NODE.height - 5, "out"),
    ].join("");
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" role="img" aria-label="${name}">
<style>${STYLE}</style>
<defs><marker id="tip" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#9aa3b5"/></marker></defs>
${box(0.5, 0.5, width - 1, height - 1, "card", 14)}
${text(MARGIN, 31, name, "title")}
${surface(inputs, MARGIN, stackTop(inputs), "in", "input surface")}
${surface(outputs, right, stackTop(outputs), "out", "output surface")}
${lines.join("\n")}
${boxes.join("\n")}
</svg>
`;
}

const folder = fileURLToPath(new URL("../images/kernels/", import.meta.url));
mkdirSync(folder, { recursive: true });
for (const kernel of KERNELS) writeFileSync(`${folder}${kernel.name}.svg`, draw(kernel));
