// A program of steps for a process or a worker of its own: node steps.mjs STEP... Prints one line of JSON for each step; a step that
// throws prints { name, code, message }. Uses the built package, as a user would.
import { once } from "node:events";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { buildProgram, tensor } from "@ane/mil-builder";
import { openDevice } from "../../../dist/index.js";

const steps = workerData?.steps ?? process.argv.slice(2);
const control = () =>
  createRequire(import.meta.url)(
    join(dirname(process.env.ANE_RUNTIME_BINDING), "fake-control.node"),
  );

/** out = x · factor, [1, 4, 1, 32] */
const scale = (factor) =>
  buildProgram({}, (f) => {
    const x = f.input("x", tensor("fp16", [1, 4, 1, 32]));
    return { out: f.mul({ x, y: factor }) };
  });

let device;
const kernels = [];

function surfaces(kernel) {
  const ports = [...kernel.inputs, ...kernel.outputs];
  return Object.fromEntries(ports.map((port) => [port.name, device.createSurface(port)]));
}

const ONE = 0x3c00;

/** What each step does with its number, "compile:3"; the result is printed. */
const actions = {
  open: () => {
    device = openDevice("ane", { compileBudget: 0, performanceStats: true });
    return { description: device.description, missing: device.info.missing };
  },
  auto: () => {
    device = openDevice("auto", { compileBudget: 0 });
    return { kind: device.kind, description: device.description };
  },
  compile: (count) => {
    for (let i = 0; i < count; i++) kernels.push(device.compile(scale(i + 1)));
    return device.loadedKernels;
  },
  evaluate: (rounds) => {
    const results = new Set();
    for (let round = 0; round < rounds; round++) {
      for (const kernel of kernels) {
        const bound = surfaces(kernel);
        bound.x.write((elements) => elements.fill(ONE));
        kernel.evaluate(bound);
        results.add(bound.out.read((elements) => elements[5]));
        if (round % 2 === 0) for (const surface of Object.values(bound)) surface.dispose();
      }
    }
    return [...results];
  },
  /** Leaves evaluations running. */
  start: (count) => {
    for (let i = 0; i < count; i++) {
      const kernel = kernels[i % kernels.length];
      kernel.evaluateAsync(surfaces(kernel)).catch(() => {});
    }
    return count;
  },
  delay: (milliseconds) => control().inject("evaluateWithQoS", "delay", milliseconds, 0, -1),
  hold: (times) => control().inject("evaluateWithQoS", "hold", 0, 0, times),
  /** Until the engine works on something; nothing but a hold or a delay keeps it there. */
  running: async () => {
    while (control().counters().runningEvaluations === 0) await setImmediate();
  },
  /** Everything once that can fail, as often as asked. */
  failures: (rounds) => {
    const { inject, reset, set } = control();
    const strike = (place, kind, code, work) => {
      inject(place, kind, code, 0, 1);
      try {
        work();
        throw new Error(`${place} ${kind} must fail, and did not`);
      } catch (error) {
        if (!String(error.code).startsWith("ERR_")) throw error;
      }
      reset();
      set("compileBudget", 0);
    };
    set("compileBudget", 0);
    for (let round = 0; round < rounds; round++) {
      for (const place of [
        "modelWithMILText",
        "inMemoryModelWithDescriptor",
        "hexStringIdentifier",
      ]) {
        for (const kind of ["nil", "throw"])
          strike(place, kind, 0, () => device.compile(scale(100 + round)));
      }
      for (const kind of ["error", "no", "throw"]) {
        // Another program each time: what is cached is not compiled.
        strike("compileWithQoS", kind, 1, () => device.compile(scale(200 + round)));
      }
      strike("loadWithQoS", "throw", 0, () => device.compile(scale(200 + round)));
      const kernel = device.compile(scale(300 + round));
      const bound = surfaces(kernel);
      for (const kind of ["nil", "throw"])
        strike("requestWithInputs", kind, 0, () => kernel.evaluate(bound));
      for (const kind of ["error", "no", "throw"])
        strike("evaluateWithQoS", kind, 0x1d, () => kernel.evaluate(bound));
      strike("unloadWithQoS", "throw", 0, () => kernel.dispose());
      for (const place of [
        "IOSurfaceCreate",
        "IOSurfaceLock",
        "IOSurfaceUnlock",
        "IOSurfaceGetBaseAddress",
      ]) {
        strike(place, "fail", -1, () => surfaces(kernel));
      }
      for (const surface of Object.values(bound)) surface.dispose();
    }
    return rounds;
  },
  dispose: () => device.dispose(),
  counters: () => ({ ...control().counters(), violations: control().violations() }),
  /** Until the parent says so; in a worker, for good. */
  pause: () =>
    parentPort ? new Promise(() => parentPort.ref()) : once(process.stdin.resume(), "end"),
  exit: (code) => process.exit(code),
  throw: () => {
    process.nextTick(() => {
      throw new Error("uncaught, on purpose");
    });
  },
  kill: () => process.kill(process.pid, "SIGKILL"),
  abort: () => process.abort(),
  /** Writes without a lock, to a view kept from a read. */
  trespass: () => {
    const view = device
      .createSurface({ dtype: "fp16", shape: [1, 4, 1, 32] })
      .read((elements) => elements);
    view[0] = ONE;
  },
  /** Reads what an evaluation is writing. */
  peek: async () => {
    const bound = surfaces(kernels[0]);
    const view = bound.out.read((elements) => elements);
    kernels[0].evaluateAsync(bound);
    await actions.running();
    return view[0];
  },
};

for (const step of steps) {
  const [name, number] = step.split(":");
  let line;
  try {
    line = { step: name, result: await actions[name](Number(number)) };
  } catch (error) {
    line = { step: name, error: { name: error.name, code: error.code, message: error.message } };
  }
  if (parentPort) parentPort.postMessage(line);
  else process.stdout.write(`${JSON.stringify(line)}\n`);
}
