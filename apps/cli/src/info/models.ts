/** Recognizes what holds a model's parameters: our checkpoints, llama2.c files, safetensors, Hugging Face folders. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  inspectHuggingFace,
  inspectLlamaBin,
  inspectSafetensors,
  type LlamaConfig,
  parameterLayout,
} from "@ane/llama-model";
import { inspectCheckpoint, loadModel } from "@ane/trainer";
import { formatBytes, formatCount } from "../view/format.js";
import { checked, type Finding, type InfoCheck, type Probe, textOf } from "./finding.js";

type Model = LlamaConfig | ReturnType<typeof inspectCheckpoint>["model"];

/** Name and dims in one line each. */
export function modelFacts(model: Model): Record<string, string | number> {
  if ("kind" in model) {
    return {
      model: `${model.name}, defined by a module`,
      dims: `${model.layerCount} layers, ${model.parameters.length} parameter tensors, ${model.head.classes} classes`,
    };
  }
  const { dim, hiddenDim, layers, heads, kvHeads, headDim, vocabSize, seqLen } = model;
  return {
    model: model.name,
    parameters: formatCount(parameterLayout(model).total),
    dims: `dim ${dim}, hidden ${hiddenDim}, ${layers} layers, ${heads} heads of ${headDim} (${kvHeads} for keys and values), vocabulary ${vocabSize}, sequence ${seqLen}`,
    classifier: model.tiedEmbeddings ? "the token embedding" : "of its own",
    ...(model.qkNorm && { heads: "queries and keys are normalized" }),
    ...(model.logitSoftcap > 0 && { softcap: model.logitSoftcap }),
  };
}

export function recognizeCheckpoint(probe: Probe): Finding | undefined {
  if (!textOf(probe, 8).startsWith("ANECKPT\0")) return undefined;
  const { path, size, options } = probe;
  const title = "checkpoint of a run";
  try {
    const header = inspectCheckpoint(path);
    const { model, step, updates, sections, length, validation } = header;
    return {
      kind: "checkpoint",
      title,
      facts: {
        ...modelFacts(model),
        dtype: "fp32",
        progress: `micro-step ${step}, ${updates} updates`,
        sections: `${sections.join(", ")} of ${length} elements`,
        use: sections.includes("firstMoment")
          ? "training can go on from it"
          : `parameters alone: evaluation, sampling${"kind" in model ? " (inside its run's folder)" : ", export, --init"}`,
        ...(validation && { "held-out loss": `${validation.meanNll.toFixed(4)} nats per token` }),
        size: formatBytes(size),
      },
      checks: [
        { name: "size", ok: true, detail: `${size} bytes, as the header says` },
        ...(options.check ? [checked("sha256", () => intact(path))] : []),
      ],
    };
  } catch (error) {
    return damaged("checkpoint", title, error);
  }
}

function intact(path: string): string {
  inspectCheckpoint(path, true);
  return "all of it is as it was written";
}

const LLAMA_VERSIONS = {
  0: "version 0, for run.c",
  1: "version 1",
  2: "version 2, int8 for runq.c",
} as const;

/** Version 0 has no magic: a header that some model has is one. */
export function recognizeLlamaBin(probe: Probe): Finding | undefined {
  const { path, options } = probe;
  let info: ReturnType<typeof inspectLlamaBin>;
  try {
    info = inspectLlamaBin(path);
  } catch (error) {
    const isMarked = textOf(probe, 4) === "24ka";
    return isMarked ? damaged("llama2.c", "llama2.c model", error) : undefined;
  }
  const { version, config, groupSize, expectedBytes, bytes } = info;
  const right = bytes === expectedBytes;
  return {
    kind: "llama2.c",
    title: `llama2.c model, ${LLAMA_VERSIONS[version]}`,
    facts: {
      version,
      ...modelFacts(config),
      dtype: version === 2 ? `int8 in groups of ${groupSize}, norms fp32` : "fp32",
      size: formatBytes(bytes),
    },
    checks: [
      {
        name: "size",
        ok: right,
        detail: right
          ? `${bytes} bytes, as the header says`
          : `${bytes} bytes, a file with this header has ${expectedBytes}. Fetch the file again.`,
      },
      ...(options.check && right ? [finiteCheck(path)] : []),
    ],
  };
}

export function recognizeSafetensors(probe: Probe): Finding | undefined {
  const { path, size, start } = probe;
  if (size < 10 || start[8] !== 0x7b || size < 8) return undefined;
  const headerBytes = new DataView(start.buffer, start.byteOffset).getBigUint64(0, true);
  if (headerBytes > 100_000_000n) return undefined;
  try {
    const tensors = inspectSafetensors(path);
    return {
      kind: "safetensors",
      title: "safetensors",
      facts: {
        tensors: tensors.length,
        elements: formatCount(tensors.reduce((sum, { shape }) => sum + elementsOf(shape), 0)),
        dtype: [...new Set(tensors.map(({ dtype }) => dtype))].join(", "),
        size: formatBytes(size),
      },
      rows: tensors.map(({ name, dtype, shape }) => [name, dtype, `[${shape.join(", ")}]`]),
      checks: [{ name: "table", ok: true, detail: "its tensors fill the file exactly" }],
    };
  } catch (error) {
    return damaged("safetensors", "safetensors", error);
  }
}

export function recognizeHuggingFace({ path, isFolder, options }: Probe): Finding | undefined {
  if (!isFolder || !existsSync(join(path, "config.json"))) return undefined;
  if (existsSync(join(path, "events.jsonl")) || existsSync(join(path, "checkpoints"))) {
    return undefined;
  }
  const title = "Hugging Face model folder";
  try {
    const { config, shards, tensors } = inspectHuggingFace(path);
    const bytes = tensors.reduce((sum, { start, end }) => sum + end - start, 0);
    return {
      kind: "hugging-face",
      title,
      facts: {
        ...modelFacts(config),
        dtype: [...new Set(tensors.map(({ dtype }) => dtype))].join(", "),
        tensors: tensors.length,
        files: shards.join(", "),
        size: formatBytes(bytes),
      },
      checks: [
        { name: "tables", ok: true, detail: "tensors fill their files exactly" },
        ...(options.check ? [finiteCheck(path)] : []),
      ],
    };
  } catch (error) {
    return damaged("hugging-face", title, error);
  }
}

/** Reading a model refuses tensors that are missing or of another shape, and values that are not finite. */
function finiteCheck(path: string): InfoCheck {
  return checked("parameters", () => {
    const { parameters } = loadModel(path);
    return `all ${parameters.data.length} read, all finite`;
  });
}

export function damaged(kind: string, title: string, error: unknown): Finding {
  const detail = error instanceof Error ? error.message : String(error);
  return { kind, title, facts: {}, checks: [{ name: "content", ok: false, detail }] };
}

const elementsOf = (shape: readonly number[]) => shape.reduce((product, dim) => product * dim, 1);
