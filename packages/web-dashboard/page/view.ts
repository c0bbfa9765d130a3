/** What of the curves is shown and how: the same for all charts, remembered by the browser. */

export interface View {
  /** Micro-steps: all, the newest n, or from one to another. */
  readonly range:
    | { readonly kind: "all" }
    | { readonly kind: "last"; readonly count: number }
    | { readonly kind: "span"; readonly from: number; readonly to: number };
  readonly logX: boolean;
  readonly logY: boolean;
  readonly smoothing: 0 | 90 | 98;
  readonly references: boolean;
}

const KEY = "ane.view";
const DEFAULT: View = {
  range: { kind: "all" },
  logX: false,
  logY: false,
  smoothing: 90,
  references: true,
};

export class ViewStore {
  #view: View = { ...DEFAULT, ...stored() };
  readonly #listeners: (() => void)[] = [];

  get value(): View {
    return this.#view;
  }

  set(change: Partial<View>): void {
    this.#view = { ...this.#view, ...change };
    const { range: _range, ...lasting } = this.#view;
    remember(KEY, JSON.stringify(lasting));
    for (const listener of this.#listeners) listener();
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }
}

/** Browsers may refuse to store anything; then nothing is remembered. */
export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // a preference, not data
  }
}

export function recall(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function stored(): Partial<View> {
  try {
    return JSON.parse(recall(KEY) ?? "{}") as Partial<View>;
  } catch {
    return {};
  }
}
