#include "core/settings.h"

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <sstream>

namespace fake {
namespace {

constexpr size_t SETTINGS = static_cast<size_t>(Setting::end);

struct Entry {
  const char* name;
  long initial;
};

// The symbol order of the alphabet backwards is the one that no guess gets right.
constexpr std::array<Entry, SETTINGS> ENTRIES = {{
    {"compileBudget", 119},
    {"loadedLimit", 256},
    {"attributes", 1},
    {"symbolOrder", 1},
    {"rowAlignment", 64},
    {"portPadding", 0},
    {"performanceStats", 1},
    {"virtualMachine", 0},
    {"hasEngine", 1},
}};

class Settings {
 public:
  Settings() { reset(); }

  void reset() {
    for (size_t i = 0; i < SETTINGS; i++) values_[i] = ENTRIES[i].initial;
    const char* text = std::getenv("FAKE_ANE");
    if (!text) return;
    std::istringstream entries(text);
    for (std::string entry; std::getline(entries, entry, ',');) {
      const auto equals = entry.find('=');
      if (equals == std::string::npos || !set(entry.substr(0, equals), std::atol(entry.c_str() + equals + 1))) {
        std::fprintf(stderr, "FAKE_ANE: unknown setting \"%s\"\n", entry.c_str());
        std::abort();
      }
    }
  }

  bool set(const std::string& name, long value) {
    for (size_t i = 0; i < SETTINGS; i++) {
      if (name != ENTRIES[i].name) continue;
      values_[i] = value;
      return true;
    }
    return false;
  }

  long get(Setting setting) const { return values_[static_cast<size_t>(setting)].load(std::memory_order_relaxed); }

 private:
  std::array<std::atomic<long>, SETTINGS> values_{};
};

Settings& settings() {
  static auto* all = new Settings;
  return *all;
}

}  // namespace

long get(Setting setting) { return settings().get(setting); }
bool set(const std::string& name, long value) { return settings().set(name, value); }
void resetSettings() { settings().reset(); }

}  // namespace fake
