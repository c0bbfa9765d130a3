/** The API reference in generated/site/api: a page for each entry of each package, from the sources and their comments. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Application, LogLevel } from "typedoc";

const docs = fileURLToPath(new URL("..", import.meta.url));
const packages = join(docs, "../packages");

const entryPoints = readdirSync(packages)
  .map((name) => join(packages, name))
  .flatMap((folder) => {
    const { exports = {} } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    return Object.values(exports).flatMap((entry) =>
      entry["@ane/source"] ? [join(folder, entry["@ane/source"])] : [],
    );
  });

const application = await Application.bootstrapWithPlugins({
  plugin: ["typedoc-plugin-markdown"],
  entryPoints,
  tsconfig: join(docs, "tsconfig.json"),
  out: join(docs, "generated/site/api"),
  router: "module",
  entryFileName: "index",
  name: "API",
  readme: "none",
  basePath: packages,
  displayBasePath: packages,
  disableSources: true,
  excludePrivate: true,
  excludeInternal: true,
  skipErrorChecking: true, // the type checker's own run tells of them
  hideBreadcrumbs: true,
  hidePageHeader: true,
  useCodeBlocks: true,
  parametersFormat: "table",
  interfacePropertiesFormat: "table",
  typeAliasPropertiesFormat: "table",
  logLevel: LogLevel.Error,
});
const project = await application.convert();
if (!project) throw new Error("API reference: the sources must be readable, got errors above.");
// "mil-builder/src/autodiff" is how it is imported: "@ane/mil-builder/autodiff".
for (const module of project.children ?? []) {
  module.name = `@ane/${module.name
    .replace(/\/src(\/index)?$/, "")
    .replace("/src/", "/")
    .replace(/\/index$/, "")}`;
}
await application.generateOutputs(project);
