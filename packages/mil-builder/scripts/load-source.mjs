// Loads a TypeScript module of this package without a build.
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { createViteServer } from "vitest/node";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** What `use` makes of the exports of the module at `path`, relative to the package. */
export async function withSource(path, use) {
  const server = await createViteServer({
    root,
    configFile: false,
    logLevel: "error",
    server: { middlewareMode: true, hmr: false, ws: false, watch: null },
    optimizeDeps: { noDiscovery: true },
  });
  try {
    return await use(await server.ssrLoadModule(`/${path}`));
  } finally {
    await server.close();
  }
}
