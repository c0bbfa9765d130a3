/** Numbers as people read them. */
import { expect, it } from "vitest";
import { formatBytes, formatCount, formatDuration, formatMs } from "../src/format.js";

it("formats durations", () => {
  expect([83_000, 3_723_000, 499, 500, -5, 360_000_000].map(formatDuration)).toEqual([
    "1:23",
    "1:02:03",
    "0:00",
    "0:01",
    "0:00",
    "100:00:00",
  ]);
});

it("formats counts and bytes", () => {
  expect([109_529_856, 999, 1000, 7e9].map(formatCount)).toEqual([
    "109.53M",
    "999",
    "1.00K",
    "7.00B",
  ]);
  expect([1_314_358_272, 12].map(formatBytes)).toEqual(["1.31 GB", "12 B"]);
});

it("formats times with the digits that matter", () => {
  expect([1183.4, 99.96, 48.21].map(formatMs)).toEqual(["1183 ms", "100.0 ms", "48.2 ms"]);
});
