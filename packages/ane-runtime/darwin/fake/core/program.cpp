#include "core/program.h"

#include <algorithm>

#include "core/settings.h"

namespace fake {
namespace {

size_t roundUp(size_t bytes, size_t multiple) { return (bytes + multiple - 1) / multiple * multiple; }

ProgramPort makePort(const std::string* fields) {
  ProgramPort port;
  port.name = fields[0];
  port.elementBytes = fields[1] == "fp16" ? 2 : 4;
  port.type = fields[1] == "fp16" ? "Float16" : "Float32";
  port.batches = std::stoul(fields[2]);
  port.channels = std::stoul(fields[3]);
  port.height = std::stoul(fields[4]);
  port.width = std::stoul(fields[5]);
  port.rowStride = roundUp(port.width * port.elementBytes, static_cast<size_t>(get(Setting::rowAlignment)));
  port.planeStride = port.rowStride * port.height;
  port.batchStride = port.planeStride * port.channels + static_cast<size_t>(get(Setting::portPadding));
  return port;
}

void order(std::vector<ProgramPort>& ports) {
  // Without attributes nobody could know any other order.
  const long order = get(Setting::attributes) ? get(Setting::symbolOrder) : 0;
  if (order == 2) return;
  std::sort(ports.begin(), ports.end(), [&](const ProgramPort& a, const ProgramPort& b) {
    return order == 0 ? a.name < b.name : b.name < a.name;
  });
}

}  // namespace

Program makeProgram(const std::string& handle, const std::vector<std::string>& fields) {
  Program program{handle, {}, {}};
  const auto bar = std::find(fields.begin(), fields.end(), "|");
  for (auto next = fields.begin(); next != bar; next += 6) program.inputs.push_back(makePort(&*next));
  for (auto next = bar + 1; next != fields.end(); next += 6) program.outputs.push_back(makePort(&*next));
  order(program.inputs);
  order(program.outputs);
  return program;
}

size_t portBytes(const ProgramPort& port) { return port.batchStride * port.batches; }

}  // namespace fake
