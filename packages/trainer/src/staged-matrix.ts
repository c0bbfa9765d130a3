/** A matrix of the model where the dynamic kernels read it: part of an input surface, renewed after each update. */
import { copyStrided } from "@ane/accel-ops";
import { type Surface, slotMatrix } from "@ane/ane-runtime";
import type { StagedWeight } from "@ane/mil-builder";
import { tapBytes } from "./kernel-stage.js";
import type { StepCounters } from "./step-counters.js";

export class StagedMatrix {
  readonly #surface: Surface;
  readonly #weight: StagedWeight;
  readonly #source: Float32Array;
  readonly #counters: StepCounters;

  /** @param source The model's matrix [out, in]: a view into the arena. */
  constructor(
    surface: Surface,
    weight: StagedWeight,
    source: Float32Array,
    counters: StepCounters,
  ) {
    this.#surface = surface;
    this.#weight = weight;
    this.#source = source;
    this.#counters = counters;
  }

  /** Takes over the present parameters, rounded to the surface's dtype. */
  stage(): void {
    const [surface, data] = [this.#surface, this.#source];
    const { slot, transposed } = this.#weight;
    const [, rows, , columns] = slot.shape;
    surface.write((elements) => {
      const { offset = 0, rowStride, columnStride } = slotMatrix(elements, surface, slot);
      copyStrided({
        shape: [rows, columns],
        src: { data, strides: transposed ? [1, rows] : [columns, 1] },
        dst: { data: elements, offset, strides: [rowStride, columnStride] },
      });
    });
    this.#counters.convertTo(tapBytes({ surface, slot }));
  }
}
