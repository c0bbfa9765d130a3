/** The surfaces of a pipeline: each fits the only input or output of a kernel's program; all are disposed together. */
import type { Device, Surface } from "@ane/ane-runtime";
import { type AnyValue, type Kernel, staticTypeOf } from "@ane/mil-builder";

export class Surfaces implements Disposable {
  readonly #device: Device;
  readonly #all: Surface[] = [];

  constructor(device: Device) {
    this.#device = device;
  }

  forInput(kernel: Kernel): Surface {
    return this.#create(kernel.program.functions[0]!.inputs[0]!);
  }

  forOutput(kernel: Kernel): Surface {
    return this.#create(kernel.program.functions[0]!.outputs[0]!);
  }

  #create(value: AnyValue): Surface {
    const type = staticTypeOf(value);
    const [n, c, h, w] = type.shape as [number, number, number, number];
    const dtype = type.dtype === "fp32" ? "fp32" : "fp16";
    const surface = this.#device.createSurface({ dtype, shape: [n, c, h, w] });
    this.#all.push(surface);
    return surface;
  }

  [Symbol.dispose](): void {
    for (const surface of this.#all) surface.dispose();
  }
}
