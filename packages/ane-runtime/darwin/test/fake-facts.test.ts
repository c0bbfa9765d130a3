/** The fake framework against the class-dumps: every method that it has is one of theirs, with the same types. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { openDevice } from "../../src/index.js";
import { publishedMethods } from "./support/fake.js";

interface Fact {
  readonly class: string;
  readonly method: string;
  readonly encoding: string;
}

/** GNUstep's BOOL is an unsigned char. */
const booleansOfDarwin = (encoding: string) => encoding.replaceAll("C", "B");

it("has no method that no class-dump has", () => {
  openDevice("ane").dispose();
  const file = new URL("../facts/private-methods.json", import.meta.url);
  const { methods }: { methods: readonly Fact[] } = JSON.parse(readFileSync(file, "utf8"));
  const facts = new Map(methods.map((fact) => [`${fact.class} ${fact.method}`, fact.encoding]));
  const published = Object.entries(publishedMethods());
  expect(published.length).toBeGreaterThan(30);
  const unknown = published.filter(
    ([name, encoding]) => facts.get(name) !== booleansOfDarwin(encoding),
  );
  expect(unknown.map(([name, encoding]) => [name, encoding, facts.get(name)])).toEqual([]);
});
