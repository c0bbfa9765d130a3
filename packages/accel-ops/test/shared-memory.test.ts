import { spawnSync } from "node:child_process";
import { closeSync, fstatSync, openSync } from "node:fs";
import { expect, it } from "vitest";
import {
  ArgumentError,
  createSharedMemory,
  mapSharedMemory,
  SharedMemoryError,
} from "../src/index.js";

const SIZE = (9 << 20) + 4096; // more than is fetched at once

function errorOf(action: () => unknown): SharedMemoryError {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(SharedMemoryError);
    return error as SharedMemoryError;
  }
  throw new Error("nothing was thrown");
}

/** Runs a script in a child process that has the memory as descriptor 3. */
function inChild(descriptor: number, script: string): string {
  const stdio = ["ignore", "pipe", "inherit", descriptor] as const;
  return spawnSync(process.execPath, ["-e", script], { stdio: [...stdio], encoding: "utf8" })
    .stdout;
}

it("is zero, and the same memory wherever it is mapped", () => {
  using memory = createSharedMemory(SIZE);
  using one = mapSharedMemory(memory.descriptor);
  using other = mapSharedMemory(memory.descriptor);
  const [a, b] = [new Float32Array(one.piece(0, SIZE)), new Float32Array(other.piece(0, SIZE))];
  expect(a.length).toBe(SIZE / 4);
  expect(a.every((value) => value === 0)).toBe(true);
  a.fill(1.5, 1 << 20);
  expect(b[(1 << 20) - 1]).toBe(0);
  expect(b.subarray(1 << 20).every((value) => value === 1.5)).toBe(true);
});

it("is inherited by a child process, and needs no descriptor once it is mapped", () => {
  const memory = createSharedMemory(SIZE);
  using mapped = mapSharedMemory(memory.descriptor);
  const values = new Float32Array(mapped.piece(0, SIZE));
  values[5] = 2.5;
  const read = "const b = Buffer.alloc(4); fs.readSync(3, b, 0, 4, 20); ";
  const write = "b.writeFloatLE(7.5); fs.writeSync(3, b, 0, 4, 24); ";
  const script = `${read}process.stdout.write(String(b.readFloatLE())); ${write}`;
  expect(inChild(memory.descriptor, script)).toBe("2.5");
  memory.dispose();
  memory.dispose();
  expect([values[5], values[6]]).toEqual([2.5, 7.5]);
});

it("has no view that outlives it", () => {
  using memory = createSharedMemory(SIZE);
  const mapped = mapSharedMemory(memory.descriptor);
  const view = new Uint8Array(mapped.piece(4096, SIZE - 4096));
  mapped.dispose(); // also while its pages are fetched
  mapped.dispose();
  expect(view.length).toBe(0);
  expect(() => mapped.piece(0, 1)).toThrow(ArgumentError);
  using again = mapSharedMemory(memory.descriptor);
  expect(again.byteLength).toBe(SIZE);
});

it("has pieces that lie where they are asked for, beyond what one buffer can hold", () => {
  const size = 2 ** 33;
  using memory = createSharedMemory(size);
  using mapped = mapSharedMemory(memory.descriptor);
  const at = (offset: number) => new Uint8Array(mapped.piece(offset, 4096));
  const [first, middle, last] = [at(0), at(2 ** 32 + 4096), at(size - 4096)];
  middle.fill(7);
  expect(new Uint8Array(mapped.piece(2 ** 32 + 4000, 97)).lastIndexOf(7)).toBe(96);
  expect([first[4095], last[0]]).toEqual([0, 0]);
  expect(() => mapped.piece(size - 4096, 4097)).toThrow("0 to 4096, got 4097");
  expect(() => mapped.piece(-1, 1)).toThrow(ArgumentError);
});

it("is refused where no address space is left for it", () => {
  using memory = createSharedMemory(Number.MAX_SAFE_INTEGER); // promised, but nothing of it is there yet
  const error = errorOf(() => mapSharedMemory(memory.descriptor));
  expect([error.code, error.message]).toEqual(["ENOMEM", expect.stringContaining("mmap must")]);
});

it("refuses what is no such memory", () => {
  expect(() => createSharedMemory(0)).toThrow(ArgumentError);
  expect(() => mapSharedMemory(-1)).toThrow(ArgumentError);
  const file = openSync(import.meta.filename, "r");
  const error = errorOf(() => mapSharedMemory(file)); // cannot be written
  expect([error.code, error.message]).toEqual(["EACCES", expect.stringContaining("mmap")]);
  closeSync(file);
  expect(() => fstatSync(file)).toThrow("EBADF");
  expect(errorOf(() => mapSharedMemory(file)).code).toBe("EBADF");
});
