/** Where tests find data that is not in the repository. */
import { existsSync } from "node:fs";
import { join } from "node:path";

/** The path of external test data, or undefined with the reason printed. */
export function externalData(...path: readonly string[]): string | undefined {
  const root = process.env.ANE_TEST_DATA;
  const found = root === undefined ? undefined : join(root, ...path);
  if (found !== undefined && existsSync(found)) return found;
  const reason = found === undefined ? "ANE_TEST_DATA is unset" : `${found} does not exist`;
  console.warn(`skipped: ${reason} (external data "${path.join("/")}")`);
  return undefined;
}
