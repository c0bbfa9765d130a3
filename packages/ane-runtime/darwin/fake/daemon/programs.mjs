// What the daemon does with programs. A compilation reads model.mil and the weights of a folder and keeps them, by hexId, in a
// cache that outlives the processes (one for each group of processes that names its own). A load makes a kernel of the cpu
// device out of what was compiled: what is written to the folder later changes nothing. An evaluation copies between the
// caller's surfaces and the kernel's.
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { deserialize, serialize } from "node:v8";
import { openDevice } from "../../../dist/index.js";

const device = openDevice("cpu", { compileBudget: 0 });

export class Programs {
  #folder;
  /** { kernel, surfaces, owner } by handle */
  #loaded = new Map();
  #lastHandle = 0;

  /** @param folder of the compiled programs */
  constructor(folder) {
    this.#folder = folder;
  }

  exists(cache, hexId) {
    return existsSync(this.#compiled(cache, hexId));
  }

  purge(cache, hexId) {
    rmSync(this.#compiled(cache, hexId), { force: true });
  }

  compile(cache, hexId, folder) {
    const text = readFileSync(join(folder, "model.mil"), "utf8");
    const weights = readWeights(folder);
    device.compile(text, weights).dispose();
    mkdirSync(dirname(this.#compiled(cache, hexId)), { recursive: true });
    writeFileSync(this.#compiled(cache, hexId), serialize({ text, weights }));
  }

  /** Handle, and name, dtype and sizes of the ports. */
  load(cache, hexId, owner) {
    if (!this.exists(cache, hexId))
      throw new Error("loadModel:options:qos:error:: Program load failure: it is not compiled");
    const { text, weights } = deserialize(readFileSync(this.#compiled(cache, hexId)));
    const kernel = device.compile(text, weights);
    const ports = [...kernel.inputs, ...kernel.outputs];
    const surfaces = new Map(ports.map((port) => [port.name, device.createSurface(port)]));
    const handle = String(++this.#lastHandle);
    this.#loaded.set(handle, { kernel, surfaces, owner });
    const fieldsOf = ({ name, dtype, shape }) => [name, dtype, ...shape.map(String)];
    return [handle, ...kernel.inputs.flatMap(fieldsOf), "|", ...kernel.outputs.flatMap(fieldsOf)];
  }

  unload(handle) {
    const program = this.#loaded.get(handle);
    if (!program) return;
    this.#loaded.delete(handle);
    program.kernel.dispose();
    for (const surface of program.surfaces.values()) surface.dispose();
  }

  unloadAllOf(owner) {
    for (const [handle, program] of this.#loaded) {
      if (program.owner === owner) this.unload(handle);
    }
  }

  /** @param bound [direction, port, file, row stride in bytes] of each port */
  evaluate(handle, owner, bound) {
    const program = this.#loaded.get(handle);
    if (!program) throw new Error(`no program ${handle} is loaded`);
    const start = process.hrtime.bigint();
    const ports = bound.map(([direction, name, file, stride]) => ({
      direction,
      surface: program.surfaces.get(name),
      path: `/proc/${owner}/fd/${file}`,
      stride: Number(stride),
    }));
    // Outputs are read too: what lies between their rows stays as it is.
    for (const port of ports)
      copyRows(port, "r", (file, row, position) => readSync(file, row, 0, row.length, position));
    program.kernel.evaluate(Object.fromEntries(program.surfaces));
    for (const port of ports) {
      if (port.direction === "out")
        copyRows(port, "r+", (file, row, position) =>
          writeSync(file, row, 0, row.length, position),
        );
    }
    return process.hrtime.bigint() - start;
  }

  #compiled(cache, hexId) {
    return join(this.#folder, basename(cache) || "common", hexId);
  }
}

function readWeights(folder) {
  const files = readdirSync(join(folder, "weights"), { recursive: true, withFileTypes: true });
  return new Map(
    files
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [`@model_path/${relative(folder, path)}`, new Uint8Array(readFileSync(path))]),
  );
}

/** Rows of the kernel's surface and of the caller's; whole surfaces where both have the same stride. */
function copyRows({ surface, path, stride }, flags, copy) {
  const file = openSync(path, flags);
  try {
    surface.write((elements) => {
      const own = surface.rowStride * elements.BYTES_PER_ELEMENT;
      const bytes = new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength);
      if (own === stride) {
        copy(file, bytes, 0);
        return;
      }
      const width = surface.shape[3] * elements.BYTES_PER_ELEMENT;
      for (let row = 0; row * own < bytes.length; row++) {
        copy(file, bytes.subarray(row * own, row * own + width), row * stride);
      }
    });
  } finally {
    closeSync(file);
  }
}
