/** From what the caller gives to a complete configuration, whatever defines the model. */
import type { TrainOptions } from "./options.js";
import { loadModelModule } from "./resolve-definition.js";
import { resolveOptions } from "./resolve-options.js";
import type { ResolvedRun } from "./run-config.js";

/** @throws OptionError naming the option and its value; nothing has been written then */
export async function resolveRun(options: TrainOptions): Promise<ResolvedRun> {
  return resolveOptions(options, await loadModelModule(options));
}
