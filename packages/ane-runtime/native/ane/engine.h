// The Neural Engine without Objective-C: everything the addon calls. All functions are noexcept; NSExceptions are
// caught inside and reported as a Failure. All may be called on any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ane {

// What went wrong, as it was reported: the words for it are chosen in TypeScript.
struct Failure {
  // "open", "descriptor", "folder", "compile", "load", "evaluate", "unload", "surface", "request"
  const char* step = "";
  std::string reason;
  // Of the NSError, if there was one.
  std::string domain;
  int64_t code = 0;
  // Its userInfo, one "key: value" per line.
  std::string details;
  // Name of the NSException, if there was one.
  std::string exception;
};

// Loads the framework and checks every class and selector that will be used, once per process; removes the folders that
// dead processes left behind. False: *failure says what is missing.
bool openFramework(Failure* failure) noexcept;

// One method that is used of the framework.
struct MethodState {
  // Such as "_ANERequest" and "-perfStats"
  std::string className, method;
  // Without it the framework is of no use; without others something is switched off.
  bool needed;
  // Empty if it is there and takes the expected types.
  std::string defect;
};
// Empty where there is no framework.
std::vector<MethodState> methodStates() noexcept;

struct DeviceInfo {
  // Empty or absent where the system does not say.
  std::string architecture, buildVersion;
  std::optional<bool> hasEngine, virtualMachine;
  std::optional<uint32_t> engines, cores;
  // Parts of the private interface that this system lacks; what needs them is switched off.
  std::vector<std::string> missing;
};
DeviceInfo deviceInfo() noexcept;

// Of the operating system: "Apple M4", "15.4.1", "24E263"; empty where it does not say.
struct SystemInfo {
  std::string chip, version, build;
};
SystemInfo systemInfo() noexcept;

// Memory that processor and engine share. Evaluations and processor access of one surface exclude each other: whoever
// comes second waits.
class Surface {
 public:
  // Zeroed. Null: see *failure.
  static std::shared_ptr<Surface> create(size_t bytes, Failure* failure) noexcept;
  ~Surface();

  // The same address until the surface is destroyed.
  void* data() const noexcept;
  size_t size() const noexcept;

  // Locks for the processor. Pairs nest.
  bool lock(bool writable, Failure* failure) noexcept;
  bool unlock(bool writable, Failure* failure) noexcept;

  struct State;
  State& state() noexcept { return *state_; }

 private:
  explicit Surface(std::unique_ptr<State> state) noexcept;
  std::unique_ptr<State> state_;
};

using Surfaces = std::vector<std::shared_ptr<Surface>>;

struct WeightFile {
  // "@model_path/weights/x.bin"
  std::string path;
  const void* data;
  size_t bytes;
};

struct ModelSpec {
  std::string text;
  std::vector<WeightFile> weights;
  uint32_t qos;
  // Ask the engine how long each evaluation takes.
  bool performanceStats;
};

// One entry of LiveInputList or LiveOutputList; strides in bytes, 0 where the model does not say.
struct LivePort {
  std::string name, symbol, type;
  int64_t batches, channels, depth, height, width, interleave, rowStride, planeStride, batchStride;
};

struct PortTable {
  // All symbols, and which of them procedure 0 has, in its order.
  std::vector<std::string> symbols;
  std::vector<uint32_t> indices;
  std::vector<LivePort> live;
};

struct ModelAttributes {
  PortTable inputs, outputs;
};

// A program with its weights. Copies what it is given. Destroying it unloads it and removes its folder.
class Model {
 public:
  // Nothing is compiled yet. Null: see *failure.
  static std::shared_ptr<Model> create(const ModelSpec& spec, Failure* failure) noexcept;
  ~Model();

  const std::string& identifier() const noexcept;
  // Whether the system's cache has the program: loading it then runs no compiler.
  bool cached() const noexcept;

  // Writes the model's folder and makes the engine ready, once. A cached program is loaded as it is; if that fails, or
  // there is none, it is compiled first, where `mayCompile` allows. After a failure the model is as unloaded.
  // *compiled: whether the compiler ran, and succeeded, even if loading then failed.
  bool load(bool mayCompile, bool* compiled, Failure* failure) noexcept;

  // What the loaded model says of its ports; absent where it says nothing.
  bool attributes(std::optional<ModelAttributes>* attributes, Failure* failure) noexcept;

  // The symbol index of each input and output, in the order in which `evaluate` will be given the surfaces.
  void setPorts(std::vector<uint32_t> inputs, std::vector<uint32_t> outputs) noexcept;

  // *nanoseconds: hardware time, absent where it is not known.
  bool evaluate(const Surfaces& surfaces, std::optional<uint64_t>* nanoseconds, Failure* failure) noexcept;

  // Waits for an evaluation that is running. What can be freed is freed even if it fails; later calls do nothing.
  bool unload(Failure* failure) noexcept;

  struct State;

 private:
  explicit Model(std::shared_ptr<State> state) noexcept;
  std::shared_ptr<State> state_;
};

// Models of this process that occupy the engine.
uint32_t loadedModels() noexcept;

// Joules since the meter was opened, by the names that the system gives: "ANE", "CPU Energy", "GPU Energy" and others.
using EnergyCounters = std::vector<std::pair<std::string, double>>;

class EnergyMeter {
 public:
  // Null where the system has no counters.
  static std::unique_ptr<EnergyMeter> open() noexcept;
  ~EnergyMeter();
  std::optional<EnergyCounters> read() noexcept;

  struct State;

 private:
  explicit EnergyMeter(std::unique_ptr<State> state) noexcept;
  std::unique_ptr<State> state_;
};

}  // namespace ane
