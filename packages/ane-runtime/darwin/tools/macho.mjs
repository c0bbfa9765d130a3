// Reads a 64-bit Mach-O image as far as the checks need it: segments, dylibs, what dyld binds, what is exported, the
// signature's place. Layouts are those of mach-o/loader.h and mach-o/fixup-chains.h.

const command = {
  loadDylib: 0xc,
  idDylib: 0xd,
  segment64: 0x19,
  codeSignature: 0x1d,
  dyldInfo: 0x22,
  buildVersion: 0x32,
  loadWeakDylib: 0x80000018,
  rpath: 0x8000001c,
  reexportDylib: 0x8000001f,
  dyldInfoOnly: 0x80000022,
  exportsTrie: 0x80000033,
  chainedFixups: 0x80000034,
};

/** The ordinal of a name that may be any image's: the definition the first image has wins. */
const weakScope = -3;

/** Where dyld looks a bound name up: a dylib's install name, or one of its special scopes. */
function scopeName(dylibs, ordinal) {
  const special = { 0: "self", "-1": "executable", "-2": "flat", "-3": "weak" };
  return special[ordinal] ?? dylibs[ordinal - 1] ?? `dylib ${ordinal}`;
}

class Bytes {
  constructor(buffer) {
    this.buffer = buffer;
  }
  u8 = (at) => this.buffer.readUInt8(at);
  u16 = (at) => this.buffer.readUInt16LE(at);
  u32 = (at) => this.buffer.readUInt32LE(at);
  u64 = (at) => Number(this.buffer.readBigUInt64LE(at));
  text = (at) => this.buffer.toString("latin1", at, this.buffer.indexOf(0, at));
  /** A name in a field of fixed size, padded with zeros. */
  field = (at, size) => this.buffer.toString("latin1", at, at + size).replace(/\0.*$/s, "");
}

export function parseMachO(buffer) {
  const bytes = new Bytes(buffer);
  if (bytes.u32(0) !== 0xfeedfacf) throw new Error("a Mach-O image must start with 0xfeedfacf");
  const image = {
    cpuType: bytes.u32(4),
    fileType: bytes.u32(12),
    dylibs: [],
    rpaths: [],
    segments: [],
    sections: [],
  };
  let at = 32;
  for (let left = bytes.u32(16); left > 0; left--) {
    readCommand(bytes, at, image);
    at += bytes.u32(at + 4);
  }
  const binds = image.chained
    ? chainedImports(bytes, image)
    : image.bindStreams.flatMap((stream) => [...bindOpcodes(bytes, stream)]);
  const imports = new Map();
  for (const { name, ordinal, weak } of binds) {
    imports.set(`${name}@${ordinal}`, { name, from: scopeName(image.dylibs, ordinal), weak });
  }
  image.imports = [...imports.values()];
  image.exports = [...exportedNames(bytes, image.exportTrie)];
  return image;
}

function readCommand(bytes, at, image) {
  const version = (value) => `${value >> 16}.${(value >> 8) & 255}`;
  const name = () => bytes.text(at + bytes.u32(at + 8));
  const stream = (field) => ({ start: bytes.u32(at + field), size: bytes.u32(at + field + 4) });
  switch (bytes.u32(at)) {
    case command.segment64:
      return readSegment(bytes, at, image);
    case command.loadDylib:
    case command.loadWeakDylib:
    case command.reexportDylib:
      return image.dylibs.push(name());
    case command.idDylib:
      image.installName = name();
      return;
    case command.rpath:
      return image.rpaths.push(name());
    case command.buildVersion:
      image.platform = bytes.u32(at + 8);
      image.minimumOs = version(bytes.u32(at + 12));
      return;
    case command.codeSignature:
      image.signature = { start: bytes.u32(at + 8), size: bytes.u32(at + 12) };
      return;
    case command.dyldInfo:
    case command.dyldInfoOnly:
      image.fixups = "dyld-info";
      image.bindStreams = [
        { ...stream(16), scope: 0 },
        { ...stream(24), scope: weakScope },
        { ...stream(32), scope: 0 },
      ];
      image.exportTrie = bytes.u32(at + 40);
      return;
    case command.exportsTrie:
      image.exportTrie = bytes.u32(at + 8);
      return;
    case command.chainedFixups:
      image.fixups = "chained";
      image.chained = bytes.u32(at + 8);
      return;
  }
}

function readSegment(bytes, at, image) {
  const segment = bytes.field(at + 8, 16);
  image.segments.push({
    name: segment,
    address: bytes.u64(at + 24),
    fileOffset: bytes.u64(at + 40),
    protection: bytes.u32(at + 60),
  });
  for (let k = 0; k < bytes.u32(at + 64); k++) {
    const section = at + 72 + 80 * k;
    image.sections.push({ segment, name: bytes.field(section, 16) });
  }
}

/** The imports of a stream of bind opcodes (BIND_OPCODE_* of mach-o/loader.h). */
function* bindOpcodes(bytes, { start, size, scope }) {
  let at = start;
  let ordinal = scope;
  let name = "";
  let weak = false;
  const skipNumber = () => {
    while (bytes.u8(at++) & 128);
  };
  while (at < start + size) {
    const byte = bytes.u8(at++);
    const immediate = byte & 15;
    switch (byte & 0xf0) {
      case 0x10: // SET_DYLIB_ORDINAL_IMM
        ordinal = immediate;
        break;
      case 0x20: // SET_DYLIB_ORDINAL_ULEB; this project's images have fewer than 128 dylibs
        ordinal = bytes.u8(at++);
        break;
      case 0x30: // SET_DYLIB_SPECIAL_IMM: a negative number of four bits
        ordinal = immediate ? immediate - 16 : 0;
        break;
      case 0x40: // SET_SYMBOL_TRAILING_FLAGS_IMM
        name = bytes.text(at);
        at += name.length + 1;
        weak = (immediate & 1) === 1;
        break;
      case 0x60: // SET_ADDEND_SLEB
      case 0x70: // SET_SEGMENT_AND_OFFSET_ULEB
      case 0x80: // ADD_ADDR_ULEB
        skipNumber();
        break;
      case 0x90: // DO_BIND
      case 0xb0: // DO_BIND_ADD_ADDR_IMM_SCALED
        yield { name, ordinal, weak };
        break;
      case 0xa0: // DO_BIND_ADD_ADDR_ULEB
        yield { name, ordinal, weak };
        skipNumber();
        break;
      case 0xc0: // DO_BIND_ULEB_TIMES_SKIPPING_ULEB
        yield { name, ordinal, weak };
        skipNumber();
        skipNumber();
        break;
    }
  }
}

/** The import table of a dyld_chained_fixups_header: 8 bits of ordinal, 1 of weakness, 23 of name offset. */
function chainedImports(bytes, { chained }) {
  const imports = chained + bytes.u32(chained + 8);
  const names = chained + bytes.u32(chained + 12);
  return Array.from({ length: bytes.u32(chained + 16) }, (_, i) => {
    const entry = bytes.u32(imports + 4 * i);
    const ordinal = ((entry & 255) << 24) >> 24;
    return { name: bytes.text(names + (entry >>> 9)), ordinal, weak: (entry & 256) !== 0 };
  });
}

/** The names that dyld finds in the image: the leaves of the export trie, whose edges carry the parts of the names. */
function* exportedNames(bytes, trie, node = 0, prefix = "") {
  let at = trie + node;
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes.u8(at++);
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  const terminalSize = number();
  if (terminalSize > 0) yield prefix;
  at += terminalSize;
  for (let children = bytes.u8(at++); children > 0; children--) {
    const edge = bytes.text(at);
    at += edge.length + 1;
    yield* exportedNames(bytes, trie, number(), prefix + edge);
  }
}
