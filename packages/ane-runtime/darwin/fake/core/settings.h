// Behaviour that a test can switch, for the whole process: through fake-control.node, or from the start by the
// environment variable FAKE_ANE, such as "compileBudget=5,attributes=0".
#pragma once

#include <string>

namespace fake {

enum class Setting {
  // Compilations that the process survives; 0 = no limit.
  compileBudget,
  // Models that the engine holds for the process; 0 = no limit.
  loadedLimit,
  // 0: modelAttributes stays empty after loading, and symbols are in the order of the alphabet.
  attributes,
  // Of the symbol arrays where there are attributes: 0 alphabet, 1 alphabet backwards, 2 declaration.
  symbolOrder,
  // Bytes; every row starts on a multiple of it.
  rowAlignment,
  // Bytes behind the last row of every port.
  portPadding,
  // 0: the driver gives no performance statistics; 1: for the model's mask or one in the options; 2: only where the
  // options of loading and of evaluating both have it.
  performanceStats,
  // 1: as in a virtual machine whose host lends it no engine: everything works but evaluating.
  virtualMachine,
  // 0: there is no engine.
  hasEngine,
  end,
};

long get(Setting setting);
// False for a name that is none.
bool set(const std::string& name, long value);
void resetSettings();

}  // namespace fake
