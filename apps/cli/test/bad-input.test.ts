/**
 * Bad input on every flag of every command: one clear error that names the flag, its value and what is expected, before any work.
 * Enums, numbers and booleans are found by themselves; a flag that takes a path or a text needs a row in TEXTS.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { initializeParameters, Parameters, presets, writeLlamaBin } from "@ane/llama-model";
import { buildProgram, print, tensor, writeBlobFile } from "@ane/mil-builder";
import { writeTokenFile } from "@ane/tokenizer-data";
import { trainInProcess } from "@ane/trainer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { kebab } from "../src/kebab.js";
import { allCommands, type Flag, type FoundCommand } from "./all-commands.js";
import { runAne } from "./test-context.js";

const commands = allCommands();

/** Arguments that the command cannot do without, so that nothing but the flag is wrong. */
const needed = ({ positional }: FoundCommand) =>
  positional?.parameters?.flatMap(({ optional }) => (optional ? [] : ["x"])) ?? [];

const allFlags = commands.flatMap((found) =>
  Object.entries(found.flags).map(([name, flag]) => ({
    found,
    name,
    flag,
    title: `${found.command.join(" ")} --${kebab(name)}`,
  })),
);

function accepts(flag: Flag, input: string): boolean {
  try {
    flag.parse!(input);
    return true;
  } catch {
    return false;
  }
}

const isText = (flag: Flag) => flag.kind === "parsed" && accepts(flag, "nonsense");

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "ane-bad-"));
  const parameters = new Parameters({ ...presets.stories260k, layers: 1, name: "small" });
  initializeParameters(parameters, 1);
  writeLlamaBin(join(folder, "model.bin"), parameters, { version: 0 });
  writeTokenFile(
    join(folder, "tokens.bin"),
    Array.from({ length: 2000 }, (_, i) => i % 500),
  );
  writeTokenFile(join(folder, "few.bin"), [1, 2, 3]);
  writeTokenFile(
    join(folder, "large.bin"),
    Array.from({ length: 2000 }, () => 31_000),
  );
  const options = { model: "stories260k", data: join(folder, "tokens.bin"), steps: 1, seq: 32 };
  for await (const _event of trainInProcess({ ...options, out: join(folder, "run") })) {
    // Only the run's folder is wanted.
  }
  writeFileSync(join(folder, "text.txt"), "Once upon a time\n");
  writeFileSync(join(folder, "odd.bin"), new Uint8Array(33));
  const program = buildProgram({ opset: "ios16" }, (f) => {
    const x = f.input("x", tensor("fp16", [1, 32, 1, 32]));
    const weight = f.blob("w", tensor("fp16", [32, 32, 1, 1]), "@model_path/w.bin");
    return { y: f.conv({ x, weight }) };
  });
  writeFileSync(join(folder, "program.mil"), print(program));
  const zeros = { dtype: "fp16", data: new Uint16Array(1024) } as const;
  writeFileSync(join(folder, "w.bin"), writeBlobFile([zeros]));
  writeFileSync(join(folder, "model.json"), '{ "dim": 64 }');
  mkdirSync(join(folder, "a-folder"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function refused(inputs: readonly string[], ...expected: readonly string[]) {
  const before = readdirSync(folder);
  const { code, out, err } = await runAne(inputs, { directory: folder });
  expect([code, out], `${inputs.join(" ")}\n${err}`).toEqual([2, ""]);
  for (const text of expected) expect(err).toContain(text);
  expect(err).not.toMatch(/^\s+at /m);
  expect(readdirSync(folder)).toEqual(before);
}

describe("parsing", () => {
  it.each(allFlags)("$title", async ({ found, name, flag }) => {
    const start = [...found.command, ...needed(found)];
    const option = `--${kebab(name)}`;
    if (flag.kind === "boolean") {
      await refused([...start, `${option}=maybe`], option, "maybe");
      return;
    }
    if (flag.kind === "enum") {
      await refused([...start, option, "nonsense"], option, '"nonsense"', ...flag.values!);
    } else {
      for (const bad of ["nonsense", "-1", "1e999", "NaN", "", " "]) {
        if (!accepts(flag, bad)) await refused([...start, `${option}=${bad}`], option, bad);
      }
    }
    if (!flag.inferEmpty) await refused([...start, option], option, "expected a value");
    if (!flag.variadic) {
      const good = flag.kind === "enum" ? flag.values![0]! : "1";
      await refused([...start, option, good, option, good], option, "Give it once");
    }
  });

  it.each(commands)("$command: an unknown flag, and too many arguments", async (found) => {
    const start = [...found.command, ...needed(found)];
    await refused([...start, "--nonsense"], "there is no flag --nonsense");
    await refused([...start, "-X"], "-X");
    if (found.positional?.kind !== "array") {
      const optional = found.positional?.parameters?.filter((one) => one.optional).length ?? 0;
      await refused([...start, ...Array.from({ length: optional + 1 }, () => "y")], '"y"');
    }
  });

  it.each(commands.filter((found) => needed(found).length > 0))(
    "$command: without its arguments",
    async ({ command }) => {
      await refused(command, "expected a value, got none");
    },
  );
});

/** Flags that any text is right for. */
const ANY_TEXT = [
  "sample --prompt",
  "data tokenize --separator",
  "train --sample-prompts",
  "config show --sample-prompts",
];

/** Command, flag, its bad values, what the error says beside flag and value; arguments that make the rest right. */
const TEXTS: readonly (readonly [
  command: string,
  flag: string,
  bad: Readonly<Record<string, string>>,
  rest?: string,
])[] = [
  ...["train", "config show"].flatMap(
    (command) =>
      [
        [
          command,
          "--config",
          { "absent.toml": "must be there", "a-folder": "must end in", "text.txt": "must end in" },
        ],
        [command, "--set", { lr: "NAME=VALUE", "lrr=1": 'Did you mean "lr"?' }],
        [
          command,
          "--model",
          { stories16m: "stories15m", "absent.json": "absent.json", "model.json": "hiddenDim" },
        ],
        [
          command,
          "--init",
          {
            "absent.bin": "must be an existing",
            "text.txt": "header",
            "a-folder": "config.json",
            "odd.bin": "header",
          },
        ],
        [
          command,
          "--data",
          {
            "absent.bin": "existing file",
            "a-folder": "must be a file",
            "odd.bin": "multiple of 2",
            "few.bin": "at least",
          },
          "--model stories15m",
        ],
        [
          command,
          "--validation",
          { "absent.bin": "existing file", "a-folder": "must be a file" },
          "--model stories15m",
        ],
        [command, "--out", { "text.txt": "must be a folder" }, "--model stories15m"],
        [
          command,
          "--tokenizer",
          { "absent.bin": "absent.bin", "text.txt": "text.txt" },
          "--model stories260k --data tokens.bin --sample-every 5",
        ],
        [command, "--resume", { absent: "config.json", "text.txt": "config.json" }],
      ] as const,
  ),
  ["eval", "--init", { "absent.bin": "must exist" }],
  [
    "eval",
    "--tokenizer",
    { "absent.bin": "nothing there", "text.txt": "tokenizer.bin", "a-folder": "a-folder" },
    "model.bin",
  ],
  [
    "eval",
    "--data",
    {
      "absent.bin": "nothing there",
      "a-folder": "a-folder",
      "odd.bin": "multiple of 2",
      "few.bin": "must have a window",
    },
    "model.bin",
  ],
  ["sample", "--init", { "absent.bin": "must exist" }],
  [
    "sample",
    "--tokenizer",
    { "absent.bin": "nothing there", "text.txt": "tokenizer.bin" },
    "model.bin",
  ],
  [
    "export",
    "--out",
    { "a-folder": "a-folder", "text.txt/x.bin": "text.txt" },
    "model.bin --format bin0",
  ],
  ["dash", "--host", { "0.0.0.0": "--web" }],
  ["runs export", "--csv", { "a-folder": "expected a file", "absent/x.csv": "absent" }, "run"],
  ["runs export", "--tensorboard", { "text.txt": "text.txt" }, "run"],
  ["compare", "--svg", { "a-folder": "expected a file", "absent/x.svg": "absent" }, "run run"],
  ["report", "--html", { "a-folder": "expected a file", "absent/x.html": "absent" }, "run"],
  ["report", "--md", { "a-folder": "expected a file", "absent/x.md": "absent" }, "run"],
  ["data download", "--out", { "text.txt": "expected a folder" }, "tok512.bin"],
  [
    "data download",
    "--url",
    { "ftp://x": "http or https", nonsense: "http or https" },
    "tok512.bin",
  ],
  [
    "data tokenize",
    "--tokenizer",
    { "absent.bin": "nothing there", "text.txt": "tokenizer.bin" },
    "text.txt out.bin",
  ],
  ["data info", "--tokenizer", { "absent.bin": "nothing there" }, "tokens.bin"],
  ["info", "--tokenizer", { "absent.bin": "nothing there" }, "tokens.bin"],
  ["plan", "--model", { stories16m: "stories15m", "absent.json": "absent.json" }],
  ["plan", "--chip", { m9: "m1" }],
  ["mil run", "--input", { "y=tokens.bin": "y" }, "program.mil"],
  ["mil run", "--weights", { absent: "absent" }, "program.mil"],
  ["mil run", "--out", { "text.txt": "text.txt" }, "program.mil"],
  ["selftest", "--model", { stories16m: "stories15m" }, "--device cpu"],
  ["selftest", "--only", { nonsense: "some case" }, "--device cpu"],
  [
    "selftest",
    "--json",
    { "absent/report.json": "absent" },
    "--device cpu --only kernel/qkvBwd --model stories260k",
  ],
  [
    "selftest",
    "--markdown",
    { "absent/report.md": "absent" },
    "--device cpu --only kernel/qkvBwd --model stories260k",
  ],
];

/** Reports a failing check, which is its purpose. */
const REPORTED = ["doctor --data", "doctor --tokenizer", "doctor --model"];

describe("texts and paths", () => {
  it("every one has its row", () => {
    const known = new Set([
      ...ANY_TEXT,
      ...REPORTED,
      ...TEXTS.map(([command, flag]) => `${command} ${flag}`),
    ]);
    const missing = allFlags.filter(({ flag, title }) => isText(flag) && !known.has(title));
    expect(missing.map(({ title }) => title)).toEqual([]);
  });

  it.each(
    TEXTS.flatMap(([command, flag, bad, rest = ""]) =>
      Object.entries(bad).map(([value, expected]) => ({ command, flag, value, expected, rest })),
    ),
  )("$command $flag $value $rest", async ({ command, flag, value, expected, rest }) => {
    const words = rest === "" ? [] : rest.split(" ");
    await refused([...command.split(" "), ...words, flag, value], flag, expected);
  });

  it("paths that are arguments", async () => {
    await refused(["eval", "absent.bin"], "MODEL", "absent.bin");
    await refused(["sample", "absent.bin"], "MODEL", "absent.bin");
    await refused(
      ["export", "absent.bin", "--format", "bin0", "--out", "x"],
      "MODEL",
      "absent.bin",
    );
    await refused(["info", "absent"], "FILE", "absent");
    await refused(["mil", "print", "absent.mil"], "FILE", "absent.mil");
    await refused(["mil", "plan", "absent.mil"], "FILE", "absent.mil");
    await refused(["mil", "replay", "absent"], "DIR", "absent");
    await refused(["data", "info", "absent.bin"], "FILE", "absent.bin");
    await refused(["data", "tokenize", "absent.txt", "o.bin"], "IN", "absent.txt");
    await refused(["data", "tokenize", "text.txt", "tokens.bin"], "OUT", "tokens.bin");
    await refused(["data", "tokenize", "text.txt", "absent/o.bin"], "OUT", "absent");
    await refused(["data", "download", "nonsense.bin"], "NAME", "nonsense.bin");
    await refused(["runs", "absent"], "FOLDER", "absent");
    await refused(["runs", "export", "absent", "--csv", "x.csv"], "RUN", "absent");
    await refused(["compare", "absent", "text.txt"], "RUN", "absent");
    await refused(["report", "a-folder"], "RUN", "a-folder");
    await refused(["report"], "RUN", "ane train");
  });
});

describe("contradictions", () => {
  it.each([
    ["train --scratch --init model.bin", "--scratch"],
    ["train --steps 5 --tokens 500", "--tokens"],
    ["train --accum 2 --batch-tokens 512", "--batch-tokens"],
    ["train --min-lr 1e-5", "--min-lr"],
    ["train --lr 1e-4 --schedule cosine --min-lr 1", "--min-lr"],
    ["train --warmup 50 --schedule cosine --steps 100", "--warmup"],
    ["train --numerics fp32 --device ane", "--numerics"],
    ["train --compile-budget 1", "--compile-budget"],
    ["train --seq 48", "--seq"],
    ["train --model stories15m --seq 1048576", "--seq"],
    ["train --data tokens.bin --eval-every 5", "--eval-every"],
    ["train --eval-windows 100000", "--eval-windows"],
    ["train --seed 4294967296", "--seed"],
    ["train --beta2 1", "--beta2"],
    ["train --iters 5 --steps 6", "--steps"],
    ["train --init model.bin --model stories15m", "--init"],
    ["export model.bin --format bin0 --out x --dtype fp16", "--dtype"],
    ["export model.bin --format mlpackage --out x.mlpackage --dtype bf16", "--dtype"],
    ["export model.bin --format bin0 --out x --length 32", "--length"],
    ["sample a.bin --init b.bin", "--init"],
    ["sample model.bin", "--tokenizer"],
    ["eval model.bin --data tokens.bin --windows 1000", "--windows"],
    ["eval model.bin --data tokens.bin --seq 4000", "--seq"],
    ["data download tok512.bin tokenizer.bin --url http://127.0.0.1/", "--url"],
    ["mil run program.mil --device ane --numerics fp32", "--numerics"],
  ])("%s", async (line, flag) => {
    await refused(line.split(" "), flag);
  });
});
