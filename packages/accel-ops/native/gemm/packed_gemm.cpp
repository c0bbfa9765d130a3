#include "gemm/packed_gemm.h"

#include <algorithm>

#include "gemm/kernels.h"

namespace ane {
namespace {

// Depth of a product of panels: long enough to hide what starting and finishing a block of C costs,
// short enough for the panels in use to stay in the second-level cache.
constexpr size_t kBlockDepth = 1024;
// Packed operand of one step: should stay in the second- or last-level cache.
constexpr size_t kSharedBytes = 1u << 20;
// Multiply-adds of a chunk: small enough to balance threads and not to hold up foreground work,
// large enough to make the packing of the own operand and taking the chunk cheap.
constexpr size_t kChunkWork = 16u << 20, kMinChunkWork = 1u << 19;
// B is shared, so that threads write whole rows of C, unless A is smaller and there are many B or B
// packed has more bytes than this.
constexpr size_t kMaxSharedB = 4u << 20;
// Where rows of the own operand are neighbours in memory, a chunk has so many at least: memory is
// slow in small pieces.
constexpr size_t kNeighbouringRows = 96;
// Elements of the shared operand that are packed in a chunk, and how deep a slice of it at least.
constexpr size_t kSliceElements = 32768, kMinSliceDepth = 64;

size_t ceilDiv(size_t a, size_t b) { return (a + b - 1) / b; }
size_t roundUp(size_t a, size_t multiple) { return ceilDiv(a, multiple) * multiple; }

// Room of the calling thread for the panels of its own operand and for unfinished sums.
struct ThreadRoom {
  Workspace panels, sums;
};

ThreadRoom& threadRoom() {
  thread_local ThreadRoom room;
  return room;
}

}  // namespace

PackedGemm::PackedGemm(const GemmProblem& problem)
    : problem_(problem), kernels_(problem.bf16 ? bf16GemmKernels() : gemmKernels()) {
  const GemmProblem& p = problem_;
  // One operand for all entries of the batch is worth packing once.
  const bool onceA = p.count > 1 && p.a.batchStride == 0,
             onceB = p.count > 1 && p.b.batchStride == 0;
  const bool largeB = p.count > 1 || p.n * p.k * sizeof(float) / kernels_.terms > kMaxSharedB;
  shareA_ = onceA != onceB ? onceA : p.m < p.n && largeB;
  sharedOnce_ = shareA_ ? p.a.batchStride == 0 : p.b.batchStride == 0;
  shared_ = shareA_ ? p.a : p.b.transposed();
  own_ = shareA_ ? p.b.transposed() : p.a;
  sharedRows_ = shareA_ ? p.m : p.n;
  ownRows_ = shareA_ ? p.n : p.m;
  panelRows_ = kernels_.panelRows({p.a.data, p.a.rowStride, p.a.columnStride});
  sharedPanel_ = shareA_ ? panelRows_ : kernels_.columns;
  ownPanel_ = shareA_ ? kernels_.columns : panelRows_;

  blockDepth_ = roundUp(ceilDiv(p.k, ceilDiv(p.k, kBlockDepth)), 16);
  const size_t bytesPerDepth = roundUp(sharedRows_, sharedPanel_) * sizeof(float) / kernels_.terms;
  // fp16 results are rounded once, so their sums must be complete in one step.
  const size_t fitting =
      std::max<size_t>(kSharedBytes / bytesPerDepth / blockDepth_, 1) * blockDepth_;
  depthStep_ = p.c.data.type == Element::fp16 ? p.k : std::min(p.k, fitting);
  depthSteps_ = ceilDiv(p.k, depthStep_);
  batchStep_ = sharedOnce_
                   ? p.count
                   : std::clamp<size_t>(kSharedBytes / (bytesPerDepth * depthStep_), 1, p.count);
  batchSteps_ = ceilDiv(p.count, batchStep_);

  const size_t workPerRow = sharedRows_ * depthStep_;
  const size_t chunkWork =
      std::clamp(workPerRow * ownRows_ * batchStep_ / 16, kMinChunkWork, kChunkWork);
  const size_t minRows = own_.rowStride == 1 && own_.columnStride != 1 ? kNeighbouringRows : 1;
  blockRows_ = roundUp(std::max(chunkWork / workPerRow, minRows), ownPanel_);
  sliceDepth_ = std::max(roundUp(kSliceElements / sharedRows_, 16), kMinSliceDepth);
  packed_ = Workspace((sharedOnce_ ? 1 : batchStep_) * roundUp(sharedRows_, sharedPanel_) *
                      elements(depthStep_) * sizeof(float));
}

// Elements of a panel's row that hold so many depths.
size_t PackedGemm::elements(size_t depth) const { return ceilDiv(depth, kernels_.terms); }

PackedGemm::Step PackedGemm::step(size_t phase) const {
  const size_t batch = phase / 2 / depthSteps_ * batchStep_,
               depth = phase / 2 % depthSteps_ * depthStep_;
  return {batch, std::min(batchStep_, problem_.count - batch), depth,
          std::min(depthStep_, problem_.k - depth)};
}

size_t PackedGemm::chunks(size_t phase) const {
  const Step now = step(phase);
  if (phase % 2 == 1) return now.batches * ceilDiv(ownRows_, blockRows_);
  return (sharedOnce_ ? 1 : now.batches) * ceilDiv(now.depths, sliceDepth_);
}

void PackedGemm::run(size_t phase, size_t chunk) {
  if (phase % 2 == 0) {
    packShared(step(phase), chunk);
  } else {
    multiply(step(phase), chunk);
  }
}

// Panels of the shared operand for an entry of the step's batch: [panel][elements of depth][row in
// panel].
float* PackedGemm::sharedPanels(size_t entry) const {
  return packed_.floats() +
         (sharedOnce_ ? 0 : entry * roundUp(sharedRows_, sharedPanel_) * elements(depthStep_));
}

void PackedGemm::packShared(const Step& now, size_t chunk) {
  const size_t slices = ceilDiv(now.depths, sliceDepth_), entry = chunk / slices,
               k = chunk % slices * sliceDepth_;
  const auto offset = static_cast<ptrdiff_t>(now.batch + entry) * shared_.batchStride +
                      static_cast<ptrdiff_t>(now.depth + k) * shared_.columnStride;
  const auto pack = shareA_ ? kernels_.packRows : kernels_.packColumns;
  pack({shared_.data + offset, shared_.rowStride, shared_.columnStride}, sharedRows_,
       std::min(sliceDepth_, now.depths - k), sharedPanels(entry) + elements(k) * sharedPanel_,
       elements(now.depths) * sharedPanel_);
}

void PackedGemm::multiply(const Step& now, size_t chunk) {
  const GemmProblem& p = problem_;
  const size_t blocks = ceilDiv(ownRows_, blockRows_);
  const size_t entry = chunk / blocks, row = chunk % blocks * blockRows_;
  const size_t rows = std::min(blockRows_, ownRows_ - row);
  const size_t m = shareA_ ? p.m : rows, n = shareA_ ? rows : p.n;

  const auto batch = static_cast<ptrdiff_t>(now.batch + entry);
  const Elements own =
      own_.data + (batch * own_.batchStride + static_cast<ptrdiff_t>(row) * own_.rowStride);
  const Elements c =
      p.c.data + (batch * p.c.batchStride +
                  static_cast<ptrdiff_t>(row) * (shareA_ ? p.c.columnStride : p.c.rowStride));
  const auto ldc = static_cast<size_t>(p.c.rowStride);
  ThreadRoom& room = threadRoom();
  const size_t depthPerBlock = std::min(blockDepth_, now.depths);
  float* const panels =
      room.panels.reserve(roundUp(rows, ownPanel_) * elements(depthPerBlock) * sizeof(float));
  // Sums of several blocks of depth that end in an fp16 matrix are kept in fp32 until they are
  // complete.
  const bool inParts = c.type == Element::fp16 && now.depths > blockDepth_;
  const Elements sums = {inParts ? room.sums.reserve(m * n * sizeof(float)) : c.data,
                         Element::fp32};

  const auto pack = shareA_ ? kernels_.packColumns : kernels_.packRows;
  for (size_t k = 0; k < now.depths; k += blockDepth_) {
    const size_t depth = std::min(blockDepth_, now.depths - k);
    const auto offset = static_cast<ptrdiff_t>(now.depth + k) * own_.columnStride;
    const size_t ownDistance = ownPanel_ * elements(depth),
                 sharedDistance = sharedPanel_ * elements(now.depths);
    pack({own + offset, own_.rowStride, own_.columnStride}, rows, depth, panels, ownDistance);
    const float* const shared = sharedPanels(entry) + elements(k) * sharedPanel_;
    const bool first = now.depth + k == 0, toSums = inParts && k + depth < now.depths,
               fromSums = inParts && !first;
    kernels_.multiply({m, n, depth, shareA_ ? shared : panels,
                       shareA_ ? sharedDistance : ownDistance, panelRows_,
                       shareA_ ? panels : shared, shareA_ ? ownDistance : sharedDistance,
                       toSums ? sums : c, fromSums ? sums : c, toSums ? n : ldc, fromSums ? n : ldc,
                       p.alpha, first ? p.beta : 1.0f});
  }
}

}  // namespace ane
