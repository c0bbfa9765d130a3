/** Symbols and layouts of loaded models against ports of programs. */
import { describe, expect, it } from "vitest";
import type { LivePort, PortTable } from "../../src/ane/native.js";
import { bindPorts } from "../../src/ane/ports.js";
import { CompileError, type Port } from "../../src/index.js";

const port = (name: string, shape: Port["shape"] = [1, 4, 1, 32], dtype: Port["dtype"] = "fp16") =>
  ({ name, dtype, shape }) satisfies Port;

/** Says nothing but what is given. */
const live = (name: string, known: Partial<LivePort>): LivePort => ({
  name,
  symbol: "",
  type: "",
  batches: 0,
  channels: 0,
  depth: 0,
  height: 0,
  width: 0,
  interleave: 0,
  rowStride: 0,
  planeStride: 0,
  batchStride: 0,
  ...known,
});

const table = (symbols: string[], known: Partial<PortTable> = {}): PortTable => ({
  symbols,
  indices: [],
  live: [],
  ...known,
});

const symbolsOf = (ports: Port[], known?: PortTable, role: "input" | "output" = "input") =>
  bindPorts("k", role, ports, known).map(({ symbol }) => symbol);

describe("symbols", () => {
  const ports = ["zeta", "Alpha", "alpha"].map((name) => port(name));

  it("are in alphabetical order where the model offers no table", () => {
    expect(symbolsOf(ports)).toEqual([2, 0, 1]);
    expect(symbolsOf(ports, table([]))).toEqual([2, 0, 1]);
  });

  it("are found by name, with the suffix of outputs", () => {
    expect(symbolsOf(ports, table(["alpha", "zeta", "Alpha"]))).toEqual([1, 2, 0]);
    const outputs = table(["alpha@output", "Alpha@output", "zeta@output"]);
    expect(symbolsOf(ports, outputs, "output")).toEqual([2, 1, 0]);
  });

  it("are those of the first procedure", () => {
    const two = table(["x", "y", "x"], { indices: [2, 1] });
    expect(symbolsOf([port("x"), port("y")], two)).toEqual([2, 1]);
  });

  it("need no name where there is one only", () => {
    expect(symbolsOf([port("x")], table(["renamed"]))).toEqual([0]);
  });

  it("may lack an input that nothing depends on, but no output", () => {
    const ports = [port("x"), port("unused")];
    expect(symbolsOf(ports, table(["x"]))).toEqual([0, undefined]);
    expect(() => symbolsOf(ports, table(["x@output"]), "output")).toThrow(CompileError);
  });

  it("must be known to the program", () => {
    expect(() => symbolsOf([port("x"), port("y")], table(["x", "y", "z"]))).toThrow(
      /k: inputs: .*"x", "y", got "x", "y", "z"/,
    );
    expect(() => symbolsOf([port("x"), port("y")], table(["x", "q"]))).toThrow(CompileError);
  });
});

describe("layouts", () => {
  const bind = (wanted: Port, known: Partial<LivePort>) =>
    bindPorts("k", "output", [wanted], table(["out@output"], { live: [live("out", known)] }))[0]!
      .port;
  const out = (shape: Port["shape"], dtype?: Port["dtype"]) => port("out", shape, dtype);

  it("by the 64-byte rule leave the port as it is", () => {
    const wanted = out([1, 4, 1, 4]);
    expect(bind(wanted, { rowStride: 64, planeStride: 64, batchStride: 256 })).toEqual(wanted);
    expect(bind(wanted, {})).toEqual(wanted);
  });

  it("of other strides give the port its own", () => {
    expect(bind(out([1, 4, 1, 32]), { rowStride: 64, planeStride: 128 }).rowStride).toBe(64);
    expect(bind(out([1, 4, 1, 32], "fp32"), { rowStride: 256, type: "Float32" }).rowStride).toBe(
      64,
    );
    expect(bind(out([1, 4, 2, 32]), { rowStride: 128, planeStride: 256 }).rowStride).toBe(64);
  });

  it("that end later than their rows give the port its size", () => {
    expect(bind(out([1, 4, 1, 32]), { rowStride: 64, batchStride: 16384 }).byteLength).toBe(16384);
  });

  it.each([
    [{ type: "Float32" }, "Float32"],
    [{ interleave: 4 }, "interleave 4"],
    [{ batches: 1, channels: 32, height: 1, width: 4 }, "[1, 32, 1, 4]"],
    [{ rowStride: 32 }, "rows 32 bytes apart"],
    [{ rowStride: 65 }, "rows 65 bytes apart"],
  ])("that are no plain rows are refused: %j", (known, actual) => {
    expect(() => bind(out([1, 4, 1, 32]), known)).toThrow(CompileError);
    expect(() => bind(out([1, 4, 1, 32]), known)).toThrow(
      `k: port "out": the loaded model must take rows of Float16 [1, 4, 1, 32], got ${actual}.`,
    );
  });

  it("with gaps between planes or batches are refused", () => {
    expect(() => bind(out([1, 4, 2, 32]), { rowStride: 64, planeStride: 192 })).toThrow(
      /planes 192/,
    );
    expect(() => bind(out([2, 4, 1, 32]), { rowStride: 64, batchStride: 320 })).toThrow(
      /batches 320/,
    );
  });
});
