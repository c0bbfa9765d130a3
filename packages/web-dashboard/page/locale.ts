/**
 * Comes before uPlot, which formats numbers in `navigator.language` as soon as it is loaded: Chromium says "en-US@posix" where
 * LANG is C, which is no language, and the page would stay empty.
 */
try {
  new Intl.NumberFormat(navigator.language);
} catch {
  Object.defineProperty(navigator, "language", { value: "en-US" });
}
