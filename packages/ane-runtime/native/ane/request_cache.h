// The requests of one model, one per distinct list of surfaces that it was evaluated on. A request is made once and
// serves until the model is unloaded or one of its surfaces is gone.
#pragma once

#include <map>
#include <mutex>

#include "ane/engine.h"
#import "ane/private-api.h"
#import "ane/ref.h"

namespace ane {

class RequestCache {
 public:
  void setPorts(std::vector<uint32_t> inputs, std::vector<uint32_t> outputs);

  // The request for these surfaces, inputs before outputs. Nil: see *failure. It lives as long as all of them and the
  // cache's content, which the caller sees to.
  static id<ANERequest> find(const std::shared_ptr<RequestCache>& cache, const Surfaces& surfaces, Failure* failure);

  // Drops what names the surface of that serial number.
  void forget(uint64_t serial);
  void clear();

 private:
  bool make(const Surfaces& surfaces, Ref<id<ANERequest>>* made, Failure* failure) const;

  std::vector<uint32_t> inputs_, outputs_;
  std::mutex mutex_;
  std::map<std::vector<uint64_t>, Ref<id<ANERequest>>> requests_;
};

}  // namespace ane
