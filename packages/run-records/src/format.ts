/** Numbers as people read them. */

/** 83 s → "1:23", 3723 s → "1:02:03"; seconds are rounded. @param milliseconds Negative counts as 0. */
export function formatDuration(milliseconds: number): string {
  const total = Math.max(0, Math.round(milliseconds / 1000));
  const pad = (value: number) => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(total / 3600), Math.floor(total / 60) % 60];
  const seconds = pad(total % 60);
  return hours > 0 ? `${hours}:${pad(minutes)}:${seconds}` : `${minutes}:${seconds}`;
}

/** 109529856 → "109.53M". */
export function formatCount(count: number): string {
  return withUnit(count, ["B", "M", "K"]) ?? String(count);
}

/** 1314358272 → "1.31 GB". */
export function formatBytes(bytes: number): string {
  return withUnit(bytes, [" GB", " MB", " KB"]) ?? `${bytes} B`;
}

function withUnit(value: number, suffixes: readonly [string, string, string]): string | undefined {
  const index = [1e9, 1e6, 1e3].findIndex((unit) => value >= unit);
  return index < 0 ? undefined : `${(value / 10 ** (9 - 3 * index)).toFixed(2)}${suffixes[index]}`;
}

/** With the digits that matter: "1183 ms", "48.2 ms", "0.03 ms". */
export function formatMs(milliseconds: number): string {
  return `${milliseconds.toFixed(milliseconds >= 100 ? 0 : milliseconds >= 1 ? 1 : 2)} ms`;
}
