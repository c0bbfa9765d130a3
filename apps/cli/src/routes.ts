/** The commands by name, in the order that help lists them: a new one is an import and a line here. */
import { benchCommand } from "./commands/bench.js";
import { compareCommand } from "./commands/compare.js";
import { completionCommand } from "./commands/completion.js";
import { configCommands } from "./commands/config.js";
import { dashCommand } from "./commands/dash.js";
import { dataCommands } from "./commands/data.js";
import { doctorCommand } from "./commands/doctor.js";
import { evalCommand } from "./commands/eval.js";
import { exportCommand } from "./commands/export.js";
import { infoCommand } from "./commands/info.js";
import { milCommands } from "./commands/mil.js";
import { planCommand } from "./commands/plan.js";
import { reportCommand } from "./commands/report.js";
import { runsCommands } from "./commands/runs.js";
import { sampleCommand } from "./commands/sample.js";
import { selftestCommand } from "./commands/selftest.js";
import { trainCommand } from "./commands/train.js";

export const routes = {
  train: trainCommand,
  dash: dashCommand,
  runs: runsCommands,
  compare: compareCommand,
  report: reportCommand,
  eval: evalCommand,
  sample: sampleCommand,
  export: exportCommand,
  data: dataCommands,
  info: infoCommand,
  config: configCommands,
  plan: planCommand,
  mil: milCommands,
  selftest: selftestCommand,
  doctor: doctorCommand,
  bench: benchCommand,
  completion: completionCommand,
};
