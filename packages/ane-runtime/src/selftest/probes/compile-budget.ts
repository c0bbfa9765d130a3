/** Probe 5: how many compilations a process survives, and what counts. Every case ends its process's budget, so it reports on the way. */
import { tensor } from "@ane/mil-builder";
import type { CompiledKernel } from "../../device.js";
import type { CaseResult, SelftestCase } from "../case.js";
import { messageOf } from "../check-program.js";
import { freshProgram } from "../fresh-program.js";
import type { Workbench } from "../workbench.js";
import { type Probe, probeProgram } from "./probe.js";

/** Reports of the limit go from 110 to 132; loaded kernels of up to 226 are reported to work. */
const ATTEMPTS = 300;
const REPORT_EVERY = 10;

type Keep = "kept" | "disposed";

interface Attempts {
  readonly id: string;
  readonly question: string;
  readonly keep: Keep;
  readonly sameProgram: boolean;
  readonly changes: Readonly<Record<string, string>>;
}

const CASES: readonly Attempts[] = [
  {
    id: "5/different programs, kept",
    question: `How many of ${ATTEMPTS} different programs can a process compile and keep?`,
    keep: "kept",
    sameProgram: false,
    changes: {
      limited: "set the default budget a little below this count",
      "not limited": "raise the default budget to this count",
    },
  },
  {
    id: "5/different programs, disposed",
    question: "Is it more if each kernel is disposed of before the next one is compiled?",
    keep: "disposed",
    sameProgram: false,
    changes: {
      limited: "if the count is that of kept kernels: unloading gives nothing back",
      "not limited": "what is limited is loaded kernels, not compilations",
    },
  },
  {
    id: "5/one program, again and again",
    question: "Do compilations that the system's cache answers count?",
    keep: "disposed",
    sameProgram: true,
    changes: {
      limited: "cached programs count too: charge them to the budget",
      "not limited": "cached programs do not count, as the budget has it",
    },
  },
];

export const compileBudget: Probe = {
  number: 5,
  title: "Compilations of one process",
  cases: CASES.map(budgetCase),
};

function budgetCase({ id, question, keep, sameProgram, changes }: Attempts): SelftestCase {
  return {
    id,
    question,
    rule: "compile budget (119 by default)",
    changes: {
      ...changes,
      crashed: "the count before the crash is the limit",
      otherwise: "nothing",
    },
    run: (bench, progress) => exhaust(bench, progress, keep, sameProgram),
  };
}

function exhaust(
  bench: Workbench,
  progress: (where: string) => void,
  keep: Keep,
  sameProgram: boolean,
): CaseResult {
  const kernels: CompiledKernel[] = [];
  const scale = probeProgram(bench, (f) => ({
    y: f.mul({ x: f.input("x", tensor("fp16", [1, 4, 1, 32])), y: 2 }),
  }));
  const same = freshProgram(scale);
  for (let count = 0; count < ATTEMPTS; count++) {
    if (count % REPORT_EVERY === 0) progress(`after ${count} calls of the compiler`);
    const program = sameProgram ? same : freshProgram(scale);
    try {
      const kernel = bench.device.compile(program, new Map(), { name: "budget" });
      if (keep === "kept") kernels.push(kernel);
      else kernel.dispose();
    } catch (error) {
      return {
        answer: "limited",
        details: `${count} calls, ${bench.device.budget.used} of them compiled, then ${messageOf(error)}`,
        observed: { calls: count, compilations: bench.device.budget.used },
      };
    }
  }
  return {
    answer: "not limited",
    details: `${ATTEMPTS} calls, ${bench.device.budget.used} of them compiled`,
    observed: { calls: ATTEMPTS, compilations: bench.device.budget.used },
  };
}
