import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { ArgumentError, alignedBuffer, LARGEST_BUFFER } from "../src/index.js";
import { nativeBinding } from "../src/native.js";

const megabyte = 1 << 20;
const native = nativeBinding<{ addressOf(array: Uint8Array): number }>();
const address = (buffer: ArrayBuffer) => native.addressOf(new Uint8Array(buffer));

test.each([1, 63, 64, 1000, 4096, 3 * megabyte + 5])(
  "%i bytes: aligned, zero, writable",
  (size) => {
    const buffers = Array.from({ length: 3 }, () => alignedBuffer(size));
    for (const buffer of buffers) {
      expect(buffer.byteLength).toBe(size);
      expect(address(buffer) % (size < 2 * megabyte ? 64 : 2 * megabyte)).toBe(0);
      const bytes = new Uint8Array(buffer);
      expect(bytes.every((byte) => byte === 0)).toBe(true);
      bytes.fill(255);
    }
    expect(new Set(buffers.map(address)).size).toBe(3);
  },
);

test("no bytes", () => expect(alignedBuffer(0).byteLength).toBe(0));

test("memory of buffers that nobody holds is given back", async () => {
  const size = 32 * megabyte;
  const before = process.memoryUsage().rss;
  for (let i = 0; i < 64; i++) {
    new Uint8Array(alignedBuffer(size)).fill(1);
    await setImmediate();
  }
  expect(process.memoryUsage().rss - before).toBeLessThan(32 * size);
});

test("a wrong length is an error", () => {
  // From Node.js 22 on the limit is the largest safe integer, which goes without saying.
  const range = LARGEST_BUFFER < Number.MAX_SAFE_INTEGER ? `0 to ${LARGEST_BUFFER}` : "at least 0";
  for (const wrong of [-1, 1.5, Number.NaN, LARGEST_BUFFER + 1]) {
    expect(() => alignedBuffer(wrong)).toThrow(ArgumentError);
    expect(() => alignedBuffer(wrong)).toThrow(
      `alignedBuffer.byteLength: must be an integer, ${range}, got ${wrong}.`,
    );
  }
});
