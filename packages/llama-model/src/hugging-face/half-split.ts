/**
 * Two conventions of RoPE: Hugging Face's rotate-half pairs channel i of a head with i + h/2, llama2.c's interleaved form
 * pairs 2i with 2i + 1. A checkpoint passes from one to the other by permuting the rows of wq and wk (and the gains of
 * per-head norms) inside each head; attention then gives the same numbers. h = headDim.
 */

/** @param rows [heads · h, width] in half-split order @returns The same rows interleaved, in new memory */
export function toInterleaved(rows: Float32Array, heads: number, headDim: number): Float32Array {
  return permute(rows, heads, headDim, (row, half) => 2 * (row % half) + Math.floor(row / half));
}

/** The inverse of `toInterleaved`. */
export function toHalfSplit(rows: Float32Array, heads: number, headDim: number): Float32Array {
  return permute(rows, heads, headDim, (row, half) => (row % 2) * half + Math.floor(row / 2));
}

function permute(
  rows: Float32Array,
  heads: number,
  headDim: number,
  place: (row: number, half: number) => number,
): Float32Array {
  const width = rows.length / (heads * headDim);
  const permuted = new Float32Array(rows.length);
  for (let row = 0; row < heads * headDim; row++) {
    const inHead = row % headDim;
    const target = row - inHead + place(inHead, headDim / 2);
    permuted.set(rows.subarray(row * width, (row + 1) * width), target * width);
  }
  return permuted;
}
