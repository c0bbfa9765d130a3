/** `ane completion`: the script of a shell. */
import { buildCommand } from "@stricli/core";
import { COMPLETION_SCRIPTS, SHELLS, type Shell } from "../completion/scripts.js";
import type { Context } from "../context.js";

export const completionCommand = buildCommand<Record<never, never>, [Shell], Context>({
  func(this: Context, _flags, shell) {
    this.process.stdout.write(COMPLETION_SCRIPTS[shell]);
  },
  parameters: {
    flags: {},
    positional: {
      kind: "tuple",
      parameters: [
        {
          placeholder: "SHELL",
          brief: SHELLS.join(", "),
          parse: parseShell,
          proposeCompletions: () => SHELLS,
        },
      ],
    },
  },
  docs: {
    brief: "Completion of commands, flags and values for your shell",
    fullDescription: [
      "Prints a script that makes the shell complete commands, flags and their values.",
      "",
      "Examples:",
      "  source <(ane completion bash)               # in ~/.bashrc",
      "  source <(ane completion zsh)                # in ~/.zshrc, after compinit",
      "  ane completion fish > ~/.config/fish/completions/ane.fish",
    ].join("\n"),
  },
});

function parseShell(input: string): Shell {
  const shell = SHELLS.find((name) => name === input);
  if (shell !== undefined) return shell;
  throw new SyntaxError(`expected ${SHELLS.join(", ")}, got "${input}"`);
}
