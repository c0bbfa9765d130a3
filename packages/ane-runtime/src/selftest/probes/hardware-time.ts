/** Probe 8: whether the performance statistics give the hardware's time. */
import { tensor } from "@ane/mil-builder";
import { messageOf } from "../check-program.js";
import { bindInputs } from "../evaluate-once.js";
import { spreadOf } from "../timing.js";
import { openWorkbench } from "../workbench.js";
import { type Probe, probeProgram } from "./probe.js";

const C = 512;
const S = 64;
const RUNS = 10;

export const hardwareTime: Probe = {
  number: 8,
  title: "Hardware time of an evaluation",
  cases: [
    {
      id: "8/hardware time",
      question: "Do performance statistics give a plausible time for each evaluation?",
      rule: "performanceStats (an option of the device)",
      changes: {
        measured: "report hardware times in benchmarks of this system",
        "not measured": "the option stays off on this system",
        implausible: "do not report hardware times of this system",
        otherwise: "the option must stay off on this system",
      },
      run: (plain) => {
        const { kind } = plain.device;
        using bench = openWorkbench(kind, { performanceStats: true });
        const program = probeProgram(bench, (f) => {
          const x = f.input("x", tensor("fp16", [1, C, 1, S]));
          const identity = Array.from({ length: C * C }, (_, i) => (i % (C + 1) === 0 ? 1 : 0));
          return {
            y: f.conv({ x, weight: f.constant("w", tensor("fp16", [C, C, 1, 1]), identity) }),
          };
        });
        try {
          using kernel = bench.device.compile(program, new Map(), { name: "timed" });
          const surfaces = bindInputs(bench.device, kernel, { x: new Float32Array(C * S) });
          const [wall, hardware]: [number[], number[]] = [[], []];
          for (let run = 0; run < RUNS; run++) {
            const start = performance.now();
            kernel.evaluate(surfaces);
            wall.push((performance.now() - start) * 1e6);
            if (typeof kernel.lastHardwareTimeNs === "number")
              hardware.push(kernel.lastHardwareTimeNs);
          }
          if (hardware.length < RUNS)
            return {
              answer: "not measured",
              details: `${hardware.length} of ${RUNS} evaluations had a time`,
            };
          const [outside, inside] = [spreadOf(wall).median, spreadOf(hardware).median];
          const answer = inside > 0 && inside < outside ? "measured" : "implausible";
          return {
            answer,
            details: `${inside} ns of the hardware in ${Math.round(outside)} ns`,
            observed: { hardwareNs: inside, wallNs: Math.round(outside) },
          };
        } catch (error) {
          return { answer: "refused", details: messageOf(error) };
        }
      },
    },
  ],
};
