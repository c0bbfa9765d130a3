/** Exports of a run, the TensorBoard one as TensorBoard itself read it (`tools/fixtures/tensorboard_events.py`). */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { crc32c, maskedCrc32c } from "../src/export/crc32c.js";
import { CSV_COLUMNS, exportCsv } from "../src/export/export-csv.js";
import { exportTensorboard } from "../src/export/export-tensorboard.js";
import { integerField } from "../src/export/protobuf.js";
import { evaluation, run, step, temporaryFolder, writeRun } from "./support/run-files.js";

const began = Date.UTC(2026, 10, 23);
const far = 2 ** 40 + 6;

/** With two micro-steps that a resume makes void, a skipped update, and a step beyond 32 bits. */
const events = [
  run(),
  step(1),
  step(2, { gradNorm: 2.5, lossScale: 256, underflow: 0.25, skippedUpdates: 0 }),
  { ...evaluation(2, 8.5), bitsPerByte: 3.25 },
  {
    type: "system",
    step: 2,
    ms: 2000,
    processes: 2,
    memory: 5e8,
    busyCores: 1.5,
    cores: 2,
    power: { ane: 2.5 },
  },
  step(3, { loss: 99 }),
  step(4, { loss: 99 }),
  run({ resumedFrom: 2 }),
  step(3),
  step(4, { lossScale: 256, underflow: 0.5, skippedUpdates: 1 }),
  {
    type: "sample",
    step: 4,
    prompt: "Once",
    text: "Once upon\na *time* ä",
    tokens: 3,
    temperature: 0,
    seed: 1,
    ms: 5,
  },
  evaluation(4, 8.25),
  step(far, { loss: 0.125 }),
  evaluation(far + 1, 8),
].map((event, index) => ({ ...event, time: began + 500 * index }));

interface Reading {
  readonly sha256: string;
  readonly scalars: Readonly<
    Record<string, readonly [time: number, step: number, value: number][]>
  >;
  readonly texts: Readonly<Record<string, readonly [time: number, step: number, text: string][]>>;
}

describe("a TensorBoard file", () => {
  it("has the checksums of RFC 3720, masked", () => {
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, index) => index))).toBe(0x46dd794e);
    expect(maskedCrc32c(new Uint8Array(32))).toBe(
      (((0x8a9136aa >>> 15) | (0x8a9136aa << 17)) + 0xa282ead8) >>> 0,
    );
  });

  it("holds numbers of up to 53 bits", () => {
    expect([...integerField(1, 300)]).toEqual([8, 0xac, 2]);
    expect([...integerField(2, Number.MAX_SAFE_INTEGER)].length).toBe(9);
  });

  it("is read by TensorBoard as what the run recorded", async () => {
    const directory = writeRun(join(temporaryFolder(), "a"), events);
    const folder = join(temporaryFolder(), "board");
    const path = await exportTensorboard(directory, folder);
    expect(path).toBe(join(folder, "events.out.tfevents.a"));
    const bytes = readFileSync(path);
    const lines = bytes.toString("hex").replace(/.{96}/g, "$&\n");
    await expect(`${lines}\n`).toMatchFileSnapshot("fixtures/export.tfevents.hex");
    const reading = JSON.parse(
      readFileSync(new URL("fixtures/export.tensorboard.json", import.meta.url), "utf8"),
    ) as Reading;
    expect(reading.sha256).toBe(createHash("sha256").update(bytes).digest("hex"));
    const at = (index: number) => began / 1000 + index / 2;
    const { scalars, texts } = reading;
    expect(scalars["loss/train"]?.map(([time, number]) => [time, number])).toEqual([
      [at(1), 1],
      [at(2), 2],
      [at(8), 3],
      [at(9), 4],
      [at(12), far],
    ]);
    const losses = scalars["loss/train"]!.map(([, , value]) => value);
    expect(losses).toEqual([9.9, 9.8, 9.7, 9.6, 0.125].map(Math.fround));
    expect(scalars["gradient/norm"]).toEqual([[at(2), 2, 2.5]]);
    expect(scalars["gradient/skipped_updates"]?.map(([, , value]) => value)).toEqual([0, 1]);
    expect(scalars["loss/validation"]?.map(([, , value]) => value)).toEqual([8.5, 8.25, 8]);
    expect(scalars["loss/bits_per_byte"]).toEqual([[at(3), 2, 3.25]]);
    expect(scalars["machine/memory_bytes"]).toEqual([[at(4), 2, 5e8]]);
    expect(scalars["machine/gpu_watts"]).toBeUndefined();
    expect(texts["sample/Once"]).toEqual([[at(10), 4, "    Once upon\n    a *time* ä"]]);
    expect(texts.config?.[0]?.[2]).toContain('"pipeline": "dynamic"');
  });

  it("replaces an earlier one of the same run", async () => {
    const directory = writeRun(join(temporaryFolder(), "a"), events);
    const folder = temporaryFolder();
    const first = readFileSync(await exportTensorboard(directory, folder));
    expect(readFileSync(await exportTensorboard(directory, folder))).toEqual(first);
    expect(readdirSync(folder)).toEqual(["events.out.tfevents.a"]);
  });
});

describe("a CSV file", () => {
  it("has a row per valid micro-step", async () => {
    const directory = writeRun(temporaryFolder(), events);
    const path = join(temporaryFolder(), "new", "run.csv");
    await exportCsv(directory, path);
    const [head, ...rows] = readFileSync(path, "utf8").trimEnd().split("\n");
    expect(head).toBe(CSV_COLUMNS.join(","));
    const cells = rows.map((row) => {
      const values = row.split(",");
      expect(values).toHaveLength(CSV_COLUMNS.length);
      return Object.fromEntries(CSV_COLUMNS.map((column, index) => [column, values[index]]));
    });
    expect(cells.map((row) => row.step)).toEqual(["1", "2", "3", "4", `${far}`, `${far + 1}`]);
    expect(cells[1]).toMatchObject({
      time: "2026-11-23T00:00:01.000Z",
      loss: "9.8",
      gradNorm: "2.5",
      validation: "8.5",
      bitsPerByte: "3.25",
      memory: "500000000",
      aneWatts: "2.5",
      cpuWatts: "",
      deviceMs: "4",
    });
    expect(cells[3]).toMatchObject({ loss: "9.6", gradNorm: "", skippedUpdates: "1" });
    expect(cells[5]).toMatchObject({ loss: "", validation: "8" });
  });

  it("has times also where the record has none", async () => {
    const directory = writeRun(temporaryFolder(), [run(), step(1), step(2)]);
    const path = join(temporaryFolder(), "run.csv");
    await exportCsv(directory, path);
    const times = readFileSync(path, "utf8")
      .split("\n")
      .slice(1, 3)
      .map((row) => Date.parse(row.split(",")[1]!));
    expect(times[1]! - times[0]!).toBe(10);
  });
});

it("leaves nothing behind where it cannot write", async () => {
  const directory = writeRun(temporaryFolder(), events);
  const folder = temporaryFolder();
  writeFileSync(join(folder, "file"), "");
  await expect(exportCsv(directory, join(folder, "file", "run.csv"))).rejects.toMatchObject({
    code: "ERR_EXPORT",
  });
  await expect(exportCsv(join(folder, "none"), join(folder, "run.csv"))).rejects.toMatchObject({
    code: "ERR_NO_RUN",
  });
  await expect(exportTensorboard(directory, join(folder, "file"))).rejects.toThrow(
    /must be a file that can be written/,
  );
  expect(readdirSync(folder)).toEqual(["file"]);
});
