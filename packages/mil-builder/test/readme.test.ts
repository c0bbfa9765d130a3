import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { problems, text, y } from "./first-kernel.js";

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");

describe("the README's first kernel", () => {
  it("is the program below", () => {
    const [, code] = /```ts\n([\s\S]*?)```/.exec(read("../README.md"))!;
    expect(code).toBe(read("./first-kernel.ts"));
  });

  it("builds, verifies and runs", () => {
    expect(text).toContain("y = conv(weight = w, x = relu_0)");
    expect(problems).toEqual([]);
    // Column s of x is [s - 16, s + 16], of which relu keeps what is positive.
    const column = (s: number) => [0, 1, 2].map((channel) => y!.data[32 * channel + s]);
    expect(column(3)).toEqual([0, 19, 19]);
    expect(column(31)).toEqual([15, 47, 62]);
  });
});
