/** Makes DOM elements in one expression. */

type Child = Node | string | number | undefined | false;

/** @param names Tag and classes: "button.quiet.small". */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  names: Tag | `${Tag}.${string}`,
  properties: Partial<Omit<HTMLElementTagNameMap[Tag], "style">> & {
    readonly data?: Readonly<Record<string, string>>;
    readonly aria?: Readonly<Record<string, string>>;
  } = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const [tag, ...classes] = names.split(".") as [Tag, ...string[]];
  const made = document.createElement(tag);
  const { data = {}, aria = {}, ...others } = properties;
  made.className = classes.join(" ");
  Object.assign(made, others);
  Object.assign(made.dataset, data);
  for (const [name, value] of Object.entries(aria)) made.setAttribute(`aria-${name}`, value);
  made.append(...present(children));
  return made;
}

/** Exchanges the children. */
export function fill(parent: Element, ...children: readonly Child[]): void {
  parent.replaceChildren(...present(children));
}

function present(children: readonly Child[]): (Node | string)[] {
  return children
    .filter((child): child is Node | string | number => child !== undefined && child !== false)
    .map((child) => (typeof child === "number" ? String(child) : child));
}

/** Writes only what changed: no needless layout. */
export function setText(target: Node, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}
