/** Recognizes MIL programs, Core ML packages and weight files. */
import { closeSync, existsSync, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";
import {
  type ByteSource,
  diagnoseBlobFile,
  type Program,
  parse,
  readBlobFile,
} from "@ane/mil-builder";
import { readMlpackage } from "@ane/mil-builder/mlpackage";
import { programStats } from "../mil/program-stats.js";
import { formatBytes, formatCount } from "../view/format.js";
import { type Finding, type Probe, textOf } from "./finding.js";
import { damaged } from "./models.js";

export function recognizeMil(probe: Probe): Finding | undefined {
  if (!/^\s*program\s*\(/.test(textOf(probe))) return undefined;
  try {
    const program = parse(readFileSync(probe.path, "utf8"));
    return { kind: "mil", title: "MIL program text", ...describeProgram(program) };
  } catch (error) {
    return damaged("mil", "MIL program text", error);
  }
}

export async function recognizeMlpackage({ path, isFolder }: Probe): Promise<Finding | undefined> {
  if (!isFolder || !existsSync(join(path, "Manifest.json"))) return undefined;
  const title = "Core ML package";
  try {
    const { program, specificationVersion, blobs } = await readMlpackage(path);
    const { facts, rows, checks } = describeProgram(program);
    return {
      kind: "mlpackage",
      title,
      facts: {
        ...facts,
        specification: specificationVersion,
        "weight files": [...blobs.keys()].join(", ") || "none",
      },
      rows,
      checks: [
        { name: "weights", ok: true, detail: "all there, of the program's types" },
        ...checks,
      ],
    };
  } catch (error) {
    return damaged("mlpackage", title, error);
  }
}

function describeProgram(program: Program): Required<Pick<Finding, "facts" | "rows" | "checks">> {
  const { version, functions, weights } = programStats(program);
  const shapeText = (shape: readonly (number | null)[]) =>
    `[${shape.map((dim) => dim ?? "?").join(", ")}]`;
  return {
    facts: {
      version,
      functions: functions.map(({ function: name, opset }) => `${name}<${opset}>`).join(", "),
      ops: functions.reduce((sum, { operations }) => sum + operations, 0),
      arithmetic: functions
        .map(({ flops }) =>
          flops === null ? "unknown before it runs" : `${formatCount(flops)} FLOP`,
        )
        .join(", "),
      weights: `${weights.tensors} tensors, ${formatBytes(weights.bytes)}`,
    },
    rows: functions.flatMap(({ inputs, outputs }) => [
      ...inputs.map(({ name, dtype, shape }) => ["in", name, dtype, shapeText(shape)]),
      ...outputs.map(({ name, dtype, shape }) => ["out", name, dtype, shapeText(shape)]),
    ]),
    checks: [
      { name: "language", ok: true, detail: "`ane mil verify` says whether the engine takes it" },
    ],
  };
}

const SENTINEL = 0xdeadbeef;

/** A file of any size, read where it is asked for. */
class FileSource implements ByteSource, Disposable {
  readonly #file: number;

  constructor(
    path: string,
    readonly byteLength: number,
  ) {
    this.#file = openSync(path, "r");
  }

  read(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    return bytes.subarray(0, readSync(this.#file, bytes, 0, length, offset));
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }
}

export function recognizeBlobFile({ path, start, size }: Probe): Finding | undefined {
  if (size < 128) return undefined;
  const view = new DataView(start.buffer, start.byteOffset);
  if (view.getUint32(4, true) !== 2 || view.getUint32(64, true) !== SENTINEL) return undefined;
  using file = new FileSource(path, size);
  const defects = diagnoseBlobFile(file);
  const checks = defects.map(({ defect, where, explanation, remedy }) => ({
    name: defect,
    ok: false,
    detail: `${where}: ${explanation}. ${remedy}`,
  }));
  const title = "weight file of a MIL program";
  try {
    const blobs = readBlobFile(file, { mode: "lenient" });
    return {
      kind: "weights",
      title,
      facts: { tensors: blobs.length, size: formatBytes(size) },
      rows: blobs.map(({ offset, dtype, length, byteLength }) => [
        `@${offset}`,
        dtype,
        `${length} elements`,
        formatBytes(byteLength),
      ]),
      checks:
        checks.length > 0
          ? checks
          : [{ name: "layout", ok: true, detail: "headers and data are in order" }],
    };
  } catch (error) {
    return checks.length > 0
      ? { kind: "weights", title, facts: {}, checks }
      : damaged("weights", title, error);
  }
}
