/** The page of all ops, from the table. */
import { DTYPES } from "../src/dtype.js";
import type { OpDefinition, TypeVariable } from "../src/op-definition.js";
import { FAMILIES } from "../src/ops/table.js";
import type { Domain } from "../src/opset.js";
import type { InputSpec } from "../src/parameter-spec.js";

const HEAD = `# Ops

All MIL ops that the package knows, from its op table. This page is generated: \`node scripts/generate-op-reference.mjs\`.

Each op has the first opset that has it in this form, its parameters and its results. \`?\` marks parameters that may be left out,
\`=\` is what they are then, \`const\` means that they must be known when the program is compiled. Capital letters are type
variables: all parameters of one variable have one dtype. An op without a line on results has one, which its summary describes.
`;

/** Markdown, one section per family. */
export function opReference(): string {
  const families = Object.entries(FAMILIES).map(([name, ops]) => {
    const entries = Object.values(ops).flatMap((entry): readonly OpDefinition[] =>
      "type" in entry ? [entry] : entry,
    );
    return `## ${name}\n\n${entries.map(section).join("\n\n")}\n`;
  });
  const count = Object.values(FAMILIES).reduce((sum, ops) => sum + Object.keys(ops).length, 0);
  return `${HEAD}\n${count} ops.\n\n${families.join("\n")}`;
}

function section(definition: OpDefinition): string {
  const { type, since, inputs, types, results, summary, refused } = definition;
  const parameters = Object.entries(inputs).map(([name, spec]) => parameter(name, spec));
  const variables = Object.entries(types).map(([name, variable]) => typeVariable(name, variable));
  const lines = [
    ...parameters,
    ...(variables.length === 0 ? [] : [variables.join("; ")]),
    ...(results === undefined ? [] : [`results: ${resultNames(results)}`]),
    ...(refused === undefined ? [] : [`not computed by the interpreter: ${refused}`]),
  ];
  const list = lines.map((line) => `- ${line}`).join("\n");
  return `### ${type} (${since})\n\n${summary}\n\n${list}`;
}

function resultNames(results: readonly string[]): string {
  return results.length === 0 ? "none" : results.map((name) => `\`${name}\``).join(", ");
}

function parameter(name: string, spec: InputSpec): string {
  const mark = spec.required ? "" : "?";
  const value = spec.fallback === undefined ? spec.absence : JSON.stringify(spec.fallback);
  const fallback = value === undefined ? "" : ` = ${value}`;
  const since = spec.since === undefined ? "" : ` (from ${spec.since})`;
  return `\`${name}${mark}: ${kind(spec)}${fallback}\`${since}`;
}

function kind(spec: InputSpec): string {
  switch (spec.kind) {
    case "tensor": {
      const { constant, variable } = spec;
      if (typeof constant === "object") return `${variable} const before ${constant.before}`;
      return constant ? `${variable} const` : variable;
    }
    case "tuple":
      return `tuple of ${spec.variable}`;
    case "any_tuple":
      return "tuple of any types";
    case "any":
      return "any type";
    case "list":
      return spec.constant ? "list const" : "list";
    case "state":
      return "state";
    case "integer":
      return `${domain(spec.dtypes)}${spec.dynamic ? "" : " const"}`;
    case "integers":
      return `${domain(spec.dtypes)} vector${spec.dynamic ? "" : " const"}`;
    case "integer_tuple":
      return `tuple of ${domain(spec.dtypes)}${spec.dynamic ? "" : " const"}`;
    case "flag_tuple":
      return "tuple of bool const";
    case "scalar":
      return `${spec.variable} scalar const`;
    case "flag":
      return "bool const";
    case "flags":
      return "bool vector const";
    case "text":
      return "string const";
    case "choice":
      return spec.choices.map((choice) => JSON.stringify(choice)).join(" or ");
  }
}

function typeVariable(name: string, { domain: dtypes, tiedTo }: TypeVariable): string {
  const tie = tiedTo === undefined ? "" : `, equal to ${tiedTo.variable} before ${tiedTo.before}`;
  return `\`${name}\`: ${domain(dtypes)}${tie}`;
}

function domain(dtypes: Domain): string {
  if (isList(dtypes)) {
    return dtypes.length === Object.keys(DTYPES).length ? "any dtype" : dtypes.join("/");
  }
  return Object.entries(dtypes)
    .map(([opset, list], index) => `${index === 0 ? "" : `from ${opset} `}${list?.join("/")}`)
    .join(", ");
}

function isList(dtypes: Domain): dtypes is readonly (keyof typeof DTYPES)[] {
  return Array.isArray(dtypes);
}
