// The registers of a frame that unwinding restores, and what is known of the function that is running in it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace machload {

class Image;

struct Context {
  uint64_t x[31];
  uint64_t sp, pc;
  uint64_t d[32];
  // Of the function that pc is in
  uint64_t functionStart;
  const uint8_t* exceptionTable;  // LSDA, null if it has none
  void* personality;              // null if it has none
};
// unwind.S stores registers at these places.
static_assert(offsetof(Context, sp) == 248 && offsetof(Context, pc) == 256 && offsetof(Context, d) == 264);

// How to leave the frame: a compact encoding, which may refer to a description in DWARF.
struct FrameRule {
  const Image* image;
  uint32_t encoding;
};

// Fills in what is known of the function; false if pc is outside of every image.
bool describeFrame(Context& context, FrameRule& rule);
// Goes to the caller's frame.
void leaveFrame(Context& context, const FrameRule& rule);

// The DWARF description at an offset of __eh_frame.
void describeDwarfFrame(const Image& image, uint32_t offset, Context& context);
void leaveDwarfFrame(const Image& image, uint32_t offset, Context& context);

// A pointer in the encoding that exception tables use (DW_EH_PE_*).
struct Reader;
uint64_t readEncodedPointer(Reader& reader, uint8_t encoding);

}  // namespace machload
