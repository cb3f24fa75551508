#pragma once

#include <cstddef>
#include <string>

/**
 * What of the double is alive, for tests of leaks. The file named by MPSBENCH_METAL_DOUBLE_LIVE
 * gets the same text when the process ends.
 */
namespace metal_double {

/** Objects of the double's classes and references to the I/O registry. */
std::size_t liveObjects();
/** Each class with its number: "MPSGraph 1, MTLBuffer 3"; "nothing" where all is released. */
std::string describeLive();

/** For references that are no objects. */
void countReference(const char* kind, int by);

}  // namespace metal_double
