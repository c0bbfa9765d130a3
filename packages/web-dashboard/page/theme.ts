/** Light or dark, as the system has it or as chosen; and the style sheet's colours for canvases. */
import { recall, remember } from "./view.js";

export type Theme = "auto" | "light" | "dark";

const KEY = "ane.theme";
const ORDER: readonly Theme[] = ["auto", "light", "dark"];

export function currentTheme(): Theme {
  const found = recall(KEY);
  return ORDER.find((theme) => theme === found) ?? "auto";
}

export function applyTheme(theme: Theme): void {
  remember(KEY, theme);
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

export function nextTheme(): Theme {
  return ORDER[(ORDER.indexOf(currentTheme()) + 1) % ORDER.length]!;
}

const known = new Map<string, string>();
let scheme = "";

/** "rgb(…)", for canvases, which know no custom properties. @param name Of one, without its dashes. */
export function colour(name: string): string {
  const root = document.documentElement;
  const now = `${root.dataset.theme} ${matchMedia("(prefers-color-scheme: dark)").matches}`;
  if (now !== scheme) known.clear();
  scheme = now;
  const found = known.get(name);
  if (found !== undefined) return found;
  root.style.outlineColor = `var(--${name})`; // any property that resolves colours and shows nothing
  const value = getComputedStyle(root).outlineColor;
  root.style.outlineColor = "";
  known.set(name, value);
  return value;
}

/** Of a run in a comparison. */
export function runColour(index: number): string {
  return colour(`run-${index % 8}`);
}

/** @param rgb "rgb(1, 2, 3)" */
export function faded(rgb: string, opacity: number): string {
  return rgb.replace(/^rgb\((.*)\)$/, `rgba($1, ${opacity})`);
}
