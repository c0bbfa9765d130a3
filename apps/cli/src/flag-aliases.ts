/** Names that other programs have for our flags: llama2.c, nanoGPT, mlx-lm, maderix/ANE. Help's list has ours alone. */

type Aliases = Readonly<Record<string, readonly string[]>>;

const MODEL: Aliases = { init: ["model", "ckpt", "checkpoint"] };

/** By command: our flag, and what else it is called. */
const FLAG_ALIASES: Readonly<Record<string, Aliases>> = {
  train: {
    steps: ["iters", "max-iters", "max-steps", "num-iterations"],
    lr: ["learning-rate"],
    accum: ["grad-accum", "gradient-accumulation-steps", "batch-size"],
    seq: ["max-seq-len", "seq-len"],
    warmup: ["warmup-iters", "warmup-steps"],
    "min-lr": ["min-learning-rate"],
    "decay-updates": ["lr-decay-iters"],
    "weight-decay": ["wd"],
    epsilon: ["eps"],
    clip: ["grad-clip", "max-grad-norm"],
    init: ["ckpt", "checkpoint", "init-from"],
    validation: ["val-data", "valid-data"],
    "eval-every": ["eval-interval", "steps-per-eval"],
    "eval-windows": ["eval-iters", "val-batches"],
    "sample-every": ["sample-interval"],
    "sample-prompts": ["sample-prompt"],
    "save-every": ["save-interval", "checkpoint-every"],
    "log-every": ["log-interval", "steps-per-report"],
    out: ["out-dir", "output-dir"],
  },
  eval: { ...MODEL, data: ["val-data"], seq: ["max-seq-len", "seq-len"], windows: ["eval-iters"] },
  sample: {
    ...MODEL,
    temperature: ["temp"],
    steps: ["max-tokens", "max-new-tokens", "num-tokens"],
    prompt: ["start"],
  },
  plan: { seq: ["max-seq-len", "seq-len"], accum: ["grad-accum", "batch-size"] },
};
// The same flags.
const COMMANDS: Readonly<Record<string, string>> = { "config show": "train" };

function aliasesOf(command: string): Aliases {
  return FLAG_ALIASES[COMMANDS[command] ?? command] ?? {};
}

/** Our name of a flag, in kebab case; the name itself where it is no alias. Underscores count as hyphens. */
export function flagName(command: string, name: string): string {
  const kebab = name.replaceAll("_", "-");
  const entry = Object.entries(aliasesOf(command)).find(([, others]) => others.includes(kebab));
  return entry?.[0] ?? kebab;
}

/** Arguments with our names in place of aliases, empty values as such, and `help X` as `X --help`; what follows `--` is left alone. */
export function withoutAliases(inputs: readonly string[]): string[] {
  if (inputs[0] === "help") return [...withoutAliases(inputs.slice(1)), "--help"];
  const both = inputs.slice(0, 2).join(" ");
  const command = both in COMMANDS ? both : (inputs[0] ?? "");
  const end = inputs.indexOf("--");
  return inputs.flatMap((input, index) => {
    const parts = /^--([A-Za-z][\w-]*)(=.*)?$/s.exec(input);
    if (!parts || (end >= 0 && index > end)) return input;
    const name = `--${flagName(command, parts[1]!)}`;
    // The framework takes `--name=` for an argument.
    return parts[2] === "=" ? [name, ""] : `${name}${parts[2] ?? ""}`;
  });
}

/** A table for a command's help. */
export function describeAliases(command: string): string {
  const rows = Object.entries(aliasesOf(command)).map(([flag, others]) => [`--${flag}`, ...others]);
  const width = Math.max(...rows.map(([flag = ""]) => flag.length));
  return [
    "Names from other programs are understood too:",
    ...rows.map(([flag = "", ...others]) => `  ${flag.padEnd(width)}  --${others.join(", --")}`),
  ].join("\n");
}
