/** Files as programs of the wild write them, byte by byte, and what is said about them. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  diagnoseBlobFile,
  encodeBlob,
  FormatError,
  readBlobFile,
  tensor,
  writeBlobFile,
} from "../../src/index.js";

const good = writeBlobFile([
  encodeBlob("fp16", [1, 2, 3]),
  encodeBlob("uint3", [1, 2, 3]),
  encodeBlob("int8", [4]),
]);

function names(file: Uint8Array): string[] {
  return diagnoseBlobFile(file).map(({ defect }) => defect);
}

function edit(position: number, ...values: readonly number[]): Uint8Array {
  const edited = good.slice();
  edited.set(values, position);
  return edited;
}

/** `depth` chunks one behind the other; size field and data offset as an int8 benchmark sets them. */
function benchmarkFile(depth: number, size: number, code: number, marker: number): Uint8Array {
  const file = new Uint8Array(64 + depth * (64 + size));
  const view = new DataView(file.buffer);
  view.setUint32(0, 1, true);
  view.setUint32(4, 2, true);
  for (let i = 0; i < depth; i++) {
    const chunk = 64 + i * (64 + size);
    view.setUint32(chunk, 0xdeadbeef, true);
    file[chunk + 4] = code;
    file[chunk + 10] = marker;
    file.fill(i + 1, chunk + 64, chunk + 64 + size);
  }
  return file;
}

describe("diagnoseBlobFile", () => {
  it("finds nothing in what the writer writes", () => {
    expect(diagnoseBlobFile(good)).toEqual([]);
    expect(diagnoseBlobFile(writeBlobFile([]))).toEqual([]);
    expect(
      diagnoseBlobFile(writeBlobFile([encodeBlob("fp32", []), encodeBlob("fp16", [])])),
    ).toEqual([]);
  });

  it("says what is wrong, where, why, and what to do", () => {
    expect(diagnoseBlobFile(edit(0, 1))).toEqual([
      {
        defect: "count-too-small",
        where: "byte 0: expected a count of 3, got 1",
        explanation: expect.stringContaining("explicit offsets reach them"),
        remedy: expect.stringContaining("number of blobs at byte 0"),
      },
    ]);
  });

  it("sees a missing file header, before metadata and before bare elements", () => {
    expect(names(good.slice(64))[0]).toBe("no-file-header");
    expect(names(new Uint8Array(new Float32Array(100).fill(0.5).buffer))).toEqual([
      "no-file-header",
    ]);
    expect(() => readBlobFile(good.slice(64))).toThrow(/no-file-header/);
  });

  it("sees element widths in the place of sizes, in every chunk", () => {
    const fp16 = benchmarkFile(3, 200, 1, 16);
    expect(names(fp16)).toEqual([
      "count-too-small",
      "size-marker",
      "unaligned",
      "size-marker",
      "unaligned",
      "size-marker",
    ]);
    expect(() => readBlobFile(fp16)).toThrow(/size 0x100000, offset 0 \(size-marker/);
  });

  it("sees fp16 tags on data that is marked as 8 bits wide", () => {
    const int8 = benchmarkFile(2, 64, 1, 8);
    expect(names(int8)).toEqual([
      "count-too-small",
      "wrong-dtype-tag",
      "size-marker",
      "wrong-dtype-tag",
      "size-marker",
    ]);
    expect(() => readBlobFile(int8)).toThrow(/8 bits, got fp16 \(wrong-dtype-tag/);
    expect(names(benchmarkFile(1, 64, 4, 8))).toEqual(["size-marker"]);
  });

  it("sees tags and sizes other than a program expects", () => {
    const references = [
      { type: tensor("int8", [6]), offset: 64 },
      { type: tensor("uint3", [2, 4]), offset: 192 },
      { type: tensor("int8", [1]), offset: 320 },
      { type: tensor("int8", [1]), offset: 384 },
    ];
    expect(
      diagnoseBlobFile(good, { references }).map(({ defect, where }) => [defect, where]),
    ).toEqual([
      ["wrong-dtype-tag", "byte 68: expected int8, got fp16"],
      ["partial-element", "byte 200: expected tensor<uint3, [2, 4]>, got 3 elements"],
      ["bad-sentinel", "byte 384: expected metadata of tensor<int8, [1]>, got none"],
    ]);
    expect(
      diagnoseBlobFile(good, { references: [{ type: tensor("fp16", [3]), offset: 64 }] }),
    ).toEqual([]);
  });

  it.each<[string, Uint8Array, string[]]>([
    ["an Espresso blob", edit(4, 1), ["espresso-v1"]],
    ["a later version", edit(4, 9), ["unknown-version"]],
    ["a short file", good.slice(0, 60), ["truncated"]],
    ["a count beyond the blobs", edit(0, 9), ["count-too-large"]],
    ["an unknown dtype", edit(68, 77), ["unknown-dtype"]],
    ["data outside the file", edit(64 + 10, 1), ["truncated"]],
    ["half an element", edit(64 + 8, 5), ["partial-element", "padding-bytes"]],
    ["data elsewhere", edit(64 + 16, 130), ["data-elsewhere"]],
    ["a data offset of 0", edit(64 + 16, 0), ["data-in-header"]],
    ["reserved bytes", edit(64 + 50, 1), ["reserved-bytes"]],
    ["reserved bytes of the header", edit(50, 1), ["reserved-bytes"]],
    ["a wrong number of unused bits", edit(192 + 24, 6), ["partial-element"]],
    ["unused bits", edit(192 + 65, 0xff), ["padding-bytes"]],
    ["bytes between blobs", edit(140, 1), ["padding-bytes"]],
    ["bytes at the end", Uint8Array.of(...good, 0, 0), ["trailing-bytes"]],
    [
      "no blob at all",
      Uint8Array.of(...good.slice(0, 64), 1, 2, 3),
      ["bad-sentinel", "count-too-large"],
    ],
  ])("names %s", (_, file, expected) => {
    expect(names(file).toSorted()).toEqual(expected.toSorted());
  });

  it("agrees with strict reading on what is right, and never throws", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: good.length - 1 }), fc.nat({ max: 255 })), {
          maxLength: 3,
        }),
        fc.nat({ max: 80 }),
        (edits, cut) => {
          const file = good.slice(0, good.length - (cut > 40 ? 0 : cut));
          for (const [position, value] of edits) if (position < file.length) file[position] = value;
          const defects = names(file);
          try {
            readBlobFile(file);
            // Elements, and with them unused bits among them, are not read.
            expect(defects.filter((name) => name !== "padding-bytes")).toEqual([]);
          } catch (error) {
            expect(error).toBeInstanceOf(FormatError);
            expect(defects).not.toEqual([]);
          }
        },
      ),
      { numRuns: 3000 },
    );
  });
});
