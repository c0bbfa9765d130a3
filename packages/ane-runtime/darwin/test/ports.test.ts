/** Ports are bound by symbol, sized and strided as the loaded model says, in whatever order it has them. */
import { describe, expect, it } from "vitest";
import { openDevice, readSlot, ShapeError, writeSlot } from "../../src/index.js";
import { surfacesFor } from "../../test/support/run.js";
import { set } from "./support/fake.js";
import { fillWith, MANY_PORTS, scale, valueIn } from "./support/programs.js";

const open = () => openDevice("ane", { compileBudget: 0 });
const ORDERS = { alphabet: 0, "alphabet backwards": 1, declaration: 2 };

/** Every port gets its own value, so that a swap cannot pass. */
function checkManyPorts(): void {
  using device = open();
  using kernel = device.compile(MANY_PORTS);
  expect(kernel.inputs.map(({ name }) => name)).toEqual(["zeta", "alpha", "midi"]);
  expect(kernel.outputs.map(({ name }) => name)).toEqual(["yes", "beta", "last"]);
  const surfaces = surfacesFor(device, kernel);
  fillWith(surfaces.zeta!, 10);
  fillWith(surfaces.alpha!, 20);
  fillWith(surfaces.midi!, 30);
  kernel.evaluate(surfaces);
  expect([surfaces.yes!, surfaces.beta!, surfaces.last!].map(valueIn)).toEqual([11, 22, 33]);
}

describe("order", () => {
  for (const [name, order] of Object.entries(ORDERS)) {
    it(`of the symbols by ${name}`, () => {
      set("symbolOrder", order);
      checkManyPorts();
    });
  }

  it("of the alphabet where the model has no attributes", () => {
    set("attributes", 0);
    checkManyPorts();
  });
});

describe("row strides", () => {
  for (const alignment of [128, 256]) {
    it(`of ${alignment} bytes are the port's, and its surfaces have them`, () => {
      set("rowAlignment", alignment);
      checkManyPorts();
      using device = open();
      using kernel = device.compile(scale(2, 3, 20));
      const [port] = kernel.inputs;
      expect(port).toMatchObject({ rowStride: alignment / 2 });
      const surfaces = surfacesFor(device, kernel);
      const slot = { port: "x", axis: "channel", start: 0, size: 3, shape: [1, 3, 1, 20] } as const;
      const values = Float32Array.from({ length: 60 }, (_, i) => i);
      writeSlot(surfaces.x!, slot, values);
      kernel.evaluate(surfaces);
      const doubled = new Float32Array(60);
      readSlot(surfaces.out!, { ...slot, port: "out" }, doubled);
      expect(doubled).toEqual(values.map((value) => 2 * value));
    });
  }

  it("and bytes behind the last row are the port's too", () => {
    set("portPadding", 16384);
    checkManyPorts();
    using device = open();
    using kernel = device.compile(scale(2));
    const plain = { dtype: "fp16", shape: [1, 4, 1, 32] } as const;
    const surfaces = {
      x: device.createSurface(plain),
      out: device.createSurface(kernel.outputs[0]!),
    };
    expect(surfaces.out.byteLength).toBe(16384 + 256);
    expect(() => kernel.evaluate(surfaces)).toThrow(/port "x": expected .*at least 16640 bytes/);
  });

  it("other than the model's are refused before anything runs", () => {
    set("rowAlignment", 256);
    using device = open();
    using kernel = device.compile(scale(2));
    const plain = { dtype: "fp16", shape: [1, 4, 1, 32] } as const;
    const surfaces = {
      x: device.createSurface(plain),
      out: device.createSurface(kernel.outputs[0]!),
    };
    expect(() => kernel.evaluate(surfaces)).toThrow(ShapeError);
    expect(() => kernel.evaluate(surfaces)).toThrow(
      /port "x": expected rows 128 elements apart.* got rows 32 elements apart/,
    );
  });
});
