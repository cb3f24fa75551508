#pragma once

#include <span>
#include <vector>

namespace mpsbench {

/** The CPUs that this thread may run on; empty if the system does not say. */
std::vector<int> allowedCpus();

/**
 * Keeps this thread, and those that it starts from now on, on those of these CPUs that it may use.
 * @returns where it runs now; empty if nothing changed: none of them is allowed, all that are
 * allowed are among them, or the system has no such call
 */
std::vector<int> keepOnCpus(std::span<const int> cpus);

}  // namespace mpsbench
