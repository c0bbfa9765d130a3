/** One case of a self-test, in a process of its own: started with a request by run-case.ts, answers with messages. */
import { openWorkbench } from "@ane/ane-runtime/selftest";
import { machineOf } from "./selftest/machine.js";
import type { CaseMessage, CaseRequest } from "./selftest/messages.js";
import { casesOf } from "./selftest/plan.js";

const send = (message: CaseMessage) =>
  new Promise<void>((resolve) => process.send!(message, undefined, {}, () => resolve()));

async function answer({ device, caseId, model }: CaseRequest): Promise<CaseMessage> {
  try {
    using bench = openWorkbench(device);
    if (caseId === null) return { type: "machine", machine: machineOf(bench.device) };
    const asked = casesOf(device, model).find(({ id }) => id === caseId)!;
    return {
      type: "result",
      result: await asked.run(bench, (where) => send({ type: "progress", where })),
    };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    return { type: "failed", name, message };
  }
}

process.once("message", async (request: CaseRequest) => {
  await send(await answer(request));
  process.disconnect();
});
