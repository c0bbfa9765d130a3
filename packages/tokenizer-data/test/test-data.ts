// Data outside the repository, found through ANE_TEST_DATA; tests that need it skip with a printed reason without it.

import { join } from "node:path";

const root = process.env.ANE_TEST_DATA;

/** Path of a test data file, or undefined (and a printed reason) without ANE_TEST_DATA. */
export function testData(name: string): string | undefined {
  if (root === undefined) {
    console.warn(
      `skipped: ${name} is not available. Set ANE_TEST_DATA to the folder of test data.`,
    );
    return undefined;
  }
  return join(root, name);
}
