/** PyTorch's micro-step of the same model in a process of its own, one step at a time on request. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** PyTorch's threads spin for a while after a step: between two looks this far apart they must have used no time. */
const settleMs = 100;
const settleLimitMs = 3000;

/**
 * @param {string} python Interpreter that can import torch.
 * @param {Record<string, number>} shape dim, hiddenDim, layers, heads, kvHeads, headDim, vocabSize, seqLen
 * @param {number} threads
 * @returns {Promise<{ version: string, threads: number, step(mode: "fp32" | "bf16"): Promise<number>, settle(): Promise<void>,
 *   end(): void }>} `step` gives milliseconds of one forward and backward, measured in that process.
 */
export async function startTorch(python, shape, threads) {
  const script = fileURLToPath(new URL("torch_steps.py", import.meta.url));
  const child = spawn(python, [script, JSON.stringify(shape), String(threads)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const failed = new Promise((_, reject) => {
    child.on("error", (cause) => reject(new Error(`--torch: cannot start ${python}`, { cause })));
    child.on("exit", (code) =>
      reject(new Error(`--torch: ${python} ended with exit code ${code}`)),
    );
  });
  failed.catch(() => {}); // an exit after end() is no failure
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => JSON.parse((await Promise.race([lines.next(), failed])).value);
  const started = await answer();
  return {
    ...started,
    async step(mode) {
      child.stdin.write(`${mode}\n`);
      return (await answer()).ms;
    },
    /** Resolves when the process uses no processor time any more. */
    async settle() {
      const until = performance.now() + settleLimitMs;
      let used = processorTime(child.pid);
      for (;;) {
        await setTimeout(settleMs);
        const now = processorTime(child.pid);
        if (now === used && used !== undefined) return;
        if (performance.now() > until) return;
        used = now;
      }
    },
    end: () => child.stdin.end(),
  };
}

/** Clock ticks that a process has used, where /proc tells; undefined elsewhere, and `settle` waits its full time. */
function processorTime(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    return undefined;
  }
}
