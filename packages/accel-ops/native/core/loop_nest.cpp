#include "core/loop_nest.h"

#include <algorithm>
#include <numeric>

namespace ane {

void LoopNest::simplify(size_t operand) {
  std::vector<size_t> order(dims.size());
  std::iota(order.begin(), order.end(), 0);
  std::erase_if(order, [&](size_t d) { return dims[d] == 1; });
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return strides[operand][a] > strides[operand][b]; });

  LoopNest simple;
  simple.strides.resize(strides.size());
  for (size_t d : order) {
    const size_t count = dims[d];
    bool merges = !simple.dims.empty();
    for (size_t i = 0; i < strides.size() && merges; ++i) {
      merges = simple.strides[i].back() == strides[i][d] * static_cast<ptrdiff_t>(count);
    }
    if (merges) {
      simple.dims.back() *= count;
    } else {
      simple.dims.push_back(count);
    }
    for (size_t i = 0; i < strides.size(); ++i) {
      if (merges) {
        simple.strides[i].back() = strides[i][d];
      } else {
        simple.strides[i].push_back(strides[i][d]);
      }
    }
  }
  if (simple.dims.empty()) {
    simple.dims.push_back(1);
    for (auto& own : simple.strides) own.push_back(1);
  }
  *this = std::move(simple);
}

void LoopNest::moveToSecondLast(size_t d) {
  const auto move = [d](auto& list) {
    std::rotate(list.begin() + static_cast<ptrdiff_t>(d),
                list.begin() + static_cast<ptrdiff_t>(d) + 1, list.end() - 1);
  };
  move(dims);
  for (auto& own : strides) move(own);
}

size_t LoopNest::outerSteps(size_t inner) const {
  size_t steps = 1;
  for (size_t d = 0; d + inner < dims.size(); ++d) steps *= dims[d];
  return steps;
}

void LoopNest::offsets(size_t index, size_t inner, ptrdiff_t* out) const {
  std::fill_n(out, strides.size(), 0);
  for (size_t d = dims.size() - std::min(inner, dims.size()); d-- > 0;) {
    const auto step = static_cast<ptrdiff_t>(index % dims[d]);
    index /= dims[d];
    for (size_t i = 0; i < strides.size(); ++i) out[i] += step * strides[i][d];
  }
}

}  // namespace ane
