/** Numbers as people read them. */

/** 83 → "1:23", 3723 → "1:02:03"; seconds are rounded. */
export function formatDuration(milliseconds: number): string {
  const total = Math.max(0, Math.round(milliseconds / 1000));
  const pad = (value: number) => String(value).padStart(2, "0");
  const [hours, minutes, seconds] = [
    Math.floor(total / 3600),
    Math.floor(total / 60) % 60,
    total % 60,
  ];
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(seconds)}` : `${minutes}:${pad(seconds)}`;
}

/** 109529856 → "109.53M". */
export function formatCount(count: number): string {
  for (const [unit, suffix] of [
    [1e9, "B"],
    [1e6, "M"],
    [1e3, "K"],
  ] as const) {
    if (count >= unit) return `${(count / unit).toFixed(2)}${suffix}`;
  }
  return String(count);
}

/** 1314358272 → "1.31 GB". */
export function formatBytes(bytes: number): string {
  for (const [unit, suffix] of [
    [1e9, "GB"],
    [1e6, "MB"],
    [1e3, "KB"],
  ] as const) {
    if (bytes >= unit) return `${(bytes / unit).toFixed(2)} ${suffix}`;
  }
  return `${bytes} B`;
}

/** Milliseconds with the digits that matter: "1183 ms", "48.2 ms". */
export function formatMs(milliseconds: number): string {
  return `${milliseconds >= 100 ? Math.round(milliseconds) : milliseconds.toFixed(1)} ms`;
}
