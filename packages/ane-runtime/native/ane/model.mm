// The entry points of a model: each takes its turn, opens a pool and turns what is thrown into a Failure.
#import "ane/attributes.h"
#import "ane/failure.h"
#import "ane/framework.h"
#import "ane/model_state.h"
#import "ane/surface.h"

namespace ane {
namespace {

// The framework puts the statistics of an evaluation into its request.
std::optional<uint64_t> hardwareTime(id<ANERequest> request) {
  id statistics = [request perfStats];
  if (![statistics respondsToSelector:@selector(hwExecutionTime)]) return std::nullopt;
  const uint64_t nanoseconds = [(id<ANEPerformanceStats>)statistics hwExecutionTime];
  if (nanoseconds == 0) return std::nullopt;
  return nanoseconds;
}

bool evaluateOnce(Model::State& state, const Surfaces& surfaces, std::optional<uint64_t>* nanoseconds,
                  Failure* failure) {
  if (!state.loaded) return fail(failure, "evaluate", "the model is not loaded");
  id<ANERequest> request = RequestCache::find(state.requests, surfaces, failure);
  if (!request) return false;
  NSError *error = nil;
  const bool evaluated = [state.model.get() evaluateWithQoS:state.qos
                                                    options:optionsOf(state)
                                                    request:request
                                                      error:&error];
  if (!evaluated || error) {
    return failWithError(failure, "evaluate", error,
                         "evaluateWithQoS:options:request:error: returned NO without an NSError");
  }
  if (state.driverMask != 0) *nanoseconds = hardwareTime(request);
  return true;
}

}  // namespace

Model::Model(std::shared_ptr<State> state) noexcept : state_(std::move(state)) { releaseAtExit(state_); }

Model::~Model() {
  Failure unreported;
  unload(&unreported);
}

std::shared_ptr<Model> Model::create(const ModelSpec& spec, Failure* failure) noexcept {
  @autoreleasepool {
    auto state = std::make_shared<State>();
    bool succeeded = false;
    @try {
      succeeded = describe(spec, *state, failure);
    } @catch (id thrown) {
      failWithThrown(failure, "descriptor", thrown);
    }
    if (succeeded) return std::shared_ptr<Model>(new Model(std::move(state)));
    state.reset();  // inside the pool
    return nullptr;
  }
}

const std::string& Model::identifier() const noexcept { return state_->identifier; }
bool Model::cached() const noexcept { return state_->cached; }

bool Model::load(bool mayCompile, bool* compiled, Failure* failure) noexcept {
  const std::lock_guard<std::mutex> guard(state_->use);
  *compiled = false;
  @autoreleasepool {
    bool succeeded = false;
    @try {
      succeeded = makeReady(*state_, mayCompile, compiled, failure);
    } @catch (id thrown) {
      failWithThrown(failure, *compiled ? "load" : "compile", thrown);
    }
    Failure unreported;  // the first failure is the one to report
    if (!succeeded) release(*state_, &unreported);
    return succeeded;
  }
}

bool Model::attributes(std::optional<ModelAttributes>* attributes, Failure* failure) noexcept {
  const std::lock_guard<std::mutex> guard(state_->use);
  attributes->reset();
  if (!framework().hasAttributes || !state_->loaded) return true;
  @autoreleasepool {
    @try {
      *attributes = readAttributes([state_->model.get() modelAttributes]);
      return true;
    } @catch (id thrown) {
      return failWithThrown(failure, "load", thrown);
    }
  }
}

void Model::setPorts(std::vector<uint32_t> inputs, std::vector<uint32_t> outputs) noexcept {
  state_->requests->setPorts(std::move(inputs), std::move(outputs));
}

bool Model::evaluate(const Surfaces& surfaces, std::optional<uint64_t>* nanoseconds, Failure* failure) noexcept {
  // In this order: who waits for surfaces must not keep anybody else from unloading the model.
  const Evaluating holding(surfaces);
  const std::lock_guard<std::mutex> guard(state_->use);
  nanoseconds->reset();
  @autoreleasepool {
    @try {
      return evaluateOnce(*state_, surfaces, nanoseconds, failure);
    } @catch (id thrown) {
      return failWithThrown(failure, "evaluate", thrown);
    }
  }
}

bool Model::unload(Failure* failure) noexcept {
  const std::lock_guard<std::mutex> guard(state_->use);
  @autoreleasepool {
    return release(*state_, failure);
  }
}

}  // namespace ane
