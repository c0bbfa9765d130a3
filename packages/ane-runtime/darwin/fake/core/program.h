// A program that the engine holds: its ports as the daemon reports them, and their places in memory.
#pragma once

#include <string>
#include <vector>

namespace fake {

// [1, C, 1, W] or any other rank-4 shape; each row starts on a multiple of the alignment.
struct ProgramPort {
  std::string name;
  // As modelAttributes words it: "Float16" or "Float32"
  std::string type;
  size_t batches, channels, height, width;
  size_t elementBytes;
  size_t rowStride, planeStride, batchStride;
};

struct Program {
  // Of the daemon
  std::string handle;
  // In the order of their symbol indices
  std::vector<ProgramPort> inputs, outputs;
};

// @param fields name, dtype and four sizes of each input, "|", the same of each output: in the order of declaration
Program makeProgram(const std::string& handle, const std::vector<std::string>& fields);

size_t portBytes(const ProgramPort& port);

}  // namespace fake
