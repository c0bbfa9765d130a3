import {
  closeSync,
  fstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ArgumentError,
  BLOB_PREFIX_BYTES,
  type Blob,
  type BlobSource,
  blobOffsets,
  type DType,
  decodeBlob,
  encodeBlob,
  FormatError,
  openBlobFile,
  readBlob,
  readBlobFile,
  writeBlobFile,
  writeBlobPrefix,
} from "../../src/index.js";
import { externalData } from "../fixtures.js";

function bytes(...parts: readonly (readonly number[])[]): Uint8Array {
  return Uint8Array.from(parts.flat());
}

const zeros = (count: number) => new Array<number>(count).fill(0);

/** Codes and widths by coremltools mlmodel/src/MILBlob/Blob/BlobDataType.hpp, spelled out once more. */
const STORED: readonly (readonly [DType, code: number, bits: number])[] = [
  ["fp16", 1, 16],
  ["fp32", 2, 32],
  ["uint8", 3, 8],
  ["int8", 4, 8],
  ["bf16", 5, 16],
  ["int16", 6, 16],
  ["uint16", 7, 16],
  ["int4", 8, 4],
  ["uint1", 9, 1],
  ["uint2", 10, 2],
  ["uint4", 11, 4],
  ["uint3", 12, 3],
  ["uint6", 13, 6],
  ["int32", 14, 32],
  ["uint32", 15, 32],
  ["fp8e4m3fn", 16, 8],
  ["fp8e5m2", 17, 8],
];

describe("writeBlobFile", () => {
  it("lays out header, metadata and data as Apple's writer does", () => {
    const file = writeBlobFile([
      { dtype: "fp16", data: Uint16Array.of(0x3c00, 0xc000) },
      { dtype: "int8", data: Int8Array.of(-1) },
    ]);
    const first = bytes(
      [2, 0, 0, 0, 2, 0, 0, 0],
      zeros(56),
      [0xef, 0xbe, 0xad, 0xde, 1, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 128, 0, 0, 0, 0, 0, 0, 0],
      zeros(40),
      [0x00, 0x3c, 0x00, 0xc0],
      zeros(60),
    );
    const second = bytes(
      [0xef, 0xbe, 0xad, 0xde, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0],
      zeros(40),
      [0xff],
    );
    expect(file).toEqual(bytes([...first], [...second]));
  });

  it("writes code, size, offset and unused bits of all 17 dtypes", () => {
    const COUNT = 13;
    const blobs = STORED.map(([dtype]) => encodeBlob(dtype, zeros(COUNT)));
    const file = writeBlobFile(blobs);
    const view = new DataView(file.buffer);
    expect([view.getUint32(0, true), view.getUint32(4, true)]).toEqual([17, 2]);
    let offset = 64;
    let end = 0;
    STORED.forEach(([dtype, code, bits], index) => {
      const size = Math.ceil((COUNT * bits) / 8);
      const fields = [0, 4, 8, 12, 16, 20, 24, 28].map((at) => view.getUint32(offset + at, true));
      const unused = bits < 8 ? size * 8 - COUNT * bits : 0;
      expect(fields, dtype).toEqual([0xdeadbeef, code, size, 0, offset + 64, 0, unused, 0]);
      expect(blobOffsets(blobs)[index]).toBe(offset);
      end = offset + 64 + size;
      offset = Math.ceil(end / 64) * 64;
    });
    expect(file.length).toBe(end);
  });

  it.each(["fp16", "fp32", "int8"] as const)(
    "of one blob of %s is its data with the prefix in front",
    (dtype) => {
      const blob = encodeBlob(dtype, [1, -2, 3]);
      const expected = writeBlobFile([blob]);
      const file = expected.slice().fill(0, 0, BLOB_PREFIX_BYTES);
      writeBlobPrefix(file, dtype);
      expect(file).toEqual(expected);
    },
  );

  it("of nothing is a header", () => {
    expect(writeBlobFile([])).toEqual(bytes([0, 0, 0, 0, 2, 0, 0, 0], zeros(56)));
    expect(readBlobFile(writeBlobFile([]))).toEqual([]);
  });

  it("counts the unused bits of dtypes below a byte and clears them", () => {
    const file = writeBlobFile([{ dtype: "int4", data: Uint8Array.of(0x21, 0xaf), length: 3 }]);
    expect(file[64 + 24]).toBe(4);
    expect([...file.subarray(128)]).toEqual([0x21, 0x0f]);
    expect(readBlobFile(file)[0]).toMatchObject({ dtype: "int4", length: 3, offset: 64 });
  });

  it("takes as many packed elements as fit where no length is given", () => {
    const [blob] = readBlobFile(writeBlobFile([{ dtype: "uint3", data: new Uint8Array(2) }]));
    expect(blob).toMatchObject({ length: 5, byteLength: 2 });
  });

  it("refuses dtypes without a code, other arrays and other lengths", () => {
    expect(() => writeBlobFile([{ dtype: "bool", data: Uint8Array.of(1) }])).toThrow(ArgumentError);
    expect(() => writeBlobFile([{ dtype: "fp16", data: Float32Array.of(1) }])).toThrow(
      /fp16 come as Uint16Array, got Float32Array/,
    );
    for (const length of [2, -1, 0.5, Number.NaN]) {
      expect(() => writeBlobFile([{ dtype: "uint8", data: Uint8Array.of(1), length }])).toThrow(
        /elements of uint8 take .* bytes, got 1/,
      );
    }
  });
});

const anyBlob = fc
  .tuple(fc.constantFrom(...STORED), fc.uint8Array({ maxLength: 200 }))
  .map(([[dtype, , bits], raw]): Required<BlobSource> => {
    if (dtype === "fp32" || dtype === "fp16" || dtype === "bf16" || dtype.startsWith("fp8")) {
      return encodeBlob(
        dtype,
        [...raw].map((byte) => byte - 128),
      );
    }
    const signed = dtype.startsWith("int");
    const values = [...raw].map((byte) => (byte % 2 ** bits) - (signed ? 2 ** (bits - 1) : 0));
    return encodeBlob(dtype, values);
  });

describe("readBlobFile", () => {
  it("gives back what was written, in both modes, from any position in memory", () => {
    fc.assert(
      fc.property(fc.array(anyBlob, { maxLength: 6 }), fc.nat({ max: 3 }), (blobs, shift) => {
        const file = writeBlobFile(blobs);
        const moved = Buffer.alloc(file.length + shift).subarray(shift);
        moved.set(file);
        for (const mode of ["strict", "lenient"] as const) {
          const read = readBlobFile(moved, { mode });
          expect(read.map(({ dtype, data, length }) => ({ dtype, data, length }))).toEqual(blobs);
          expect(read.map(({ offset }) => offset)).toEqual(blobOffsets(blobs));
          for (const { offset, dtype } of read) {
            expect(readBlob(moved, offset, { mode }).dtype).toBe(dtype);
          }
        }
      }),
    );
  });

  it("gives views of the file where alignment allows, of array buffers as well", () => {
    const file = writeBlobFile([{ dtype: "fp32", data: Float32Array.of(1, 2) }]);
    expect(readBlob(file, 64).data.buffer).toBe(file.buffer);
    expect(readBlob(file.buffer as ArrayBuffer, 64).data).toEqual(Float32Array.of(1, 2));
  });

  it("writes files of Apple's layout again byte for byte", (context) => {
    const directory = externalData("mil", "programs", "blobs", "weights");
    if (directory === undefined) return context.skip();
    const names = readdirSync(directory);
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) {
      const file = readFileSync(join(directory, name));
      const again = writeBlobFile(readBlobFile(file));
      expect(Buffer.compare(file, again), name).toBe(0);
    }
  });
});

const good = writeBlobFile([
  { dtype: "fp16", data: Uint16Array.of(1, 2, 3) },
  { dtype: "uint8", data: Uint8Array.of(4) },
]);

function edit(position: number, value: number, file = good): Uint8Array {
  const edited = file.slice();
  edited[position] = value;
  return edited;
}

describe("strict reading", () => {
  it.each<[string, Uint8Array, RegExp, number]>([
    ["a cut header", good.subarray(0, 63), /64-byte header, got 63 bytes \(truncated/, 0],
    ["metadata in place of a header", good.subarray(64), /no-file-header/, 0],
    ["version 1", edit(4, 1), /version 2, got 1 \(espresso-v1/, 4],
    ["another version", edit(4, 3), /version 2, got 3 \(unknown-version/, 4],
    ["reserved bytes of the header", edit(63, 1), /reserved-bytes/, 8],
    ["a wrong sentinel", edit(64, 0), /0xdeadbeef, got 0xdeadbe00 \(bad-sentinel/, 64],
    ["an unknown dtype", edit(68, 18), /a known dtype code, got 18/, 68],
    ["data beyond the end", edit(64 + 9, 1), /inside the file.*truncated/, 72],
    ["half an element", edit(64 + 8, 5), /whole elements of fp16/, 72],
    ["unused bits of whole bytes", edit(64 + 24, 1), /0 unused bits, got 1/, 88],
    ["unaligned data", edit(64 + 16, 130), /expected 128, got 130 \(data-elsewhere/, 80],
    ["data in the header", edit(64 + 16, 0), /data-in-header/, 80],
    ["reserved bytes of metadata", edit(64 + 40, 7), /reserved-bytes/, 96],
    ["bytes between blobs", edit(150, 7), /padding-bytes/, 134],
    ["more blobs than data", edit(0, 3), /expected 3 blobs, got 2 \(count-too-large/, 0],
    [
      "fewer blobs than data",
      edit(0, 1),
      /nothing behind 1 blobs, got a blob \(count-too-small/,
      134,
    ],
    ["padding at the end", bytes([...good], [0]), /trailing-bytes/, good.length],
    ["a cut file", good.subarray(0, good.length - 1), /truncated/, 192 + 8],
    ["cut metadata", good.subarray(0, 200), /64 bytes of metadata, got 200 bytes/, 192],
  ])("refuses %s by name and place", (_, file, message, offset) => {
    let thrown: unknown;
    try {
      readBlobFile(file);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(FormatError);
    expect(thrown).toMatchObject({ code: "ERR_BLOB", offset });
    expect((thrown as FormatError).message).toMatch(message);
  });

  it("refuses packed data with a fraction of an element or impossible unused bits", () => {
    const packed = writeBlobFile([encodeBlob("uint3", [1, 2, 3])]);
    expect(packed[64 + 24]).toBe(7);
    for (const unused of [0, 6, 8, 17]) {
      expect(() => readBlobFile(edit(64 + 24, unused, packed))).toThrow(/partial-element/);
    }
    expect(readBlobFile(edit(64 + 24, 4, packed))[0]!.length).toBe(4);
  });

  it("refuses offsets that are no metadata's", () => {
    for (const offset of [0, 63, 100, -64, 0.5, Number.NaN, 2 ** 60]) {
      for (const mode of ["strict", "lenient"] as const) {
        expect(() => readBlob(good, offset, { mode })).toThrow(FormatError);
      }
    }
  });

  it("refuses a mode that does not exist", () => {
    expect(() => readBlobFile(good, { mode: "loose" as "strict" })).toThrow(ArgumentError);
  });
});

describe("lenient reading", () => {
  const lenient = (file: Uint8Array) =>
    readBlobFile(file, { mode: "lenient" }).map(({ dtype, length }) => `${dtype} ${length}`);

  it("ignores reserved bytes, which old writers left as they were", () => {
    for (const position of [8, 63, 64 + 24, 64 + 31, 64 + 32, 64 + 63]) {
      expect(lenient(edit(position, 0xa5)), `${position}`).toEqual(["fp16 3", "uint8 1"]);
    }
  });

  it("finds blobs that the header does not count", () => {
    expect(lenient(edit(0, 1))).toEqual(["fp16 3", "uint8 1"]);
    expect(lenient(edit(0, 0))).toEqual(["fp16 3", "uint8 1"]);
    expect(() => lenient(edit(0, 3))).toThrow(/count-too-large/);
  });

  it("ignores what follows the last blob", () => {
    expect(lenient(bytes([...good], zeros(300)))).toEqual(["fp16 3", "uint8 1"]);
  });

  it("reads chunks that are not aligned, in order and by explicit offset", () => {
    const chunks = bytes([...good.subarray(0, 134)], [...good.subarray(192)]);
    chunks[0] = 1;
    const second = 134;
    new DataView(chunks.buffer).setBigUint64(second + 16, BigInt(second + 64), true);
    expect(lenient(chunks)).toEqual(["fp16 3", "uint8 1"]);
    expect(readBlob(chunks, second, { mode: "lenient" }).data).toEqual(Uint8Array.of(4));
    expect(() => readBlob(chunks, second)).toThrow(/unaligned/);
  });

  it("reads packed data without a count of its unused bits", () => {
    const packed = writeBlobFile([encodeBlob("uint3", [1, 2, 3])]);
    expect(lenient(edit(64 + 24, 0, packed))).toEqual(["uint3 5"]);
  });

  it("never reads outside the file, whatever the bytes say", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: good.length - 1 }), fc.nat({ max: 255 })), {
          maxLength: 6,
        }),
        fc.nat({ max: good.length }),
        (edits, length) => {
          const file = good.slice(0, length);
          for (const [position, value] of edits) if (position < length) file[position] = value;
          for (const mode of ["strict", "lenient"] as const) {
            try {
              for (const { data, byteLength } of readBlobFile(file, { mode })) {
                expect(data.byteLength).toBe(byteLength);
              }
            } catch (error) {
              expect(error).toBeInstanceOf(FormatError);
            }
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe("lazy reading", () => {
  it("touches headers only until elements are asked for", () => {
    const blobs = [1, 2, 3].map((n) => encodeBlob("fp32", new Float32Array(1000 * n).fill(n)));
    const file = writeBlobFile(blobs);
    const reads: [number, number][] = [];
    const source = {
      byteLength: file.byteLength,
      read(offset: number, length: number) {
        reads.push([offset, length]);
        return file.slice(offset, offset + length);
      },
    };
    const opened = openBlobFile(source);
    expect(opened.count).toBe(3);
    expect(reads).toEqual([[0, 64]]);
    const read: readonly Blob[] = opened.blobs();
    expect(read.map(({ length }) => length)).toEqual([1000, 2000, 3000]);
    const touched = reads.reduce((sum, [, length]) => sum + length, 0);
    expect(touched).toBeLessThan(4 * 64 + 3 * 64);
    reads.length = 0;
    expect(read[1]!.data).toEqual(blobs[1]!.data);
    expect(reads).toEqual([[read[1]!.dataOffset, 8000]]);
    expect(opened.blobAt(blobOffsets(blobs)[2]!).data).toEqual(blobs[2]!.data);
  });

  it("reads a file on disk where it lies", async () => {
    const folder = mkdtempSync(join(tmpdir(), "blob-"));
    const path = join(folder, "w.bin");
    writeFileSync(
      path,
      writeBlobFile([encodeBlob("fp16", [1, 2]), encodeBlob("int4", [3, -4, 5])]),
    );
    const file = openSync(path, "r");
    const source = {
      byteLength: fstatSync(file).size,
      read(offset: number, length: number) {
        const bytes = Buffer.alloc(length);
        return bytes.subarray(0, readSync(file, bytes, 0, length, offset));
      },
    };
    const read = readBlobFile(source).map((blob) => [...decodeBlob(blob)]);
    expect(read).toEqual([
      [1, 2],
      [3, -4, 5],
    ]);
    closeSync(file);
    rmSync(folder, { recursive: true });
  });

  it("refuses a source that gives fewer bytes than it has", () => {
    const source = { byteLength: good.length, read: () => new Uint8Array(10) };
    expect(() => openBlobFile(source)).toThrow(/all the bytes it is asked for, got 10 of 64/);
  });
});
