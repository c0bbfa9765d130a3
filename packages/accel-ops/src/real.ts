/** The two element types of this package's arrays. */

/** fp32 values, or fp16 values as their IEEE bits. */
export type Real = Float32Array | Uint16Array;
