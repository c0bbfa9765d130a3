/** SHA-256 of what a checkpoint holds, section by section. */
import { createHash } from "node:crypto";
import { readCheckpointFile, type SectionName } from "../../src/checkpoint-file.js";
import { listCheckpoints } from "../../src/checkpoints.js";
import { runPaths } from "../../src/run-directory.js";

export type SectionDigests = Readonly<Partial<Record<SectionName, string>>>;

/** @throws CheckpointDamage if the file is not intact */
export function readSections(path: string): { step: number; digests: SectionDigests } {
  const sections: Partial<Record<SectionName, Float32Array>> = {};
  const { step } = readCheckpointFile(path, (header) => {
    for (const name of header.sections) sections[name] = new Float32Array(header.length);
    return sections;
  });
  const digests = Object.entries(sections).map(([name, section]) => [
    name,
    createHash("sha256").update(section).digest("hex"),
  ]);
  return { step, digests: Object.fromEntries(digests) };
}

/** Of the newest checkpoint of a run. */
export function newestSections(directory: string) {
  const [newest] = listCheckpoints(runPaths(directory).checkpoints);
  return newest && readSections(newest.path);
}
