#pragma once

#import <Metal/Metal.h>

#include "core/error.h"

namespace mpsbench::metal {

/**
 * The Error that stands for a command buffer whose status is MTLCommandBufferStatusError.
 * @param error its `error`; may be nil
 */
Error commandBufferError(NSError* error);

}  // namespace mpsbench::metal
