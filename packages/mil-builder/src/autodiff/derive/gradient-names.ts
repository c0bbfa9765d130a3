/** Names of what a joint program adds to a layer. */

/** Of the gradient of a value. */
export function gradientName(name: string): string {
  return `d_${name}`;
}

/** Of the gradient of a parameter as rows of S elements. */
export function gradientRowsName(name: string): string {
  return `rows_${gradientName(name)}`;
}

/** Of the input that brings the gradient of an output. */
export function seedName(output: string): string {
  return `seed_${output}`;
}
