// The inside of a Model, and the steps of its life. Whoever calls a step holds `use` (but for `describe`, before
// anybody shares the state), stands in an autorelease pool and catches what the framework throws.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "ane/engine.h"
#import "ane/private-api.h"
#import "ane/ref.h"
#import "ane/request_cache.h"

namespace ane {

struct Model::State {
  std::string identifier;
  uint32_t qos = 0;
  // Of the statistics that are wanted; 0 where none are, or the driver knows none.
  unsigned int driverMask = 0;
  bool cached = false;
  Ref<id<ANEInMemoryModel>> model;
  // What the folder is written from: until the model is loaded.
  Ref<NSData *> text;
  Ref<NSDictionary *> weights;
  // One step or evaluation at a time; guards what follows.
  std::mutex use;
  bool hasFolder = false;
  bool loaded = false;
  std::shared_ptr<RequestCache> requests = std::make_shared<RequestCache>();
};

// Of loading and of each evaluation. The daemon takes the mask of the statistics from the one, an evaluation from the
// other; loading overwrites the model's own (decompilations of iOS 26.1), which is what other projects set.
NSDictionary *optionsOf(const Model::State& state);

// Descriptor and model.
bool describe(const ModelSpec& spec, Model::State& state, Failure* failure);

// Folder, compiler, engine. What is left behind by a failure is removed by `release`.
bool makeReady(Model::State& state, bool mayCompile, bool* compiled, Failure* failure);

// Undoes all of it. Each step is taken even if an earlier one fails; the first failure is the one to report.
bool release(Model::State& state, Failure* failure);

// Unloads what is left when the process ends: `process.exit` runs none of Node's finalizers.
void releaseAtExit(const std::shared_ptr<Model::State>& state);

}  // namespace ane
