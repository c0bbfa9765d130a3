/** Every command with its flags, as the framework has them: tests that hold for all of them need no list. */
import { routes } from "../src/routes.js";

export interface Flag {
  readonly kind: "boolean" | "counter" | "enum" | "parsed";
  readonly brief: string;
  readonly hidden?: boolean;
  readonly values?: readonly string[];
  readonly parse?: (input: string) => unknown;
  readonly variadic?: boolean | string;
  readonly inferEmpty?: boolean;
}

interface Positionals {
  readonly kind: "tuple" | "array";
  readonly parameters?: readonly { readonly optional?: boolean; readonly placeholder?: string }[];
}

export interface FoundCommand {
  readonly command: readonly string[];
  readonly flags: Readonly<Record<string, Flag>>;
  readonly positional: Positionals | undefined;
}

type Target = (typeof routes)[keyof typeof routes];

function commandsIn(target: Target, command: readonly string[]): FoundCommand[] {
  if ("getAllEntries" in target) {
    return target
      .getAllEntries()
      .flatMap(({ name, target: inner }) =>
        commandsIn(inner as Target, [...command, name.original]),
      );
  }
  const { flags = {}, positional } = target.parameters as unknown as Partial<FoundCommand>;
  return [{ command, flags, positional }];
}

export function allCommands(): FoundCommand[] {
  return Object.entries(routes).flatMap(([name, target]) => commandsIn(target, [name]));
}
