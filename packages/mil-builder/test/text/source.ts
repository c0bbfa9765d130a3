/** Program texts around the statements of a test, and the error of a bad one. */
import { FormatError, parse } from "../../src/index.js";

/** A program of one function with these statements; they begin on line 2. */
export function source(
  body: string,
  { header = "program(1.3)", outputs = "y", opset = "ios18" } = {},
): string {
  return `${header} { func main<${opset}>(tensor<fp16, [2, 3]> x) {\n${body}\n} -> (${outputs}); }`;
}

export function failure(text: string): FormatError {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof FormatError) return error;
    throw error;
  }
  throw new Error("parsed without an error");
}
