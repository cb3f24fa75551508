#pragma once

#include <optional>

namespace mpsbench::fakes {

/** How many threads the system still starts, as under a limit of processes; empty: no limit. */
extern std::optional<int> threadsLeft;

}  // namespace mpsbench::fakes
