// How a matrix of positions and channels lies in memory.
#pragma once

namespace ane {

// Channel-first: [channels, rows], the layout of device surfaces. Token-major: [rows, channels].
enum class Layout { channelFirst, tokenMajor };

}  // namespace ane
