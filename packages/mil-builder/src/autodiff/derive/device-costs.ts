/** What running an op, moving a tensor and starting a kernel cost on a device, in milliseconds. */
import { operandsOf } from "../../arguments.js";
import { operationFlops } from "../../kernels/kernel-flops.js";
import type { AnyValue, Operation } from "../../program.js";
import { elementCount, staticTypeOf } from "../../tensor-type.js";

/** Rates of a device. */
export interface DeviceCosts {
  /** Of starting a kernel. */
  readonly dispatchMs: number;
  /** FLOP/s of products with constant weights. */
  readonly convFlops: number;
  /** FLOP/s of products of two computed tensors. */
  readonly matmulFlops: number;
  /** Elements per second that other arithmetic writes. */
  readonly elements: number;
  /** Bytes per second of surfaces, read or written by the device. */
  readonly portBytes: number;
  /** Bytes per second, read and written, of copies between surfaces. */
  readonly copyBytes: number;
  /** Bytes per second at which constant weights arrive. */
  readonly weightBytes: number;
  /** Of handing over a tensor, whatever its size. */
  readonly handOverMs: number;
}

/**
 * An M3, the middle of the chips that one program is for. Dispatch, convolutions, surfaces and copies as the trainer's cost model is
 * calibrated (docs/plan.md). Products of computed tensors: Orion and maderix/ANE report 1×1 convolutions to be three times as fast.
 * Assumed, as nobody published them: other arithmetic, weights at the chip's memory bandwidth, a microsecond per tensor.
 */
export const M3_COSTS: DeviceCosts = {
  dispatchMs: 0.189,
  convFlops: 5e12,
  matmulFlops: 1.7e12,
  elements: 1e11,
  portBytes: 32.5e9,
  copyBytes: 119e9,
  weightBytes: 100e9,
  handOverMs: 1e-3,
};

const FP16_BYTES = 2;

/** Ops that change no element. */
const MOVES = new Set(["reshape", "squeeze", "expand_dims", "identity"]);

/** Prices of ops, each computed once. */
export class OpPrices {
  readonly #costs: DeviceCosts;
  readonly #isConstant: (name: string) => boolean;
  readonly #known = new Map<Operation, number>();

  /** @param isConstant True for values that are weights. */
  constructor(costs: DeviceCosts, isConstant: (name: string) => boolean) {
    this.#costs = costs;
    this.#isConstant = isConstant;
  }

  /** Of running an op once, ms. */
  of(operation: Operation): number {
    let price = this.#known.get(operation);
    if (price === undefined) {
      price = this.#price(operation);
      this.#known.set(operation, price);
    }
    return price;
  }

  #price(operation: Operation): number {
    const { type, outputs } = operation;
    if (MOVES.has(type)) return 0;
    const written = outputs.reduce((sum, value) => sum + countOf(value), 0);
    const flops = operationFlops(operation);
    if (flops === 0) return (1e3 * written) / this.#costs.elements;
    const weights = operandsOf(operation).filter(({ name }) => this.#isConstant(name));
    const rate = type === "matmul" ? this.#costs.matmulFlops : this.#costs.convFlops;
    const bytes = weights.reduce((sum, value) => sum + FP16_BYTES * countOf(value), 0);
    return 1e3 * (flops / rate + bytes / this.#costs.weightBytes);
  }
}

function countOf(value: AnyValue): number {
  return elementCount(staticTypeOf(value).shape);
}
