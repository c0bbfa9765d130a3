// The models of this process that have not been destroyed. Node runs no finalizer on `process.exit`, but the C
// library runs what was registered for the end of the process.
#include <cstdlib>
#include <list>

#import "ane/model_state.h"

namespace ane {
namespace {

struct LiveModels {
  std::mutex mutex;
  std::list<std::weak_ptr<Model::State>> states;
};

// Never destroyed: it is used when everything else is.
LiveModels& liveModels() {
  static LiveModels& models = *new LiveModels;
  return models;
}

void releaseAll() {
  std::list<std::weak_ptr<Model::State>> states;
  {
    const std::lock_guard<std::mutex> guard(liveModels().mutex);
    states.swap(liveModels().states);
  }
  for (const auto& entry : states) {
    const auto state = entry.lock();
    if (!state) continue;
    @autoreleasepool {
      const std::lock_guard<std::mutex> guard(state->use);
      Failure unreported;
      release(*state, &unreported);
    }
  }
}

}  // namespace

void releaseAtExit(const std::shared_ptr<Model::State>& state) {
  static std::once_flag once;
  std::call_once(once, [] { std::atexit(releaseAll); });
  const std::lock_guard<std::mutex> guard(liveModels().mutex);
  liveModels().states.remove_if([](const auto& entry) { return entry.expired(); });
  liveModels().states.push_back(state);
}

}  // namespace ane
