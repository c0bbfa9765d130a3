/** Bundles the page from its sources, so that the tests see those and not an earlier build. */
export async function setup(): Promise<void> {
  const script = "../../scripts/build-page.mjs";
  await import(script);
}
