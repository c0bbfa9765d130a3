/** Order of the opsets, and facts that changed from one to the next. */
import type { DType, Opset } from "./program.js";

export const OPSETS: readonly Opset[] = ["ios15", "ios16", "ios17", "ios18", "ios26"];

/** True if everything that appeared in `required` exists in `opset`. */
export function hasOpset(opset: Opset, required: Opset): boolean {
  return OPSETS.indexOf(opset) >= OPSETS.indexOf(required);
}

/** The dtypes that a type variable ranges over; a list per opset where it grew. */
export type Domain = readonly DType[] | { readonly [opset in Opset]?: readonly DType[] };

/** The domain's newest list that exists in `opset`. */
export function domainAt(domain: Domain, opset: Opset): readonly DType[] {
  if (isList(domain)) return domain;
  let found: readonly DType[] = [];
  for (const candidate of OPSETS) {
    if (hasOpset(opset, candidate)) found = domain[candidate] ?? found;
  }
  return found;
}

function isList(domain: Domain): domain is readonly DType[] {
  return Array.isArray(domain);
}
