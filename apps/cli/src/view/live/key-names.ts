/** What a terminal in raw mode sends, as names of keys: "q", "space", "tab", "up", "ctrl-c". */

const SEQUENCES: Readonly<Record<string, string>> = {
  "\u001b[A": "up",
  "\u001b[B": "down",
  "\u001b[C": "right",
  "\u001b[D": "left",
  "\u001bOA": "up",
  "\u001bOB": "down",
  "\u001bOC": "right",
  "\u001bOD": "left",
  "\u001b[5~": "page-up",
  "\u001b[6~": "page-down",
  "\u001b[Z": "shift-tab",
};

const CONTROLS: Readonly<Record<string, string>> = {
  " ": "space",
  "\t": "tab",
  "\r": "enter",
  "\n": "enter",
  "\u0003": "ctrl-c",
  "\u000c": "ctrl-l",
  "\u001a": "ctrl-z",
  "\u001b": "escape",
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: terminals send control characters
const TOKEN = /\u001b(?:\[[0-9;?<]*[A-Za-z~]|O[A-Z])?|[\s\S]/gu;

/** Unknown sequences are left out, so that they do not act as the letters that they contain. */
export function keyNames(input: string): string[] {
  return (input.match(TOKEN) ?? []).flatMap((token) => {
    const name = SEQUENCES[token] ?? CONTROLS[token];
    if (name !== undefined) return [name];
    return token.length > 2 || token < " " ? [] : [token];
  });
}
