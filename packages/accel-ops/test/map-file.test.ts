import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { ArgumentError, MapFileError, mapFile } from "../src/index.js";

const directory = mkdtempSync(join(tmpdir(), "accel-map-"));
const at = (name: string) => join(directory, name);

afterAll(() => rmSync(directory, { recursive: true }));

function errorOf(action: () => unknown): MapFileError {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(MapFileError);
    return error as MapFileError;
  }
  throw new Error("nothing was thrown");
}

it("creates a file with its space allocated, and writes reach it", () => {
  const size = 3 * 4096 + 100;
  using file = mapFile(at("new"), { writable: true, size });
  expect(file.byteLength).toBe(size);
  expect(statSync(at("new")).size).toBe(size);
  expect(statSync(at("new")).blocks * 512).toBeGreaterThanOrEqual(size);
  const values = new Float32Array(file.buffer, 0, 1000);
  expect(values.every((x) => x === 0)).toBe(true);
  values.fill(1.5);
  file.flush();
  const bytes = readFileSync(at("new"));
  expect(new Float32Array(bytes.buffer, bytes.byteOffset, 1000)).toEqual(values);
});

it("keeps what an existing file holds, extends it, and fills its holes", () => {
  writeFileSync(at("old"), "hello");
  truncateSync(at("old"), 200_000); // a hole of 195 kB
  using file = mapFile(at("old"), { writable: true, size: 300_000 });
  expect(Buffer.from(file.buffer, 0, 6).toString()).toBe("hello\0");
  expect(statSync(at("old")).size).toBe(300_000);
  expect(statSync(at("old")).blocks * 512).toBeGreaterThanOrEqual(300_000);
});

it("maps read-only files; writes to the view stay private", () => {
  writeFileSync(at("constant"), "abcdef", { mode: 0o444 });
  using file = mapFile(at("constant"));
  const view = new Uint8Array(file.buffer);
  expect(Buffer.from(view).toString()).toBe("abcdef");
  view[0] = 0x58;
  file.flush();
  expect(readFileSync(at("constant"), "utf8")).toBe("abcdef");
});

it("two writable mappings of one file see each other", () => {
  using first = mapFile(at("shared"), { writable: true, size: 64 });
  using second = mapFile(at("shared"), { writable: true });
  new Uint32Array(first.buffer)[3] = 77;
  expect(new Uint32Array(second.buffer)[3]).toBe(77);
});

it("dispose detaches every view, keeps the data, and may be called twice", () => {
  const file = mapFile(at("disposed"), { writable: true, size: 4096 });
  const view = new Uint8Array(file.buffer);
  view.fill(9);
  file.dispose();
  file.dispose();
  expect(view.length).toBe(0);
  expect(file.byteLength).toBe(0);
  expect(() => file.flush()).toThrow(/disposed/);
  expect(readFileSync(at("disposed")).every((byte) => byte === 9)).toBe(true);
});

it("survives garbage collection without dispose, and many mappings in turn", () => {
  for (let i = 0; i < 2000; i++) {
    const file = mapFile(at("many"), { writable: true, size: 1 << 20 });
    new Uint8Array(file.buffer)[i] = 1;
    if (i % 2 === 0) file.dispose();
  }
  expect(
    readFileSync(at("many"))
      .subarray(0, 2000)
      .every((byte) => byte === 1),
  ).toBe(true);
});

it("maps zero-length files as empty buffers", () => {
  writeFileSync(at("empty"), "");
  for (const options of [{}, { writable: true }, { writable: true, size: 0 }]) {
    using file = mapFile(at("empty"), options);
    expect(file.byteLength).toBe(0);
    file.flush();
  }
});

it("names path, cause and code when a file cannot be opened", () => {
  const missing = errorOf(() => mapFile(at("missing")));
  expect(missing.code).toBe("ENOENT");
  expect(missing.path).toBe(at("missing"));
  expect(missing.message).toContain(at("missing"));
  expect(missing.message).toMatch(/no such file/i);
  expect(errorOf(() => mapFile(directory)).code).toBe("EISDIR");
  expect(errorOf(() => mapFile(directory, { writable: true })).code).toBe("EISDIR");
});

it("a disk without the space is an error up front, and leaves nothing behind", () => {
  const error = errorOf(() => mapFile(at("huge"), { writable: true, size: 2 ** 50 }));
  expect(["EFBIG", "ENOSPC"]).toContain(error.code);
  expect(error.message).toContain(at("huge"));
  expect(existsSync(at("huge"))).toBe(false);

  writeFileSync(at("kept"), "data");
  errorOf(() => mapFile(at("kept"), { writable: true, size: 2 ** 50 }));
  expect(readFileSync(at("kept"), "utf8")).toBe("data");
});

it("refuses sizes that are no sizes, would truncate, or need write access", () => {
  writeFileSync(at("ten"), "0123456789");
  for (const size of [-1, 0.5, 2 ** 53]) {
    expect(() => mapFile(at("ten"), { writable: true, size })).toThrow(ArgumentError);
  }
  expect(() => mapFile(at("ten"), { size: 10 })).toThrow(ArgumentError);
  expect(() => mapFile(at("ten"), { writable: true, size: 9 })).toThrow(/10 bytes/);
  expect(readFileSync(at("ten"), "utf8")).toBe("0123456789");
});
