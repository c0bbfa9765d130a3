/** Line icons of 16 × 16, drawn here: no font has all of them. */

const PATHS = {
  system: "M8 2a6 6 0 1 0 0 12V2z M8 2a6 6 0 0 1 0 12",
  light:
    "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6z M8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M3 13l1-1M12 4l1-1",
  dark: "M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7z",
  keys: "M6 6a2 2 0 1 1 2.8 1.8c-.5.3-.8.6-.8 1.2v.5 M8 12v.2",
  check: "M3.5 8.5l3 3 6-7",
  earlier: "M10 3L5 8l5 5",
  later: "M6 3l5 5-5 5",
} as const;

export type IconName = keyof typeof PATHS;

export function icon(name: IconName): SVGSVGElement {
  const made = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  made.setAttribute("viewBox", "0 0 16 16");
  made.setAttribute("class", `line-icon ${name}`);
  made.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", PATHS[name]);
  made.append(path);
  return made;
}
