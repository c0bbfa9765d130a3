/** Numbers as the page shows them; what is not known is "n/a". */
import { formatCount, formatDuration } from "@ane/run-records";

export const UNKNOWN = "n/a";

/** As `format` has it, where there is a number. */
export function known(value: number | null | undefined, format: (value: number) => string): string {
  return value === undefined || value === null || !Number.isFinite(value) ? UNKNOWN : format(value);
}

export const integer = (value: number) => Math.round(value).toLocaleString("en-US");
export const loss = (value: number) => value.toFixed(value < 10 ? 3 : 2);
export const percent = (share: number) =>
  `${(100 * share).toFixed(share > 0 && share < 0.0995 ? 1 : 0)}%`;
export const count = (value: number) =>
  formatCount(Math.round(value)).replace(/\.?0+(?=[KMB]$)/, "");
export const duration = formatDuration;

/** Three digits, small numbers as powers of ten: 0.00031 → "3.1e-4". */
export function number(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size < 1e-3) return value.toExponential(2).replace(/\.?0+e/, "e");
  return size >= 1000 ? integer(value) : String(Number(value.toPrecision(3)));
}

/** @param tera 10^12 floating-point operations per second. */
export const flops = (tera: number) =>
  tera < 1 ? `${number(1000 * tera)} GFLOPS` : `${number(tera)} TFLOPS`;

/** "14:32", with the day if it is another one. @param time Milliseconds since 1970. */
export function clock(time: number): string {
  const date = new Date(time);
  const hours = date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const isToday = date.toDateString() === new Date().toDateString();
  const day = date.toLocaleDateString([], { weekday: "short", day: "numeric", month: "short" });
  return isToday ? hours : `${day}, ${hours}`;
}

/** "now", "5 min ago". @param time Milliseconds since 1970. */
export function ago(time: number): string {
  const minutes = (Date.now() - time) / 60_000;
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${Math.floor(minutes)} min ago`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ago`;
  return `${Math.floor(minutes / 1440)} days ago`;
}
