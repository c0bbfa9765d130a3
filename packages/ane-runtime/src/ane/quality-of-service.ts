/** Darwin's qos_class values, which the framework takes as they are. */
import type { QualityOfService } from "../device.js";

const VALUES: Readonly<Record<QualityOfService, number>> = {
  background: 9,
  utility: 17,
  default: 21,
  userInitiated: 25,
  userInteractive: 33,
};

/** @throws RangeError for a name that is none */
export function qosValue(qos: QualityOfService = "default"): number {
  if (Object.hasOwn(VALUES, qos)) return VALUES[qos];
  const names = Object.keys(VALUES).map((name) => `"${name}"`);
  throw new RangeError(
    `openDevice: qos must be one of ${names.join(", ")}, got ${JSON.stringify(qos)}. Name one of them.`,
  );
}
