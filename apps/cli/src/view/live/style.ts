/** What parts of the picture are, and how a terminal shows that: in its own sixteen colours, or without any. */

export const STYLES = {
  plain: { colour: "", mono: "" },
  dim: { colour: "2", mono: "2" },
  bold: { colour: "1", mono: "1" },
  title: { colour: "1;36", mono: "1" },
  frame: { colour: "2", mono: "2" },
  /** Losses of single micro-steps. */
  dots: { colour: "2;36", mono: "2" },
  smoothed: { colour: "1;36", mono: "1" },
  validation: { colour: "1;33", mono: "1" },
  reference: { colour: "35", mono: "2" },
  good: { colour: "32", mono: "" },
  warning: { colour: "33", mono: "1" },
  bad: { colour: "1;31", mono: "1;7" },
  key: { colour: "1;34", mono: "1" },
  device: { colour: "36", mono: "" },
  processor: { colour: "32", mono: "" },
  waiting: { colour: "33", mono: "" },
} as const satisfies Record<string, { colour: string; mono: string }>;

export type Style = keyof typeof STYLES;

/** "mono" is for NO_COLOR and terminals without colours: bold, faint and reverse only. */
export type Palette = "colour" | "mono";

/** Parameters of the terminal's code for it, "" for none. */
export function styleCode(palette: Palette, style: Style): string {
  return STYLES[style][palette];
}

/** The characters that pictures are made of. */
export interface Glyphs {
  readonly braille: boolean;
  readonly horizontal: string;
  readonly vertical: string;
  /** Top left, top right, bottom left, bottom right. */
  readonly corners: readonly [string, string, string, string];
  readonly full: string;
  readonly empty: string;
  readonly dashed: string;
  readonly running: string;
  readonly paused: string;
  readonly ended: string;
  readonly ellipsis: string;
  readonly down: string;
  readonly up: string;
}

export const UNICODE_GLYPHS: Glyphs = {
  braille: true,
  horizontal: "─",
  vertical: "│",
  corners: ["╭", "╮", "╰", "╯"],
  full: "█",
  empty: "·",
  dashed: "╌",
  running: "●",
  paused: "‖",
  ended: "■",
  ellipsis: "…",
  down: "↓",
  up: "↑",
};

export const ASCII_GLYPHS: Glyphs = {
  braille: false,
  horizontal: "-",
  vertical: "|",
  corners: ["+", "+", "+", "+"],
  full: "#",
  empty: ".",
  dashed: "-",
  running: "*",
  paused: "=",
  ended: "#",
  ellipsis: "~",
  down: "v",
  up: "^",
};
