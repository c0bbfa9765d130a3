import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ArgumentError,
  type BlobSource,
  type DType,
  FormatError,
  readBlob,
  readBlobFile,
  writeBlobFile,
} from "../src/index.js";

function bytes(...parts: readonly (readonly number[])[]): Uint8Array {
  return Uint8Array.from(parts.flat());
}

const zeros = (count: number) => new Array<number>(count).fill(0);

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

  it("of nothing is a header", () => {
    expect(writeBlobFile([])).toEqual(bytes([0, 0, 0, 0, 2, 0, 0, 0], zeros(56)));
    expect(readBlobFile(writeBlobFile([]))).toEqual([]);
  });

  it("counts the unused bits of dtypes below a byte", () => {
    const file = writeBlobFile([{ dtype: "int4", data: Uint8Array.of(0x21, 0x0f), length: 3 }]);
    expect(file[64 + 24]).toBe(4);
    expect(readBlobFile(file)[0]).toMatchObject({ dtype: "int4", length: 3, offset: 64 });
  });

  it("refuses dtypes without a code, other arrays and other lengths", () => {
    expect(() => writeBlobFile([{ dtype: "bool", data: Uint8Array.of(1) }])).toThrow(ArgumentError);
    expect(() => writeBlobFile([{ dtype: "fp16", data: Float32Array.of(1) }])).toThrow(
      /fp16 come as Uint16Array, got Float32Array/,
    );
    expect(() => writeBlobFile([{ dtype: "uint8", data: Uint8Array.of(1), length: 2 }])).toThrow(
      /2 elements of uint8 take 2 bytes, got 1/,
    );
  });
});

describe("readBlobFile", () => {
  const arrays = {
    fp16: Uint16Array,
    fp32: Float32Array,
    bf16: Uint16Array,
    int8: Int8Array,
    uint8: Uint8Array,
    int16: Int16Array,
    uint16: Uint16Array,
    int32: Int32Array,
    uint32: Uint32Array,
    fp8e4m3fn: Uint8Array,
    fp8e5m2: Uint8Array,
    uint6: Uint8Array,
  } as const satisfies Partial<Record<DType, unknown>>;

  const blob = fc
    .tuple(fc.constantFrom(...(Object.keys(arrays) as (keyof typeof arrays)[])), fc.uint8Array())
    .map(([dtype, raw]): BlobSource => {
      const kind = arrays[dtype];
      const whole = raw.length - (raw.length % kind.BYTES_PER_ELEMENT);
      return { dtype, data: new kind(raw.slice(0, whole).buffer) };
    });

  it("gives back what was written, from any position in memory", () => {
    fc.assert(
      fc.property(fc.array(blob, { maxLength: 5 }), fc.nat({ max: 3 }), (blobs, shift) => {
        const file = writeBlobFile(blobs);
        const moved = new Uint8Array(file.length + shift).subarray(shift);
        moved.set(file);
        const read = readBlobFile(moved);
        expect(read.map(({ dtype, data }) => ({ dtype, data }))).toEqual(blobs);
        for (const { offset, dtype } of read) {
          expect(offset % 64).toBe(0);
          expect(readBlob(moved, offset).dtype).toBe(dtype);
        }
      }),
    );
  });

  it("gives views of the file where alignment allows", () => {
    const file = writeBlobFile([{ dtype: "fp32", data: Float32Array.of(1, 2) }]);
    expect(readBlob(file, 64).data.buffer).toBe(file.buffer);
  });

  const good = writeBlobFile([
    { dtype: "fp16", data: Uint16Array.of(1, 2, 3) },
    { dtype: "uint8", data: Uint8Array.of(4) },
  ]);

  it.each<[string, (file: Uint8Array) => Uint8Array, RegExp, number]>([
    ["a cut header", (file) => file.subarray(0, 63), /64-byte header, got 63/, 0],
    ["another version", (file) => edit(file, 4, 1), /version is 2, got 1/, 4],
    ["a wrong sentinel", (file) => edit(file, 64, 0), /0xdeadbeef, got 0xdeadbe00/, 64],
    ["an unknown dtype", (file) => edit(file, 68, 99), /dtype code is known, got 99/, 68],
    ["data beyond the end", (file) => edit(file, 64 + 9, 1), /inside the file/, 72],
    ["half an element", (file) => edit(file, 64 + 8, 5), /whole elements of fp16/, 72],
    ["unused bits of whole bytes", (file) => edit(file, 64 + 24, 1), /whole elements of fp16/, 72],
    ["unaligned data", (file) => edit(file, 64 + 16, 129), /multiple of 64/, 80],
    ["data on its metadata", (file) => edit(file, 64 + 16, 64), /after its metadata/, 80],
    ["more blobs than data", (file) => edit(file, 0, 3), /inside the file/, 320],
    ["fewer blobs than data", (file) => edit(file, 0, 1), /nothing follows the last of 1/, 192],
  ])("refuses %s", (_, damage, message, offset) => {
    let thrown: unknown;
    try {
      readBlobFile(damage(good.slice()));
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(FormatError);
    expect(thrown).toMatchObject({ code: "ERR_BLOB", offset });
    expect((thrown as FormatError).message).toMatch(message);
  });

  it("refuses offsets that are no metadata's", () => {
    for (const offset of [0, 63, 100, -64, 0.5, Number.NaN]) {
      expect(() => readBlob(good, offset)).toThrow(FormatError);
    }
  });

  it("ignores reserved bytes of the metadata, which old writers left as they were", () => {
    expect(readBlobFile(edit(good.slice(), 64 + 40, 7))).toHaveLength(2);
  });
});

function edit(file: Uint8Array, position: number, value: number): Uint8Array {
  file[position] = value;
  return file;
}
