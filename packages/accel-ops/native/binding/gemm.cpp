#include "gemm/gemm.h"

#include <vector>

#include "binding/arguments.h"
#include "binding/register.h"
#include "core/background_queue.h"

namespace ane::binding {
namespace {

// (a, b, c, sizes: Float64Array) from argument `first` on; the order of `sizes` is that of
// src/gemm.ts.
GemmProblem problem(const Napi::CallbackInfo& info, size_t first) {
  const auto [v, length] = doubles(info, first + 3);
  const auto count = [v = v](int i) { return static_cast<size_t>(v[i]); };
  const auto matrix = [&](size_t argument, int at) {
    return Matrix{elements(info, first + argument, count(at)), static_cast<ptrdiff_t>(v[at + 1]),
                  static_cast<ptrdiff_t>(v[at + 2]), static_cast<ptrdiff_t>(v[at + 3])};
  };
  return {count(0),
          count(1),
          count(2),
          count(3),
          matrix(0, 4),
          matrix(1, 8),
          matrix(2, 12),
          static_cast<float>(v[16]),
          static_cast<float>(v[17]),
          length > 18 && v[18] != 0};
}

// gemm(a, b, c, sizes)
void gemm(const Napi::CallbackInfo& info) { ane::gemm(problem(info, 0)); }

// The queue, and the typed arrays its works use: they must outlive the works.
struct Queue {
  std::vector<Napi::ObjectReference> arrays;
  BackgroundQueue works;  // destroyed first
};

Queue& queueOf(const Napi::CallbackInfo& info) {
  return *info[0].As<Napi::External<Queue>>().Data();
}

// createQueue(): handle
Napi::Value createQueue(const Napi::CallbackInfo& info) {
  return Napi::External<Queue>::New(info.Env(), new Queue,
                                    [](Napi::Env, Queue* queue) { delete queue; });
}

// queueGemm(queue, a, b, c, sizes)
void queueGemm(const Napi::CallbackInfo& info) {
  Queue& queue = queueOf(info);
  const GemmProblem product = problem(info, 1);
  if (product.empty()) return;
  if (queue.works.pending() == 0) queue.arrays.clear();
  for (size_t i = 1; i <= 3; ++i)
    queue.arrays.push_back(Napi::Persistent(info[i].As<Napi::Object>()));
  queue.works.push([product] { return makeGemm(product); });
}

// queueWait(queue, pending: number)
void queueWait(const Napi::CallbackInfo& info) {
  Queue& queue = queueOf(info);
  queue.works.wait(size(info, 1));
  if (queue.works.pending() == 0) queue.arrays.clear();
}

// queuePending(queue): number
Napi::Value queuePending(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(queueOf(info).works.pending()));
}

}  // namespace

void registerGemm(Napi::Env env, Napi::Object exports) {
  define<gemm>(env, exports, "gemm");
  define<createQueue>(env, exports, "createQueue");
  define<queueGemm>(env, exports, "queueGemm");
  define<queueWait>(env, exports, "queueWait");
  define<queuePending>(env, exports, "queuePending");
}

}  // namespace ane::binding
