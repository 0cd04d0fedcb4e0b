// A value copied out of a call's memory, with all that it points to, so that it can outlive call, arguments and release.
#pragma once

#include "ir/image.h"
#include "ir/type.h"

namespace writ::host {

/// The words of the copy, whose memory is the image's. Deep; in the order and sharing nothing with the original.
[[nodiscard]] ir::Words keep(ir::Image& image, const ir::Words& words, ir::TypeId type, const ir::Types& types);

}  // namespace writ::host
