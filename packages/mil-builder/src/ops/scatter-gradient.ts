/**
 * Gradients of changing by index. Where several updates meet at one place: sums share the gradient, of replacements the last one
 * has it, products are without the own factor, and of largest (smallest) elements all that are equal share it, data too.
 */
import { isEqual } from "../autodiff/masks.js";
import type { Rules, Vjp, VjpRule } from "../autodiff/vjp.js";
import { zerosOf } from "../autodiff/zeros.js";
import type { Value } from "../program.js";
import { tensor } from "../tensor-type.js";
import { wrapAxis } from "./shape-rules.js";

type Mode = "add" | "sub" | "mul" | "div" | "max" | "min" | "update";

/** The op and its counterpart, at the op's indices. */
interface Places {
  /** The elements of a tensor of the shape of data, in the shape of updates. */
  gather(x: Value): Value;
  scatter(data: Value, updates: Value, mode: Mode): Value;
  /** Dims of updates along which indices differ; 1 elsewhere. */
  readonly own: readonly number[];
}

type PlacesOf = (vjp: Vjp) => Places;

const alongAxis: PlacesOf = ({ f, value, number }) => {
  const [indices, axis] = [value("indices"), number("axis")];
  const { shape } = value("updates").type;
  const along = wrapAxis(axis, shape.length);
  return {
    gather: (x) => f.gather_along_axis({ x, indices, axis }),
    scatter: (data, updates, mode) => f.scatter_along_axis({ data, indices, updates, axis, mode }),
    own: shape.map((dim, index) => (index === along ? dim : 1)),
  };
};

const slices: PlacesOf = ({ f, value, number }) => {
  const [indices, axis] = [value("indices"), number("axis")];
  const first = wrapAxis(axis, value("data").type.shape.length);
  const end = first + indices.type.shape.length;
  const { shape } = value("updates").type;
  return {
    gather: (x) => f.gather({ x, indices, axis }),
    scatter: (data, updates, mode) => f.scatter({ data, indices, updates, axis, mode }),
    own: shape.map((dim, index) => (index >= first && index < end ? dim : 1)),
  };
};

const positions: PlacesOf = ({ f, value }) => {
  const indices = value("indices");
  const places = indices.type.shape.length - 1;
  const { shape } = value("updates").type;
  return {
    gather: (x) => f.gather_nd({ x, indices }),
    scatter: (data, updates, mode) => f.scatter_nd({ data, indices, updates, mode }),
    own: shape.map((dim, index) => (index < places ? dim : 1)),
  };
};

interface Gradients {
  data(): Value;
  updates(): Value;
}

/** The gradients that each mode gives; each computes only what it is asked for. */
const MODES: Readonly<Record<Mode, (vjp: Vjp, places: Places) => Gradients>> = {
  add: ({ cotangent }, { gather }) => ({
    data: () => cotangent,
    updates: () => gather(cotangent),
  }),
  sub: ({ f, cotangent }, { gather }) => ({
    data: () => cotangent,
    updates: () => f.mul({ x: gather(cotangent), y: -1 }),
  }),
  update: (vjp, places) => ({
    data: () => places.scatter(vjp.cotangent, zerosOf(vjp.f, vjp.value("updates").type), "update"),
    updates: () => vjp.f.mul({ x: places.gather(vjp.cotangent), y: lastOnes(vjp, places) }),
  }),
  mul: (vjp, places) => ({
    data: () =>
      vjp.f.mul({ x: vjp.cotangent, y: places.scatter(ones(vjp), vjp.value("updates"), "mul") }),
    updates: () => vjp.f.mul({ x: places.gather(vjp.cotangent), y: otherFactors(vjp, places) }),
  }),
  div: ({ f, cotangent, output, value }, { gather, scatter }) => ({
    data: () => scatter(cotangent, value("updates"), "div"),
    updates: () => {
      const product = gather(f.mul({ x: cotangent, y: output }));
      return f.mul({ x: f.real_div({ x: product, y: value("updates") }), y: -1 });
    },
  }),
  max: extremes,
  min: extremes,
};

/** 1 for the update that is left where several replaced one element. */
function lastOnes({ f, value }: Vjp, { gather, scatter, own }: Places): Value {
  const { type } = value("updates");
  const count = own.reduce((product, dim) => product * dim, 1);
  const numbers = f.constant("numbers", tensor("int32", own), [...Array(count).keys()]);
  const everywhere = zerosOf(f, { ...type, dtype: "int32" });
  const tags = f.add({ x: numbers, y: everywhere });
  const none = zerosOf(f, { ...value("data").type, dtype: "int32" });
  const left = gather(scatter(none, tags, "update"));
  return f.cast({ x: f.equal({ x: left, y: tags }), dtype: type.dtype as "fp16" | "fp32" });
}

function ones({ f, value }: Vjp): Value {
  return f.add({ x: zerosOf(f, value("data").type), y: 1 });
}

/**
 * What each update is multiplied by. The product of all that are not zero is divided by the own factor; it counts where no
 * other factor is zero.
 */
function otherFactors({ f, value }: Vjp, { gather, scatter }: Places): Value {
  const updates = value("updates");
  const isZero = f.sub({ x: 1, y: f.sign({ x: f.abs({ x: updates }) }) });
  const nonzero = f.add({ x: updates, y: isZero });
  const product = gather(scatter(value("data"), nonzero, "mul"));
  const zeros = gather(scatter(zerosOf(f, value("data").type), isZero, "add"));
  const isOnly = isEqual(f, zeros, isZero);
  return f.mul({ x: f.real_div({ x: product, y: nonzero }), y: isOnly });
}

function extremes({ f, cotangent, output, value }: Vjp, { gather, scatter }: Places): Gradients {
  const isData = isEqual(f, value("data"), output);
  const isUpdate = isEqual(f, value("updates"), gather(output));
  const share = f.real_div({ x: cotangent, y: scatter(isData, isUpdate, "add") });
  return {
    data: () => f.mul({ x: isData, y: share }),
    updates: () => f.mul({ x: isUpdate, y: gather(share) }),
  };
}

function scatterRule(placesOf: PlacesOf): VjpRule {
  return (vjp) => {
    const gradients = MODES[vjp.text("mode") as Mode](vjp, placesOf(vjp));
    return {
      data: vjp.wants("data") ? gradients.data() : undefined,
      updates: vjp.wants("updates") ? gradients.updates() : undefined,
    };
  };
}

export const SCATTERING_GRADIENTS = {
  scatter: scatterRule(slices),
  scatter_along_axis: scatterRule(alongAxis),
  scatter_nd: scatterRule(positions),
} satisfies Rules;
