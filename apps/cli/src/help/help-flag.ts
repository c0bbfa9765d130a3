/** `--help` and `--help-all`: the framework's help, fitted to the terminal. */
import type { StricliIntegration } from "@stricli/core";
import type { Context } from "../context.js";
import { fitHelp } from "./fit-help.js";

/** Where the output is no terminal. */
const DEFAULT_COLUMNS = 80;

interface HelpFlag {
  readonly brief: string;
  readonly alias: "h" | "H";
  /** Flags that the list leaves out, too. */
  readonly all: boolean;
}

export function helpFlag({ brief, alias, all }: HelpFlag): StricliIntegration<Context> {
  return {
    flag: {
      brief,
      aliases: [alias],
      global: true,
      hidden: all,
      defaultForRouteMap: !all,
      run({ config }, { text, ansiColorByStream, result, additionalFlags }) {
        const help = result.target.formatHelp({
          prefix: result.prefix,
          additionalFlags,
          includeArgumentEscapeSequenceFlag: config.scanner.allowArgumentEscapeSequence,
          includeHidden: all,
          config: config.documentation,
          aliases: result.aliases[config.documentation.caseStyle],
          text,
          ansiColor: false,
        });
        const { stdout } = this.process;
        const isTerminal = "columns" in stdout && typeof stdout.columns === "number";
        const columns = isTerminal ? Number(stdout.columns) : DEFAULT_COLUMNS;
        stdout.write(fitHelp(help, columns, ansiColorByStream.stdout));
      },
    },
  };
}
