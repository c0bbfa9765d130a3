/**
 * Probe 4: whether a compiled program takes other weights by replacing the file `data` (and `net.plist`) in its folder and loading it
 * again, which would spare the static pipeline its compilations. y = Σ w·x with one or two blobs.
 */
import { copyFileSync, existsSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tensor, toHalfArray, writeBlobFile } from "@ane/mil-builder";
import type { CompiledKernel, WeightFiles } from "../../device.js";
import type { CaseResult, SelftestCase } from "../case.js";
import { messageOf } from "../check-program.js";
import { evaluateOnce } from "../evaluate-once.js";
import { freshProgram } from "../fresh-program.js";
import type { Workbench } from "../workbench.js";
import { type Probe, probeProgram } from "./probe.js";

const C = 32;
const OLD = 1;
const NEW = 2;

export const weightPatch: Probe = {
  number: 4,
  title: "New weights without a compilation",
  cases: [patchCase("one blob", 1), patchCase("two blobs", 2)],
};

function patchCase(name: string, blobs: number): SelftestCase {
  return {
    id: `4/${name}`,
    question: `Does a program with ${name} take new weights through its compiled data file?`,
    rule: "replaced data file (no rule)",
    changes: {
      patched: "the static pipeline can patch instead of compiling on this system",
      ignored: "patching has no effect here: compile",
      otherwise: "patching does not work here: compile",
    },
    run: (bench) => patch(bench, blobs),
  };
}

function patch(bench: Workbench, blobs: number): CaseResult {
  const sum = probeProgram(bench, (f) => {
    const x = f.input("x", tensor("fp16", [1, C, 1, C]));
    const products = paths(blobs).map((path, i) =>
      f.conv({ x, weight: f.blob(`w${i}`, tensor("fp16", [C, C, 1, 1]), path) }),
    );
    return {
      y: products.reduce((total, product) => f.add({ x: total, y: product }), f.mul({ x, y: 0.5 })),
    };
  });
  const program = freshProgram(sum);
  const { device } = bench;
  const compile = (value: number) =>
    device.compile(program, weights(blobs, value), { name: "patched" });
  try {
    const [old, oldFolder] = withFolder(() => compile(OLD));
    const [fresh, freshFolder] = withFolder(() => compile(NEW));
    const values = { old: resultOf(bench, old), fresh: resultOf(bench, fresh) };
    if (!oldFolder || !freshFolder)
      return { answer: "no data file", details: `no folder with data appeared in ${tmpdir()}` };
    for (const file of ["data", "net.plist"]) {
      const source = join(freshFolder, file);
      if (existsSync(source)) copyFileSync(source, join(oldFolder, file));
    }
    const patched = resultOf(bench, compile(OLD));
    const answer =
      patched === values.fresh ? "patched" : patched === values.old ? "ignored" : "garbage";
    return {
      answer,
      details: `old weights give ${values.old}, new ones ${values.fresh}, patched ones ${patched}`,
      observed: { ...values, patched },
    };
  } catch (error) {
    return { answer: "refused", details: messageOf(error) };
  }
}

function paths(blobs: number): string[] {
  return Array.from({ length: blobs }, (_, i) => `@model_path/weights/w${i}.bin`);
}

/** Multiples of the identity. */
function weights(blobs: number, value: number): WeightFiles {
  const identity = Float32Array.from({ length: C * C }, (_, i) => (i % (C + 1) === 0 ? value : 0));
  const file = writeBlobFile([{ dtype: "fp16", data: toHalfArray(identity) }]);
  return new Map(paths(blobs).map((path) => [path, file]));
}

function resultOf({ device }: Workbench, kernel: CompiledKernel): number {
  return evaluateOnce(device, kernel, { x: new Float32Array(C * C).fill(1) }).y![0]!;
}

/** The model's folder that has appeared in the meantime, if it has what the compiler leaves. */
function withFolder(compile: () => CompiledKernel): [CompiledKernel, string | undefined] {
  const before = new Set(readdirSync(tmpdir()));
  const kernel = compile();
  const appeared = readdirSync(tmpdir())
    .filter((name) => !before.has(name))
    .map((name) => join(tmpdir(), name));
  return [
    kernel,
    appeared.find(
      (folder) => existsSync(join(folder, "model.mil")) && existsSync(join(folder, "data")),
    ),
  ];
}
