// A value copied out of a call's memory, with all that it points to, so that it can outlive call, arguments and release.
#pragma once

#include "ir/image.h"
#include "ir/type.h"

namespace writ::host {

/// The words of the copy, whose memory is the image's. Deep, in the same order; it shares nothing with the original, and within
/// itself what the original does, so that it takes no more memory than that.
[[nodiscard]] ir::Words keep(ir::Image& image, const ir::Words& words, ir::TypeId type, const ir::Types& types);

}  // namespace writ::host
