/** Every failure that the framework can report: the class, code and text of the error, and that nothing of it stays. */
import { describe, expect, it } from "vitest";
import {
  AneError,
  CompileError,
  type Device,
  EvaluationError,
  openDevice,
  type Surface,
} from "../../src/index.js";
import { surfacesFor } from "../../test/support/run.js";
import {
  counters,
  type FaultKind,
  type FaultOptions,
  inject,
  living,
  type Place,
  reset,
  set,
} from "./support/fake.js";
import { fillWith, scale, valueIn, valueThrough, WEIGHTED, weights } from "./support/programs.js";

const open = () => openDevice("ane", { compileBudget: 0, performanceStats: true });

type Fault = readonly [place: Place, kind: FaultKind, options?: FaultOptions];

function strike([place, kind, options]: Fault): void {
  inject(place, kind, options);
}

function caught(call: () => unknown): AneError {
  try {
    call();
  } catch (error) {
    if (error instanceof AneError) return error;
    throw error;
  }
  throw new Error("the call must fail, and did not");
}

/** A fresh kernel on the same device does what it should. */
function expectWorking(device: Device): void {
  reset();
  using kernel = device.compile(scale(7));
  expect(valueThrough(device, kernel, 2)).toBe(14);
}

const EXCEPTION = /FakeFrameworkException: injected at/;

describe("compiling", () => {
  const cases: readonly (readonly [fault: Fault, text: RegExp])[] = [
    [
      ["modelWithMILText", "nil"],
      /^weighted: descriptor: .*modelWithMILText:weights:optionsPlist:\] returned nil/,
    ],
    [["modelWithMILText", "throw"], EXCEPTION],
    [["inMemoryModelWithDescriptor", "nil"], /inMemoryModelWithDescriptor:\] returned nil/],
    [["inMemoryModelWithDescriptor", "throw"], EXCEPTION],
    [["hexStringIdentifier", "nil"], /hexStringIdentifier\] returned nil/],
    [["hexStringIdentifier", "throw"], EXCEPTION],
    [["compiledModelExists", "throw"], EXCEPTION],
    [["compileWithQoS", "no"], /^weighted: compile: .*returned NO without an NSError/],
    [
      ["compileWithQoS", "error", { code: 1 }],
      /ANECCompile\(\) FAILED \(com\.apple\.appleneuralengine\.compiler code 1\)/,
    ],
    [["compileWithQoS", "yes", { code: 1 }], /ANECCompile\(\) FAILED/],
    [["compileWithQoS", "throw"], EXCEPTION],
    [["loadWithQoS", "no"], /^weighted: load: .*returned NO without an NSError/],
    [
      ["loadWithQoS", "error", { code: 5 }],
      /loadWithQoS: injected failure \(com\.apple\.appleneuralengine code 5\)/,
    ],
    [["loadWithQoS", "yes", { code: 5 }], /loadWithQoS: injected failure/],
    [["loadWithQoS", "throw"], EXCEPTION],
    [["setPerfStatsMask", "throw"], EXCEPTION],
    [["driverMaskForANEFMask", "throw"], EXCEPTION],
    [["modelAttributes", "throw"], EXCEPTION],
  ];

  for (const [i, [fault, text]] of cases.entries()) {
    it(`${fault[0]} ${fault[1]}`, () => {
      using device = open();
      strike(fault);
      // Other weights each time: what is cached is not compiled.
      const error = caught(() => device.compile(WEIGHTED, weights(i), { name: "weighted" }));
      expect(error).toBeInstanceOf(CompileError);
      expect(error.code).toBe("ERR_COMPILE");
      expect(error.message).toMatch(text);
      expect(error.message).toMatch(/chip: Apple M4/);
      expect((error as CompileError).kernel).toBe("weighted");
      expect(living()).toEqual({});
      expectWorking(device);
    });
  }

  it("loads again when the first attempt is refused, and counts one compilation", () => {
    using device = open();
    const used = device.budget.used;
    inject("loadWithQoS", "error", { times: 1 });
    using kernel = device.compile(scale(41));
    expect(valueThrough(device, kernel, 1)).toBe(41);
    expect(device.budget.used).toBe(used + 1);
  });

  it("counts a compilation even if nothing can be loaded", () => {
    using device = open();
    const used = device.budget.used;
    inject("loadWithQoS", "error");
    expect(caught(() => device.compile(scale(42))).message).toMatch(/load/);
    expect(device.budget.used).toBe(used + 1);
    expect(counters().loads).toBeGreaterThanOrEqual(2);
  });

  it("compiles again when a cached program cannot be loaded", () => {
    using device = open();
    device.compile(scale(43)).dispose();
    const before = counters().compiles! + counters().cachedCompiles!;
    inject("loadWithQoS", "error", { times: 1 });
    using kernel = device.compile(scale(43));
    expect(valueThrough(device, kernel, 1)).toBe(43);
    expect(counters().compiles! + counters().cachedCompiles!).toBe(before + 1);
  });

  it("takes the order of the alphabet where modelAttributes are nil", () => {
    set("symbolOrder", 0);
    using device = open();
    inject("modelAttributes", "nil");
    using kernel = device.compile(scale(44));
    expect(valueThrough(device, kernel, 1)).toBe(44);
  });
});

describe("evaluating", () => {
  const cases: readonly (readonly [fault: Fault, status: number | undefined, text: RegExp])[] = [
    [
      ["evaluateWithQoS", "error", { code: 0x1d }],
      0x1d,
      /status 0x1d, program inference error: .*surfaces of another size/,
    ],
    [["evaluateWithQoS", "error", { code: 0x2 }], 0x2, /status 0x2, .*symbol index/],
    [["evaluateWithQoS", "error", { code: 14 }], 14, /status 0xe, program not found/],
    [["evaluateWithQoS", "error", { code: 15 }], 15, /status 0xf, .*timeout/],
    [["evaluateWithQoS", "error", { code: 0x12 }], 0x12, /status 0x12, .*cancelled/],
    [
      ["evaluateWithQoS", "error", { code: 0x77 }],
      0x77,
      /status 0x77, a status with no publicly known cause/,
    ],
    [["evaluateWithQoS", "yes", { code: 0x1d }], 0x1d, /status 0x1d/],
    [["evaluateWithQoS", "no"], undefined, /returned NO without an NSError/],
    [["evaluateWithQoS", "throw"], undefined, EXCEPTION],
    [["requestWithInputs", "nil"], undefined, /request: [\s\S]*returned nil/],
    [["requestWithInputs", "throw"], undefined, EXCEPTION],
  ];

  for (const [fault, status, text] of cases) {
    it(`${fault[0]} ${fault[1]} ${status === undefined ? "" : `0x${status.toString(16)}`}`, () => {
      using device = open();
      using kernel = device.compile(scale(3), undefined, { name: "tripled" });
      const surfaces = surfacesFor(device, kernel);
      fillWith(surfaces.x!, 2);
      fillWith(surfaces.out!, 0.25);
      strike(fault);
      const error = caught(() => kernel.evaluate(surfaces));
      expect(error).toBeInstanceOf(EvaluationError);
      expect(error.code).toBe("ERR_EVALUATION");
      expect(error.message).toMatch(/^tripled: /);
      expect(error.message).toMatch(text);
      expect((error as EvaluationError).status).toBe(status);
      // The kernel is as usable as before.
      reset();
      expect(valueIn(surfaces.out!)).toBe(fault[1] === "yes" ? 6 : 0.25);
      kernel.evaluate(surfaces);
      expect(valueIn(surfaces.out!)).toBe(6);
    });
  }
});

describe("unloading", () => {
  for (const kind of ["error", "no", "yes", "throw"] as const) {
    it(`unloadWithQoS ${kind}`, () => {
      using device = open();
      const kernel = device.compile(scale(3));
      kernel.evaluate(surfacesFor(device, kernel));
      inject("unloadWithQoS", kind, { code: 9, times: 1 });
      const error = caught(() => kernel.dispose());
      expect(error).toBeInstanceOf(EvaluationError);
      expect(error.message).toMatch(/unload: /);
      kernel.dispose();
      expect(device.loadedKernels).toBe(0);
      expect(living().models).toBeUndefined();
      expectWorking(device);
    });
  }

  it("goes on with the other kernels when the device is disposed of", () => {
    const device = open();
    for (let i = 0; i < 4; i++) device.compile(scale(60 + i));
    inject("unloadWithQoS", "error", { code: 9, skip: 1, times: 1 });
    expect(caught(() => device.dispose())).toBeInstanceOf(EvaluationError);
    expect(living()).toEqual({});
  });
});

describe("surfaces", () => {
  const port = { dtype: "fp16", shape: [1, 4, 1, 32] } as const;
  const creation: readonly (readonly [fault: Fault, text: RegExp])[] = [
    [["IOSurfaceCreate", "fail"], /IOSurfaceCreate returned NULL/],
    [["IOSurfaceLock", "fail", { code: -536870212 }], /IOSurfaceLock failed/],
    [["IOSurfaceUnlock", "fail", { code: -1 }], /IOSurfaceUnlock failed/],
    [["IOSurfaceGetBaseAddress", "fail"], /IOSurfaceGetBaseAddress returned NULL/],
    [["objectWithIOSurface", "nil"], /objectWithIOSurface:\] returned nil/],
    [["objectWithIOSurface", "throw"], EXCEPTION],
  ];

  for (const [fault, text] of creation) {
    it(`made while ${fault[0]} fails (${fault[1]})`, () => {
      using device = open();
      strike(fault);
      const error = caught(() => device.createSurface(port));
      expect(error).toBeInstanceOf(EvaluationError);
      expect(error.message).toMatch(/^surface \[1, 4, 1, 32\]: surface: /);
      expect(error.message).toMatch(text);
      expect(living()).toEqual({});
      expectWorking(device);
    });
  }

  const uses: Readonly<Record<string, (surface: Surface) => unknown>> = {
    read: (surface) => surface.read((elements) => elements[0]),
    write: (surface) => surface.write((elements) => elements.fill(1)),
    storeRows: (surface) => surface.storeRows!(new Float32Array(32), 0, 1, 32),
    loadRows: (surface) => surface.loadRows!(new Float32Array(32), 0, 1, 32),
  };

  for (const [name, use] of Object.entries(uses)) {
    for (const place of ["IOSurfaceLock", "IOSurfaceUnlock"] as const) {
      it(`used by ${name} while ${place} fails`, () => {
        using device = open();
        const surface = device.createSurface(port);
        inject(place, "fail", { code: -1, times: 1 });
        const error = caught(() => use(surface));
        expect(error).toBeInstanceOf(EvaluationError);
        expect(error.message).toMatch(new RegExp(`${place} failed`));
        use(surface);
        fillWith(surface, 3);
        expect(valueIn(surface)).toBe(3);
      });
    }
  }
});
