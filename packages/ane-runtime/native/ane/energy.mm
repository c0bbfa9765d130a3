// Energy counters of the group "Energy Model" of libIOReport, which needs no privileges. The library is private: it
// is opened when a meter is, and its functions are declared here (signatures as in exelban/stats and
// vladkens/macmon). Each channel has its own unit; "GPU Energy" counts nanojoules where others count millijoules.
#include <dlfcn.h>

#import "ane/failure.h"
#import "ane/ref.h"

#ifndef ANE_IOREPORT_PATH
#define ANE_IOREPORT_PATH "/usr/lib/libIOReport.dylib"
#endif

namespace ane {
namespace {

// Core Foundation's dictionaries and strings are Foundation's; functions named "Copy" and "Create" return a reference
// to release.
using CopyChannelsInGroup = NSMutableDictionary *(*)(NSString *group, NSString *subgroup, uint64_t, uint64_t, uint64_t);
using CreateSubscription = id (*)(void*, NSMutableDictionary *wanted, NSMutableDictionary **subscribed, uint64_t, id);
using CreateSamples = NSDictionary *(*)(id subscription, NSMutableDictionary *subscribed, id);
using CreateSamplesDelta = NSDictionary *(*)(NSDictionary *before, NSDictionary *after, id);
using GetText = NSString *(*)(NSDictionary *channel);
using GetInteger = int64_t (*)(NSDictionary *channel, int32_t);

struct Library {
  CopyChannelsInGroup copyChannelsInGroup;
  CreateSubscription createSubscription;
  CreateSamples createSamples;
  CreateSamplesDelta createSamplesDelta;
  GetText channelName, unitLabel;
  GetInteger integerValue;
};

template <class Function>
bool find(void* handle, const char* name, Function* function) {
  *function = reinterpret_cast<Function>(dlsym(handle, name));
  return *function != nullptr;
}

bool openLibrary(Library* library) {
  void* handle = dlopen(ANE_IOREPORT_PATH, RTLD_NOW);
  return handle && find(handle, "IOReportCopyChannelsInGroup", &library->copyChannelsInGroup) &&
         find(handle, "IOReportCreateSubscription", &library->createSubscription) &&
         find(handle, "IOReportCreateSamples", &library->createSamples) &&
         find(handle, "IOReportCreateSamplesDelta", &library->createSamplesDelta) &&
         find(handle, "IOReportChannelGetChannelName", &library->channelName) &&
         find(handle, "IOReportChannelGetUnitLabel", &library->unitLabel) &&
         find(handle, "IOReportSimpleGetIntegerValue", &library->integerValue);
}

// 0 for a unit that is not one of energy.
double joulesPer(std::string unit) {
  while (!unit.empty() && unit.back() == ' ') unit.pop_back();
  if (unit == "J") return 1;
  if (unit == "mJ") return 1e-3;
  if (unit == "uJ" || unit == "µJ") return 1e-6;
  if (unit == "nJ") return 1e-9;
  return 0;
}

template <class T>
Ref<T> owned(T object) {
  Ref<T> reference(object);
  [object release];
  return reference;
}

}  // namespace

struct EnergyMeter::State {
  Library library;
  Ref<id> subscription;
  Ref<NSMutableDictionary *> channels;
  Ref<NSDictionary *> first;
};

namespace {

bool subscribe(EnergyMeter::State& state) {
  if (!openLibrary(&state.library)) return false;
  const auto channels = owned(state.library.copyChannelsInGroup(@"Energy Model", nil, 0, 0, 0));
  if (!channels) return false;
  NSMutableDictionary *subscribed = nil;
  state.subscription = owned(state.library.createSubscription(nullptr, channels.get(), &subscribed, 0, nil));
  state.channels = owned(subscribed);
  if (!state.subscription || !state.channels) return false;
  state.first = owned(state.library.createSamples(state.subscription.get(), state.channels.get(), nil));
  return static_cast<bool>(state.first);
}

std::optional<EnergyCounters> readCounters(const EnergyMeter::State& state) {
  const Library& library = state.library;
  const auto now = owned(library.createSamples(state.subscription.get(), state.channels.get(), nil));
  if (!now) return std::nullopt;
  const auto change = owned(library.createSamplesDelta(state.first.get(), now.get(), nil));
  if (!change) return std::nullopt;
  EnergyCounters counters;
  for (NSDictionary *channel in [change.get() objectForKey:@"IOReportChannels"]) {
    const double scale = joulesPer(textOf(library.unitLabel(channel)));
    if (scale == 0) continue;
    counters.emplace_back(textOf(library.channelName(channel)), library.integerValue(channel, 0) * scale);
  }
  return counters;
}

}  // namespace

EnergyMeter::EnergyMeter(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}

EnergyMeter::~EnergyMeter() {
  @autoreleasepool {
    state_.reset();
  }
}

std::unique_ptr<EnergyMeter> EnergyMeter::open() noexcept {
  @autoreleasepool {
    auto state = std::make_unique<State>();
    @try {
      if (!subscribe(*state)) return nullptr;
    } @catch (id thrown) {
      return nullptr;
    }
    return std::unique_ptr<EnergyMeter>(new EnergyMeter(std::move(state)));
  }
}

std::optional<EnergyCounters> EnergyMeter::read() noexcept {
  @autoreleasepool {
    @try {
      return readCounters(*state_);
    } @catch (id thrown) {
      return std::nullopt;
    }
  }
}

}  // namespace ane
