/** After each test: no rule of the framework was broken, nothing of it lives, and no folder is left. */
import { afterEach, expect } from "vitest";
import { collectGarbage, living, reset, violations } from "./fake.js";
import { folders, ownerRecords } from "./folders.js";

afterEach(async () => {
  reset();
  await collectGarbage();
  const left = {
    violations: violations(),
    living: living(),
    folders: folders(),
    ownerRecords: ownerRecords(),
  };
  expect(left).toEqual({ violations: [], living: {}, folders: [], ownerRecords: [] });
});
