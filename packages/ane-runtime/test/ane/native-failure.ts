/** What the addon throws, made without it. */
import type { NativeFailure } from "../../src/ane/native.js";

export function nativeFailure(
  message: string,
  fields: Partial<Omit<NativeFailure, "name" | "message">> = {},
): NativeFailure {
  const nothing = { step: "evaluate", domain: "", errorCode: 0, details: "", exception: "" };
  return Object.assign(new Error(message), nothing, fields) as NativeFailure;
}
