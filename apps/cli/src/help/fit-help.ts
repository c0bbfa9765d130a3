/** Help as the framework renders it, plain and with lines of any length, folded to a width. */

/** Below this, folding columns helps nobody. */
const LEAST_COLUMNS = 60;
/** Above this, lines are hard to read. */
const MOST_COLUMNS = 100;

// A flag with its letter, an argument, a command or a file, then a gap, then what it is.
const ROW = /^( +(?:-\w +)?)(\S+)( {2,})(\S.*)$/;
// "[default = 1]" stays together.
const BETWEEN_WORDS = /(?<! =) +(?!= )/;

/**
 * Prose is filled paragraph by paragraph, the second column of a table keeps its left edge, examples and usage that are too
 * long go on with a deeper indentation. Words are neither changed nor left out.
 * @param isStyled Underline headers and make names bold.
 */
export function fitHelp(help: string, columns: number, isStyled: boolean): string {
  const width = Math.min(Math.max(columns, LEAST_COLUMNS), MOST_COLUMNS);
  const style = (code: number, end: number, text: string) =>
    isStyled ? `\x1b[${code}m${text}\x1b[${end}m` : text;

  const fitLine = (line: string): string => {
    if (/^[A-Z]+$/.test(line)) return style(4, 24, line);
    const row = ROW.exec(line);
    if (row !== null) {
      const [, letter = "", name = "", gap = "", brief = ""] = row;
      const start = letter.length + name.length + gap.length;
      return style(1, 22, letter + name) + gap + fill(brief, start, start, width);
    }
    if (line.length <= width) return line;
    const indent = line.search(/\S/);
    return " ".repeat(indent) + fill(line.trim(), indent, indent > 0 ? indent + 4 : 0, width);
  };
  // Neighbouring lines of prose are one paragraph.
  const unfilled = help.replaceAll(/(?<=^\S.*)\n(?=\S)/gm, " ");
  return unfilled
    .split("\n")
    .map((line) => fitLine(line.trimEnd()))
    .join("\n");
}

/** @param column Where the first word stands. @param indent Where later lines begin. */
function fill(text: string, column: number, indent: number, width: number): string {
  const [first = "", ...words] = text.split(BETWEEN_WORDS);
  let filled = first;
  let end = column + first.length;
  for (const word of words) {
    const fits = end + 1 + word.length <= width;
    filled += (fits ? " " : `\n${" ".repeat(indent)}`) + word;
    end = (fits ? end + 1 : indent) + word.length;
  }
  return filled;
}
