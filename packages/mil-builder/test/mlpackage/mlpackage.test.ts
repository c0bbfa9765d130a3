import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  unlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  ArgumentError,
  decodeBlob,
  encodeBlob,
  FormatError,
  interpret,
  type Program,
  readBlobFile,
  tensor,
  writeBlobFile,
} from "../../src/index.js";
import { llamaKernels } from "../../src/kernels/llama-kernels.js";
import { encodeModel, readMlpackage, writeMlpackage } from "../../src/mlpackage/index.js";
import { blobReferences, mapBlobs } from "../../src/mlpackage/map-blobs.js";
import { SMALL } from "../kernels/fixtures.js";
import { everything, PATH, randomModel, small, smallBlobs, zeroBlobs } from "./programs.js";

const CORE_ML = ["Data", "com.apple.CoreML"] as const;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlpackage-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** Files of a folder with their contents. */
async function contents(directory: string): Promise<Map<string, Buffer>> {
  const names = (await readdir(directory, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return new Map(
    await Promise.all(
      names
        .sort()
        .map(async (name) => [name.slice(directory.length + 1), await readFile(name)] as const),
    ),
  );
}

describe("writeMlpackage", () => {
  it("writes the model, the weights and a manifest of both", async () => {
    const directory = join(folder, "small.mlpackage");
    await writeMlpackage(small(), smallBlobs(), directory);
    const files = await contents(directory);
    expect([...files.keys()]).toEqual([
      join(...CORE_ML, "model.mlmodel"),
      join(...CORE_ML, "weights", "w.bin"),
      "Manifest.json",
    ]);
    expect([...files.get(join(...CORE_ML, "model.mlmodel"))!]).toEqual([...encodeModel(small())]);
    expect([...files.get(join(...CORE_ML, "weights", "w.bin"))!]).toEqual([
      ...smallBlobs().get(PATH)!,
    ]);
    const manifest = JSON.parse(files.get("Manifest.json")!.toString("utf8"));
    const [model, weights, ...others] = Object.keys(manifest.itemInfoEntries);
    expect(others).toEqual([]);
    const uuid = /^[0-9A-F]{8}-[0-9A-F]{4}-8[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}$/;
    expect(model).toMatch(uuid);
    expect(weights).toMatch(uuid);
    expect(manifest).toEqual({
      fileFormatVersion: "1.0.0",
      itemInfoEntries: {
        [model!]: {
          author: "com.apple.CoreML",
          description: "CoreML Model Specification",
          name: "model.mlmodel",
          path: "com.apple.CoreML/model.mlmodel",
        },
        [weights!]: {
          author: "com.apple.CoreML",
          description: "CoreML Model Weights",
          name: "weights",
          path: "com.apple.CoreML/weights",
        },
      },
      rootModelIdentifier: model,
    });
  });

  it("leaves weights out where there are none, and files that the program does not use", async () => {
    const program: Program = {
      ...small(),
      functions: [
        { ...small().functions[0]!, operations: [], outputs: small().functions[0]!.inputs },
      ],
    };
    const directory = join(folder, "none.mlpackage");
    await writeMlpackage(program, smallBlobs(), directory);
    const files = await contents(directory);
    expect([...files.keys()]).toEqual([join(...CORE_ML, "model.mlmodel"), "Manifest.json"]);
    const manifest = JSON.parse(files.get("Manifest.json")!.toString("utf8"));
    expect(Object.keys(manifest.itemInfoEntries)).toHaveLength(1);
    expect((await readMlpackage(directory)).program).toEqual(program);
  });

  it("gives equal files for equal arguments", async () => {
    const one = join(folder, "one.mlpackage");
    const two = join(folder, "two.mlpackage");
    await writeMlpackage(small(), smallBlobs(), one);
    await writeMlpackage(small(), smallBlobs(), two);
    expect(await contents(one)).toEqual(await contents(two));
  });

  it("takes weights from a source that is read piece by piece", async () => {
    const weights = new Float64Array(5_000_000).map((_, index) => index % 251);
    const file = writeBlobFile([encodeBlob("fp32", weights)]);
    let largest = 0;
    const source = {
      byteLength: file.byteLength,
      read(offset: number, length: number) {
        largest = Math.max(largest, length);
        return file.slice(offset, offset + length);
      },
    };
    const program = withWeight("fp32", weights.length);
    const directory = join(folder, "large.mlpackage");
    await writeMlpackage(program, new Map([[PATH, source]]), directory);
    expect(largest).toBeLessThan(file.byteLength);
    const { blobs } = await readMlpackage(directory);
    expect(Buffer.compare(blobs.get(PATH)!, file)).toBe(0);
  });

  it("merges weight files into one", async () => {
    const program = twoFiles("@model_path/weights/a.bin", "@model_path/weights/b.bin");
    const blobs = new Map([
      [
        "@model_path/weights/a.bin",
        writeBlobFile([encodeBlob("fp16", [9]), encodeBlob("fp16", [1, 2])]),
      ],
      ["@model_path/weights/b.bin", writeBlobFile([encodeBlob("fp16", [3, 4])])],
    ]);
    const [a, b] = blobReferences(program);
    const shifted = mapBlobs(program, (reference) =>
      reference.path === a!.path ? { ...reference, offset: 192 } : reference,
    );
    const directory = join(folder, "merged.mlpackage");
    await writeMlpackage(shifted, blobs, directory, { weights: "merged" });
    const merged = await readMlpackage(directory);
    const path = "@model_path/weights/weight.bin";
    expect([...merged.blobs.keys()]).toEqual([path]);
    const elements = readBlobFile(merged.blobs.get(path)!).map((blob) => [...decodeBlob(blob)]);
    expect(elements).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(blobReferences(merged.program)).toEqual([
      { ...a, path, offset: 64 },
      { ...b, path, offset: 192 },
      { ...a, path, offset: 64 },
    ]);
  });

  it("moves weight files into the package, under names that no disk confuses", async () => {
    const paths = ["@model_path/w.bin", "/elsewhere/W.bin", "w.bin"];
    const blobs = new Map(
      paths.map((path, i) => [path, writeBlobFile([encodeBlob("fp16", [i, i])])]),
    );
    for (const [first, second] of [
      [paths[0]!, paths[1]!],
      [paths[2]!, paths[1]!],
    ] as const) {
      const directory = join(folder, `${paths.indexOf(first)}.mlpackage`);
      await writeMlpackage(twoFiles(first, second), blobs, directory);
      const read = await readMlpackage(directory);
      expect([...read.blobs.keys()]).toEqual([
        "@model_path/weights/w.bin",
        "@model_path/weights/W_1.bin",
      ]);
      expect(
        [...read.blobs.values()].map((file) => Buffer.compare(file, blobs.get(first)!)),
      ).toContain(0);
    }
  });

  it("refuses to overwrite and leaves nothing behind", async () => {
    const directory = join(folder, "there.mlpackage");
    await mkdir(directory);
    await expect(writeMlpackage(small(), smallBlobs(), directory)).rejects.toThrow(
      /must not exist/,
    );
    await symlink("nowhere", join(folder, "link.mlpackage"));
    const link = writeMlpackage(small(), smallBlobs(), join(folder, "link.mlpackage"));
    await expect(link).rejects.toThrow(ArgumentError);
    const failing = {
      byteLength: smallBlobs().get(PATH)!.byteLength,
      read(offset: number, length: number) {
        if (length > 64) throw new Error("disk");
        return smallBlobs()
          .get(PATH)!
          .subarray(offset, offset + length);
      },
    };
    const broken = writeMlpackage(
      small(),
      new Map([[PATH, failing]]),
      join(folder, "new.mlpackage"),
    );
    await expect(broken).rejects.toThrow("disk");
    expect((await readdir(folder)).sort()).toEqual(["link.mlpackage", "there.mlpackage"]);
  });

  it.each<[string, string, Map<string, Uint8Array>, RegExp]>([
    ["another extension", "x.mlmodel", smallBlobs(), /ends in \.mlpackage/],
    ["a missing weight", "x.mlpackage", new Map(), /reads "@model_path\/weights\/w.bin", got no/],
    [
      "a weight of another dtype",
      "x.mlpackage",
      new Map([[PATH, writeBlobFile([encodeBlob("int8", [1, 2, 3, 4, 5, 6])])]]),
      /at 64 is tensor<fp16, \[3, 2, 1, 1\]> for the program, got 6 elements of int8/,
    ],
    [
      "a weight of another size",
      "x.mlpackage",
      new Map([[PATH, writeBlobFile([encodeBlob("fp16", [1])])]]),
      /got 1 elements of fp16/,
    ],
  ])("refuses %s", async (_, name, blobs, message) => {
    const written = writeMlpackage(small(), blobs, join(folder, name));
    await expect(written).rejects.toThrow(ArgumentError);
    await expect(written).rejects.toThrow(message);
    expect(await readdir(folder)).toEqual([]);
  });

  it("refuses a weight file that cannot be read", async () => {
    const blobs = new Map([[PATH, new Uint8Array(200)]]);
    const written = writeMlpackage(small(), blobs, join(folder, "x.mlpackage"));
    await expect(written).rejects.toThrow(FormatError);
  });
});

describe("readMlpackage", () => {
  it("gives back the kernels with their weights", async () => {
    for (const [name, { program, constants }] of Object.entries(llamaKernels(SMALL))) {
      const blobs = new Map<string, Uint8Array>([...zeroBlobs(program), ...constants]);
      const directory = join(folder, `${name}.mlpackage`);
      await writeMlpackage(program, blobs, directory, { metadata: { author: name } });
      const read = await readMlpackage(directory);
      expect(read.program).toEqual(program);
      expect(read.metadata).toEqual({ author: name });
      expect(new Set(read.blobs.keys())).toEqual(new Set(blobs.keys()));
      for (const [path, file] of read.blobs) expect(Buffer.compare(file, blobs.get(path)!)).toBe(0);
    }
  });

  it("gives back random programs, which still compute the same", async () => {
    let count = 0;
    await fc.assert(
      fc.asyncProperty(
        randomModel,
        fc.constantFrom("separate", "merged"),
        async (program, weights) => {
          const blobs = zeroBlobs(program);
          const directory = join(folder, `${count++}.mlpackage`);
          await writeMlpackage(program, blobs, directory, { weights });
          const read = await readMlpackage(directory);
          if (weights === "separate") expect(read.program).toEqual(program);
          const inputs = Object.fromEntries(
            program.functions[0]!.inputs.map(({ name, type }) => {
              if (type.kind !== "tensor") throw new Error(`${name} is no tensor`);
              const length = type.shape.reduce((a, b) => a * b, 1);
              return [name, { type, data: new Float64Array(length).fill(0.5) }];
            }),
          );
          const run = (from: Program, files: ReadonlyMap<string, Uint8Array>) =>
            interpret(from, inputs, { weights: files, numerics: "fp16" });
          expect(run(read.program, read.blobs)).toEqual(run(program, blobs));
        },
      ),
      { numRuns: 60 },
    );
  });

  it("gives back states, blocks, several functions and packed weights", async () => {
    const weights = [encodeBlob("fp16", [1]), encodeBlob("uint3", [1, 2, 3, 4, 5])];
    const blobs = new Map([[PATH, writeBlobFile(weights)]]);
    const directory = join(folder, "everything.mlpackage");
    await writeMlpackage(everything(), blobs, directory);
    expect((await readMlpackage(directory)).program).toEqual(everything());
  });

  it.each<[string, (directory: string) => Promise<void>, RegExp]>([
    ["no manifest", (d) => unlink(join(d, "Manifest.json")), /^Manifest.json: the package has/],
    [
      "no model",
      (d) => unlink(join(d, ...CORE_ML, "model.mlmodel")),
      /^Data\/.*model.mlmodel: the/,
    ],
    [
      "no weights",
      (d) => rm(join(d, ...CORE_ML, "weights"), { recursive: true }),
      /CoreML\/weights: the/,
    ],
    [
      "no weight file",
      (d) => unlink(join(d, ...CORE_ML, "weights", "w.bin")),
      /weights\/w.bin: the/,
    ],
    ["a manifest that is no JSON", manifestText("{"), /^Manifest.json: the file is JSON/],
    ["a manifest that is a list", manifestText("[]"), /^Manifest.json: an object, got \[\]/],
    [
      "a manifest of a later version",
      manifest(/"1\.0\.0"/, '"1.1.0"'),
      /fileFormatVersion: .*"1.1.0"/,
    ],
    [
      "a manifest of a strange version",
      manifest(/"1\.0\.0"/, '"1.0"'),
      /fileFormatVersion: .*"1.0"/,
    ],
    ["a manifest without a version", manifest(/"fileF/, '"x'), /fileFormatVersion: .*got none/],
    ["a manifest without a root", manifest(/"rootM/, '"x'), /rootModelIdentifier: .*got none/],
    [
      "an item without an author",
      manifest(/"author": "[^"]*",/, ""),
      /itemInfoEntries\[".*"\]\.author/,
    ],
    [
      "an item outside",
      manifest(/com.apple.CoreML\/w/, "../w"),
      /\.path: a path inside .*"\.\.\/weights"/,
    ],
    [
      "an item that is not there",
      manifest(/CoreML\/weights/, "CoreML/x"),
      /Data\/com.apple.CoreML\/x: the/,
    ],
    [
      "a model that is none",
      model(new TextEncoder().encode("{}")),
      /model.mlmodel: the file is a Core/,
    ],
    ["an empty model", model(new Uint8Array()), /specificationVersion: .*got 0/],
    [
      "a cut weight file",
      weights((file) => file.subarray(0, 130)),
      /w.bin: blob at 64: .*truncated/,
    ],
    [
      "weights of another dtype",
      weights(() => writeBlobFile([encodeBlob("int8", [1])])),
      /w.bin: blob at 64: the program's tensor<fp16, \[3, 2, 1, 1\]>, got 1 elements of int8/,
    ],
  ])("refuses a package with %s", async (_, damage, message) => {
    const directory = join(folder, "damaged.mlpackage");
    await writeMlpackage(small(), smallBlobs(), directory);
    await damage(directory);
    const read = readMlpackage(directory);
    await expect(read).rejects.toThrow(FormatError);
    await expect(read).rejects.toThrow(message);
    await expect(read).rejects.toMatchObject({ code: "ERR_MLPACKAGE", path: expect.any(String) });
  });

  it("refuses weights outside the package", async () => {
    for (const path of [
      "/etc/passwd",
      "@model_path/../../x.bin",
      "@model_path/",
      "weights/w.bin",
    ]) {
      const directory = join(folder, `${path.replaceAll("/", "_")}.mlpackage`);
      await writeMlpackage(small(), smallBlobs(), directory);
      const outside = mapBlobs(small(), (reference) => ({ ...reference, path }));
      await model(encodeModel(outside))(directory);
      await expect(readMlpackage(directory)).rejects.toThrow(/weight files are below @model_path/);
    }
  });

  it("reads weight files of old writers", async () => {
    const directory = join(folder, "old.mlpackage");
    await writeMlpackage(small(), smallBlobs(), directory);
    await weights((file) => file.fill(0xa5, 64 + 32, 128))(directory);
    const { blobs } = await readMlpackage(directory);
    const [blob] = readBlobFile(blobs.get(PATH)!, { mode: "lenient" });
    expect([...decodeBlob(blob!)]).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

type Damage = (directory: string) => Promise<void>;

function manifestText(text: string): Damage {
  return (directory) => writeFile(join(directory, "Manifest.json"), text);
}

function manifest(pattern: RegExp, replacement: string): Damage {
  return async (directory) => {
    const text = await readFile(join(directory, "Manifest.json"), "utf8");
    expect(text).toMatch(pattern);
    await manifestText(text.replace(pattern, replacement))(directory);
  };
}

function model(bytes: Uint8Array): Damage {
  return (directory) => writeFile(join(directory, ...CORE_ML, "model.mlmodel"), bytes);
}

function weights(change: (file: Uint8Array) => Uint8Array): Damage {
  return async (directory) => {
    const path = join(directory, ...CORE_ML, "weights", "w.bin");
    await writeFile(path, change(await readFile(path)));
  };
}

/** A program of one weight, which it gives out. */
function withWeight(dtype: "fp32", length: number): Program {
  const type = tensor(dtype, [length]);
  const value = { name: "w", type };
  const val = { kind: "blob", type, path: PATH, offset: 64 } as const;
  return {
    version: "1.0",
    buildInfo: {},
    functions: [
      {
        name: "main",
        opset: "ios15",
        inputs: [],
        operations: [{ type: "const", inputs: {}, attributes: { val }, outputs: [value] }],
        outputs: [value],
      },
    ],
  };
}

/** A program of three weights of two elements, the last one the first again. */
function twoFiles(first: string, second: string): Program {
  const type = tensor("fp16", [2]);
  const operations = [first, second, first].map((path, index) => ({
    type: "const",
    inputs: {},
    attributes: { val: { kind: "blob", type, path, offset: 64 } as const },
    outputs: [{ name: `w${index}`, type }],
  }));
  const outputs = operations.map((operation) => operation.outputs[0]!);
  const main = { name: "main", opset: "ios18", inputs: [], operations, outputs } as const;
  return { version: "1.3", buildInfo: {}, functions: [main] };
}
