/** PyTorch's micro-step of the same model in a process of its own, one step at a time on request. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/**
 * @param {string} python Interpreter that can import torch.
 * @param {Record<string, number>} shape dim, hiddenDim, layers, heads, kvHeads, vocabSize, seqLen
 * @returns {Promise<{ version: string, step(mode: "fp32" | "bf16"): Promise<number>, end(): void }>}
 *   `step` resolves to milliseconds of one forward and backward.
 */
export async function startTorch(python, shape, threads) {
  const script = fileURLToPath(new URL("torch_step.py", import.meta.url));
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
  const { version } = await answer();
  return {
    version,
    async step(mode) {
      child.stdin.write(`${mode}\n`);
      return (await answer()).ms;
    },
    end: () => child.stdin.end(),
  };
}
