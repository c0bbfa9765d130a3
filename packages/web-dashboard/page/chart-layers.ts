/** What a chart shows. */
import type { CurveData } from "./run-data.js";

export interface Layer {
  readonly label: string;
  readonly colour: string;
  readonly curve: CurveData;
  readonly style: "dots" | "line" | "marks";
  readonly dashed?: boolean;
  /** With a shade down to the axis. */
  readonly shaded?: boolean;
  /** Behind the others. */
  readonly faint?: boolean;
  /** Left out where the pointer is explained. */
  readonly silent?: boolean;
}

export interface Line {
  readonly label: string;
  readonly value: number;
  /** The axis is stretched to have it. */
  readonly wanted?: boolean;
}
