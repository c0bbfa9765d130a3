/** Surfaces of the cpu device, as the ports of a kernel need them. */
import type { SurfaceRules } from "../check-bindings.js";
import { CpuSurface } from "./surface.js";

export const CPU_SURFACES: SurfaceRules<CpuSurface> = {
  device: "cpu",
  isOwn: (surface) => surface instanceof CpuSurface,
  isDisposed: ({ disposed }) => disposed,
};
