// Builds the addon where there is an engine for it. Elsewhere nothing is needed.
if (process.platform === "darwin" && process.arch === "arm64") {
  await import("../../../scripts/node-gyp.mjs");
}
