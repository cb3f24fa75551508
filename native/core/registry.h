#pragma once

#include <memory>
#include <vector>

#include "core/backend.h"

namespace mpsbench {

/** Every backend of this build, in the order of CMake's list; registry.cpp is generated from it. */
const std::vector<std::unique_ptr<Backend>>& backends();

}  // namespace mpsbench
