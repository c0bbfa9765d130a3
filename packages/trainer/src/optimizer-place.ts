/** Where AdamW runs: on the CPU in fp32; on the device with parameters and moments in pairs of halves, or in single ones. */
export const OPTIMIZERS = ["cpu", "device", "device-half"] as const;

export type OptimizerPlace = (typeof OPTIMIZERS)[number];
