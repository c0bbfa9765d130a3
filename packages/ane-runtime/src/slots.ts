/**
 * Reads and writes the named parts of a surface. A slot is a range of channels (`[size, S]`; of all columns or of some) or of
 * columns (`[C, size]`) of `[1, C, 1, W]`; what is exchanged with it is packed row-major fp32 of the slot's own shape.
 */
import { copyStrided, type MatrixView, toFloat, toHalf } from "@ane/accel-ops";
import type { Slot } from "@ane/mil-builder";
import type { Surface } from "./device.js";
import { ShapeError } from "./errors.js";

/**
 * Rounds `source` to the surface's dtype and stores it in the slot.
 * @param source packed [size, W] of a channel slot, [C, size] of a column slot, fp32
 * @throws ShapeError when the slot does not lie in the surface or `source` has another length; DisposedError
 */
export function writeSlot(surface: Surface, slot: Slot, source: Float32Array): void {
  const region = regionOf("writeSlot", surface, slot);
  expectLength("writeSlot", slot, region, source.length);
  if (surface.storeRows) {
    surface.storeRows(source, region.offset, region.rows, region.columns);
    return;
  }
  surface.write((elements) => {
    if (region.packed) {
      const part = elements.subarray(region.offset, region.offset + source.length);
      if (part instanceof Uint16Array) toHalf(source, part);
      else part.set(source);
    } else {
      copyStrided({
        shape: [region.rows, region.columns],
        src: { data: source, offset: 0, strides: [region.columns, 1] },
        dst: { data: elements, offset: region.offset, strides: [surface.rowStride, 1] },
      });
    }
  });
}

/**
 * Widens the slot to fp32.
 * @param target packed [size, W] of a channel slot, [C, size] of a column slot, fp32
 * @throws ShapeError when the slot does not lie in the surface or `target` has another length; DisposedError
 */
export function readSlot(surface: Surface, slot: Slot, target: Float32Array): void {
  const region = regionOf("readSlot", surface, slot);
  expectLength("readSlot", slot, region, target.length);
  if (surface.loadRows) {
    surface.loadRows(target, region.offset, region.rows, region.columns);
    return;
  }
  surface.read((elements) => {
    if (region.packed) {
      const part = elements.subarray(region.offset, region.offset + target.length);
      if (part instanceof Uint16Array) toFloat(part, target);
      else target.set(part);
    } else {
      copyStrided({
        shape: [region.rows, region.columns],
        src: { data: elements, offset: region.offset, strides: [surface.rowStride, 1] },
        dst: { data: target, offset: 0, strides: [region.columns, 1] },
      });
    }
  });
}

/**
 * Copies one slot to another of the same rows and columns, converting between fp16 and fp32 where the surfaces differ.
 * @throws ShapeError when a slot does not lie in its surface or the slots differ; DisposedError
 */
export function copySlot(from: Surface, fromSlot: Slot, to: Surface, toSlot: Slot): void {
  const source = regionOf("copySlot", from, fromSlot);
  const target = regionOf("copySlot", to, toSlot);
  if (source.rows !== target.rows || source.columns !== target.columns) {
    throw new ShapeError(
      "copySlot",
      `a source slot of [${target.rows}, ${target.columns}]`,
      `[${source.rows}, ${source.columns}]`,
      "Copy between slots of the same tensor",
    );
  }
  from.read((elements) => {
    to.write((written) => {
      if (source.packed && target.packed && from.dtype === to.dtype) {
        const end = source.offset + source.rows * source.columns;
        written.set(elements.subarray(source.offset, end), target.offset);
      } else {
        copyStrided({
          shape: [source.rows, source.columns],
          src: { data: elements, offset: source.offset, strides: [from.rowStride, 1] },
          dst: { data: written, offset: target.offset, strides: [to.rowStride, 1] },
        });
      }
    });
  });
}

/**
 * The slot as an operand of `gemm`, without copying: a row per channel, a column per position.
 * @param elements the surface's memory, as given by `surface.read` or `surface.write`; the view lives no longer than it
 * @throws ShapeError when the slot does not lie in the surface
 */
export function slotMatrix(
  elements: Uint16Array | Float32Array,
  surface: Surface,
  slot: Slot,
): MatrixView {
  const { offset } = regionOf("slotMatrix", surface, slot);
  return { data: elements, offset, rowStride: surface.rowStride, columnStride: 1 };
}

interface Region {
  readonly offset: number;
  readonly rows: number;
  readonly columns: number;
  /** True where the rows follow each other without a gap. */
  readonly packed: boolean;
}

function regionOf(where: string, surface: Surface, slot: Slot): Region {
  const [n, c, h, w] = surface.shape;
  const channels = n * c * h;
  const isChannels = slot.axis === "channel";
  expectRange(where, slot, "channels", isChannels ? slot : { start: 0, size: channels }, channels);
  const columns = isChannels ? columnsOf(slot, w) : slot;
  expectRange(where, slot, "columns", columns, w);
  const row = isChannels ? slot.start * surface.rowStride : 0;
  return {
    offset: row + columns.start,
    rows: isChannels ? slot.size : channels,
    columns: columns.size,
    packed: surface.rowStride === columns.size,
  };
}

/** All columns, unless the slot says where its own begin. */
function columnsOf({ column, shape }: Slot, width: number) {
  return column === undefined ? { start: 0, size: width } : { start: column, size: shape[3] };
}

function expectRange(
  where: string,
  { port }: Slot,
  of: "channels" | "columns",
  { start, size }: { readonly start: number; readonly size: number },
  limit: number,
): void {
  const end = start + size;
  if (start >= 0 && end <= limit) return;
  throw new ShapeError(
    where,
    `a slot within the ${limit} ${of} of the surface`,
    `${start} to ${end}`,
    `Bind the surface of port "${port}" of the kernel that the slot belongs to`,
  );
}

function expectLength(where: string, slot: Slot, region: Region, length: number): void {
  const wanted = region.rows * region.columns;
  if (length !== wanted) {
    throw new ShapeError(
      where,
      `${wanted} elements ([${region.rows}, ${region.columns}])`,
      `${length}`,
      `Pass the packed tensor of the slot at ${slot.axis} ${slot.start}`,
    );
  }
}
