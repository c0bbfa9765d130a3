// How many objects of each Foundation class live, as GNUstep counts them.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace fake {

// Counts from now on.
void countFoundationObjects();

// By class name, without the zeros.
std::vector<std::pair<std::string, int>> foundationObjects();

}  // namespace fake
