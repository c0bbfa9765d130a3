/** Runs `ane mil derive`. */
import { type Context, userPath } from "../context.js";
import { namingLater } from "../naming.js";
import type { MilDeriveFlags } from "./mil-derive.js";

export async function runMilDerive(
  this: Context,
  { pipeline, print, json }: MilDeriveFlags,
  file: string,
): Promise<void> {
  const { describeLayers } = await import("@ane/trainer");
  const path = userPath(this, file);
  const types = await namingLater("MODULE", () =>
    describeLayers(path, pipeline === undefined ? {} : { pipeline }),
  );
  const { stdout } = this.process;
  if (json) {
    stdout.write(`${JSON.stringify({ path, types })}\n`);
    return;
  }
  for (const { layers, explanation, kernels } of types) {
    stdout.write(`layer ${layers.join(", ")}\n${explanation}\n`);
    if (print) stdout.write(kernels.map(({ name, mil }) => `\n${name}\n${mil}\n`).join(""));
    stdout.write("\n");
  }
}
