import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  ConfigError,
  FormatError,
  InputError,
  Parameters,
  parameterLayout,
  presets,
  readLlamaBin,
  writeLlamaBin,
} from "../src/index.js";
import { need, randomParameters, storable, stories15M, testData, tiny } from "./support/models.js";

let folder: string;
let path: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "llama-bin-"));
});
beforeEach(() => {
  rmSync(folder, { recursive: true });
  mkdirSync(folder);
  path = join(folder, "model.bin");
});
afterAll(() => rmSync(folder, { recursive: true }));

function failure(action: () => unknown): FormatError {
  try {
    action();
  } catch (error) {
    if (error instanceof FormatError) return error;
    throw error;
  }
  throw new Error("expected a FormatError");
}

describe.each([true, false])("a model with tiedEmbeddings %s", (tiedEmbeddings) => {
  const parameters = randomParameters({ ...storable, tiedEmbeddings });

  it("comes back as it was written", () => {
    writeLlamaBin(path, parameters);
    const read = readLlamaBin(path);
    expect(read.config).toEqual({ ...parameters.config, name: "model" });
    expect(read.parameters.data).toEqual(parameters.data);
    expect(readdirSync(folder)).toEqual(["model.bin"]);
  });

  it("has llama2.c's header, and the tables before the classifier", () => {
    writeLlamaBin(path, parameters);
    const bytes = readFileSync(path);
    const header = Array.from({ length: 7 }, (_, i) => bytes.readInt32LE(4 * i));
    expect(header).toEqual([24, 37, 3, 6, 2, tiedEmbeddings ? 31 : -31, 13]);
    const afterNorm = 28 + 4 * parameterLayout(storable).total;
    const [S, half] = [13, 2];
    const table = (which: number, position: number, pair: number) =>
      bytes.readFloatLE(afterNorm + 4 * ((which * S + position) * half + pair));
    expect(table(0, 0, 1)).toBe(1);
    expect(table(0, 5, 0)).toBe(Math.fround(Math.cos(5)));
    expect(table(1, 12, 1)).toBeCloseTo(Math.sin(12 / 100), 7);
    const tablesEnd = afterNorm + 4 * 2 * S * half;
    expect(bytes.length).toBe(tablesEnd + (tiedEmbeddings ? 0 : 4 * 31 * 24));
    if (!tiedEmbeddings) expect(bytes.readFloatLE(tablesEnd)).toBe(parameters.classifier[0]);
  });

  it("can be read into a given arena", () => {
    writeLlamaBin(path, parameters);
    const arena = new Float32Array(parameters.data.length + 3);
    const allocate = () => arena.subarray(3);
    readLlamaBin(path, { allocate });
    expect(arena.subarray(3)).toEqual(parameters.data);
  });
});

describe("readLlamaBin refuses", () => {
  const parameters = randomParameters(storable);
  const damaged = (change: (bytes: Buffer) => Uint8Array) => {
    writeLlamaBin(path, parameters);
    writeFileSync(path, change(readFileSync(path)));
    return failure(() => readLlamaBin(path));
  };

  it.each([-4, 4])("a file whose length is %i bytes off, naming both lengths", (difference) => {
    writeLlamaBin(path, parameters);
    const expected = readFileSync(path).length;
    const error = damaged((bytes) =>
      Buffer.concat([bytes, Buffer.alloc(4)]).subarray(0, expected + difference),
    );
    expect(error.code).toBe("ERR_FORMAT");
    expect(error.path).toBe(path);
    expect(error.message).toContain(path);
    expect(error.message).toContain(`${expected} bytes, got ${expected + difference}`);
  });

  it.each([
    ["24ka\x03\0\0\0", "version of a llama2.c file must be 0, 1 or 2, got 3"],
    ["GGUF\x03\0\0\0", "GGUF"],
    ["PK\x03\x04", "PyTorch"],
    ["version https://git-lfs.github.com/spec/v1\n", "git-lfs"],
  ])("another format by its name: %j", (start, name) => {
    const error = damaged((bytes) => Buffer.concat([Buffer.from(start, "latin1"), bytes]));
    expect(error.message).toContain(name);
  });

  it.each([
    [0, 0, "dim must"],
    [0, 25, "headDim must"],
    [1, -3, "hiddenDim must"],
    [2, 1_000_000, "layers must"],
    [3, 0, "heads must"],
    [4, 4, "kvHeads must"],
    [5, 0, "vocabSize must"],
    [6, -1, "seqLen must"],
  ])("a header whose field %i is %i", (index, value, message) => {
    const error = damaged((bytes) => {
      bytes.writeInt32LE(value, 4 * index);
      return bytes;
    });
    expect(error.message).toContain(path);
    expect(error.message).toContain(message);
  });

  it("a file shorter than a header", () => {
    expect(damaged((bytes) => bytes.subarray(0, 11)).message).toContain("got 11 bytes");
    expect(damaged((bytes) => bytes.subarray(0, 0)).message).toContain("got 0 bytes");
  });

  it("a parameter that is not finite, naming it", () => {
    const { offset } = parameterLayout(storable).entries.find((entry) => entry.name === "wk")!;
    const error = damaged((bytes) => {
      bytes.writeFloatLE(Number.NaN, 28 + 4 * (offset + 9));
      return bytes;
    });
    expect(error.message).toContain("got NaN in wk[9]");
  });
});

describe("versions 1 and 2", () => {
  const config = { ...storable, hiddenDim: 40, tiedEmbeddings: false };
  const parameters = randomParameters(config);
  const { dim: D, layers: L } = config;
  const norms = (2 * L + 1) * D;

  it("share a header of 256 bytes", () => {
    for (const version of [1, 2] as const) {
      writeLlamaBin(path, parameters, { version });
      const bytes = readFileSync(path);
      expect(bytes.toString("latin1", 0, 4)).toBe("24ka");
      const fields = Array.from({ length: 8 }, (_, i) => bytes.readInt32LE(4 + 4 * i));
      expect(fields).toEqual([version, 24, 40, 3, 6, 2, 31, 13]);
      expect(bytes.readUInt8(36)).toBe(0);
      expect(bytes.readInt32LE(37)).toBe(version === 2 ? 8 : 0);
      expect(bytes.subarray(41, 256).every((byte) => byte === 0)).toBe(true);
    }
  });

  it("1 has all norms first, then the matrices, and comes back as it was written", () => {
    writeLlamaBin(path, parameters, { version: 1 });
    const bytes = readFileSync(path);
    const element = (index: number) => bytes.readFloatLE(256 + 4 * index);
    expect(element(0)).toBe(parameters.view("attentionNorm")[0]);
    expect(element(L * D + 5)).toBe(parameters.view("ffnNorm")[5]);
    expect(element(2 * L * D + 7)).toBe(parameters.finalNorm[7]);
    expect(element(norms + 9)).toBe(parameters.tokenEmbedding[9]);
    expect(bytes.length).toBe(256 + 4 * parameters.data.length);
    const read = readLlamaBin(path);
    expect(read.version).toBe(1);
    expect(read.parameters.data).toEqual(parameters.data);
  });

  it("2 has each matrix of each layer in groups of 64, halved until they divide the width", () => {
    const values = parameters.view("tokenEmbedding");
    values.fill(0, 8, 16); // a group without a largest element
    writeLlamaBin(path, parameters, { version: 2 });
    const bytes = readFileSync(path);
    const start = 256 + 4 * norms;
    const scalesAt = start + values.length;
    for (let group = 0; group < values.length / 8; group++) {
      const inGroup = values.subarray(group * 8, (group + 1) * 8);
      const scale = Math.fround(Math.max(...inGroup.map(Math.abs)) / 127);
      expect(bytes.readFloatLE(scalesAt + 4 * group)).toBe(scale);
      inGroup.forEach((value, i) => {
        const quantized = bytes.readInt8(start + group * 8 + i);
        expect(Math.abs(quantized * scale - value)).toBeLessThanOrEqual(scale * 0.5001);
      });
    }
    const matrices = parameters.data.length - norms;
    expect(bytes.length).toBe(start + matrices + 4 * (matrices / 8));
  });

  it("2 keeps norms exact and is written again byte for byte", () => {
    writeLlamaBin(path, parameters, { version: 2 });
    const first = readFileSync(path);
    const read = readLlamaBin(path);
    expect(read.parameters.view("ffnNorm")).toEqual(parameters.view("ffnNorm"));
    const worst = read.parameters.data.reduce(
      (max, value, i) => Math.max(max, Math.abs(value - parameters.data[i]!)),
      0,
    );
    expect(worst).toBeGreaterThan(0);
    expect(worst).toBeLessThan(Math.max(...parameters.data.map(Math.abs)) / 254 + 1e-6);
    writeLlamaBin(path, read.parameters, { version: 2 });
    expect(readFileSync(path).equals(first)).toBe(true);
  });

  it("2 refuses a hidden width that groups do not divide", () => {
    const odd = new Parameters({ ...config, hiddenDim: 37 });
    expect(() => writeLlamaBin(path, odd, { version: 2 })).toThrow(
      /multiple of the group size 8, got 37/,
    );
    expect(readdirSync(folder)).toEqual([]);
  });
});

it.each([0, -8, 7, 16])("a version 2 file with groups of %i is refused", (size) => {
  writeLlamaBin(path, randomParameters({ ...storable, hiddenDim: 40 }), { version: 2 });
  const bytes = readFileSync(path);
  bytes.writeInt32LE(size, 37);
  writeFileSync(path, bytes);
  expect(() => readLlamaBin(path)).toThrow(`must divide its dim 24 and hiddenDim 40, got ${size}`);
});

describe("writeLlamaBin", () => {
  it("leaves the old file and no other when it fails", () => {
    const blocked = join(folder, "folder.bin");
    mkdirSync(join(blocked, "inside"), { recursive: true });
    expect(() => writeLlamaBin(blocked, randomParameters(storable))).toThrow();
    expect(readdirSync(folder)).toEqual(["folder.bin"]);
    expect(readdirSync(blocked)).toEqual(["inside"]);
  });

  it("refuses what the format cannot say", () => {
    const parameters = new Parameters(tiny);
    expect(() => writeLlamaBin(path, parameters)).toThrow(/headDim/);
    for (const other of [
      { normEps: 1e-6 },
      { ropeTheta: 5e5 },
      { qkNorm: true },
      { logitSoftcap: 30 },
    ]) {
      const inexpressible = new Parameters({ ...storable, ...other });
      expect(() => writeLlamaBin(path, inexpressible)).toThrow(ConfigError);
    }
    expect(() =>
      writeLlamaBin(path, new Parameters(storable), { rotaryTables: new Float32Array(3) }),
    ).toThrow(InputError);
    expect(readdirSync(folder)).toEqual([]);
  });
});

const published = [
  { name: "stories260k", file: testData("llama", "stories260K.bin") },
  { name: "stories15m", file: stories15M() },
] as const;
describe.each(published)("the published $name", ({ name, file }) => {
  it("is exported byte for byte as it was imported", (context) => {
    need(context, file);
    const { config, parameters, rotaryTables } = readLlamaBin(file.path);
    expect(config).toEqual(presets[name]);
    writeLlamaBin(path, parameters, { rotaryTables });
    expect(readFileSync(path).equals(readFileSync(file.path))).toBe(true);
  });

  it("has tables that differ from ours in the last bits only", (context) => {
    need(context, file);
    const { parameters, rotaryTables } = readLlamaBin(file.path);
    writeLlamaBin(path, parameters);
    const computed = readLlamaBin(path).rotaryTables;
    const worst = computed.reduce((max, x, i) => Math.max(max, Math.abs(x - rotaryTables[i]!)), 0);
    expect(worst).toBeLessThan(5e-7);
  });
});
