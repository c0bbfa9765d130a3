/** `ane bench`: its flags and help. What it does is in bench-run.ts. */
import { buildCommand } from "@stricli/core";
import type { Context } from "../context.js";

export interface BenchFlags {
  readonly device: "ane" | "cpu";
  readonly quick: boolean;
  readonly json: boolean;
}

export const benchCommand = buildCommand<BenchFlags, [], Context>({
  loader: async () => (await import("./bench-run.js")).runBench,
  parameters: {
    flags: {
      device: { kind: "enum", values: ["ane", "cpu"], brief: "What is measured" },
      quick: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Small sizes and few runs: whether it works, not how fast",
      },
      json: { kind: "boolean", default: false, withNegated: false, brief: "One JSON object" },
    },
  },
  docs: {
    brief: "Peak arithmetic, dispatch latency, compile times and surface bandwidth of a device",
    fullDescription: [
      "Medians with quartiles: the smallest program (dispatch, compilation, compilation again), surfaces, and chains of",
      "convolutions in fp16 and, on the engine, int8. Close other programs: they share the machine.",
      "The peak is remembered: the live view of a run shows which share of it the device achieves.",
      "",
      "Examples:",
      "  ane bench --device ane",
      "  ane bench --device cpu --json",
    ].join("\n"),
  },
});
