#import "framework/evaluation.h"

#include <set>

#include <unistd.h>

#include "core/daemon_client.h"
#include "core/ledger.h"
#import "framework/outcome.h"
#import "framework/surface_object.h"
#import "iosurface/io_surface.h"

namespace fake {
namespace {

constexpr long BAD_BUFFERS = 0x1d;
constexpr long WRONG_SYMBOL = 0x2;

struct BoundSurface {
  FakeIOSurface *surface;
  const ProgramPort *port;
  bool written;
};

// The status of the driver: 0 where every port has a surface that is large enough.
long bind(const std::vector<ProgramPort> &ports, NSArray *objects, NSArray *indices, bool written,
          std::vector<BoundSurface> &bound) {
  if ([objects count] != ports.size()) return BAD_BUFFERS;
  std::set<NSUInteger> seen;
  for (NSUInteger i = 0; i < [objects count]; i++) {
    const NSUInteger index = [[indices objectAtIndex:i] unsignedIntegerValue];
    if (index >= ports.size() || !seen.insert(index).second) return WRONG_SYMBOL;
    FakeIOSurface *surface = fakeSurface(((FakeSurfaceObjectState *)[objects objectAtIndex:i])->surface);
    const ProgramPort &port = ports[index];
    if (surface->bytes != portBytes(port)) {
      violation("port " + port.name + " needs " + std::to_string(portBytes(port)) +
                " bytes, its surface was made with " + std::to_string(surface->bytes));
    }
    if (surface->memory->size() < portBytes(port)) return BAD_BUFFERS;
    bound.push_back({surface, &port, written});
  }
  return 0;
}

// file, its bytes, and the row stride of a port
std::vector<std::string> command(const Program &program, const std::vector<BoundSurface> &bound) {
  std::vector<std::string> fields = {"evaluate", program.handle, std::to_string(getpid())};
  for (const auto &[surface, port, written] : bound) {
    fields.push_back(written ? "out" : "in");
    fields.push_back(port->name);
    fields.push_back(std::to_string(surface->memory->file()));
    fields.push_back(std::to_string(port->rowStride));
  }
  return fields;
}

// The engine has the surfaces for as long as this lives.
class EngineAccess {
 public:
  explicit EngineAccess(const std::vector<BoundSurface> &bound) : bound_(bound) {
    for (const auto &[surface, port, written] : bound_) {
      const std::string broken = surface->memory->beginEngineAccess(written);
      if (!broken.empty()) violation(broken);
    }
    add(Count::runningEvaluations);
  }
  EngineAccess(const EngineAccess &) = delete;
  EngineAccess &operator=(const EngineAccess &) = delete;
  ~EngineAccess() {
    add(Count::runningEvaluations, -1);
    for (const auto &[surface, port, written] : bound_) surface->memory->endEngineAccess(written);
  }

 private:
  const std::vector<BoundSurface> &bound_;
};

}  // namespace

bool evaluate(const Program &program, FakeRequestState *request, unsigned long long *nanoseconds, NSError **error) {
  std::vector<BoundSurface> bound;
  long status = bind(program.inputs, request->inputs, request->inputIndices, false, bound);
  if (status == 0) status = bind(program.outputs, request->outputs, request->outputIndices, true, bound);
  if (status != 0) {
    violation("evaluateWithQoS: the request's surfaces are not the program's ports");
    reportStatus(error, status);
    return false;
  }
  const EngineAccess access(bound);
  if (fails("evaluateWithQoS", error)) return false;
  const Reply reply = askDaemon(command(program, bound));
  if (reply.ok) {
    *nanoseconds = std::stoull(reply.fields.at(0));
    return true;
  }
  violation("evaluateWithQoS: " + reply.fields.at(0));
  reportStatus(error, BAD_BUFFERS);
  return false;
}

}  // namespace fake
