#import "ane/request_cache.h"

#include <algorithm>

#import "ane/failure.h"
#import "ane/framework.h"
#import "ane/surface.h"

namespace ane {

void RequestCache::setPorts(std::vector<uint32_t> inputs, std::vector<uint32_t> outputs) {
  inputs_ = std::move(inputs);
  outputs_ = std::move(outputs);
}

id<ANERequest> RequestCache::find(const std::shared_ptr<RequestCache>& cache, const Surfaces& surfaces,
                                  Failure* failure) {
  std::vector<uint64_t> key;
  for (const auto& surface : surfaces) key.push_back(surface->state().serial);
  {
    const std::lock_guard<std::mutex> guard(cache->mutex_);
    const auto known = cache->requests_.find(key);
    if (known != cache->requests_.end()) return known->second.get();
  }
  Ref<id<ANERequest>> made;
  if (!cache->make(surfaces, &made, failure)) return nil;
  for (const auto& surface : surfaces) addUser(*surface, cache);
  const std::lock_guard<std::mutex> guard(cache->mutex_);
  return cache->requests_.emplace(std::move(key), std::move(made)).first->second.get();
}

bool RequestCache::make(const Surfaces& surfaces, Ref<id<ANERequest>>* made, Failure* failure) const {
  if (surfaces.size() != inputs_.size() + outputs_.size()) {
    return fail(failure, "request", "the number of surfaces is not the number of ports");
  }
  const auto objectsFrom = [&](size_t first, size_t count) {
    NSMutableArray *objects = [NSMutableArray arrayWithCapacity:count];
    for (size_t i = 0; i < count; i++) [objects addObject:surfaces[first + i]->state().object.get()];
    return objects;
  };
  const auto numbersOf = [](const std::vector<uint32_t>& indices) {
    NSMutableArray *numbers = [NSMutableArray arrayWithCapacity:indices.size()];
    for (const uint32_t index : indices) [numbers addObject:@(index)];
    return numbers;
  };
  id<ANERequest> request = [framework().request requestWithInputs:objectsFrom(0, inputs_.size())
                                         inputIndices:numbersOf(inputs_)
                                              outputs:objectsFrom(inputs_.size(), outputs_.size())
                                        outputIndices:numbersOf(outputs_)
                                        weightsBuffer:nil
                                            perfStats:nil
                                       procedureIndex:@0];
  if (!request) return fail(failure, "request", "+[_ANERequest requestWithInputs:...] returned nil");
  *made = Ref<id<ANERequest>>(request);
  return true;
}

void RequestCache::forget(uint64_t serial) {
  const std::lock_guard<std::mutex> guard(mutex_);
  for (auto entry = requests_.begin(); entry != requests_.end();) {
    const bool named = std::find(entry->first.begin(), entry->first.end(), serial) != entry->first.end();
    entry = named ? requests_.erase(entry) : std::next(entry);
  }
}

void RequestCache::clear() {
  const std::lock_guard<std::mutex> guard(mutex_);
  requests_.clear();
}

}  // namespace ane
