#pragma once

#include <memory>

#include "core/backend.h"

namespace mpsbench::cpu {

/** The CPU as a device. @throws Error `usage` for an engine that this build lacks, or a number of
 * threads out of range */
std::shared_ptr<Device> openDevice(const BackendOptions& options);

}  // namespace mpsbench::cpu
