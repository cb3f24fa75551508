#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "backends/metal/driver/kernel_source.h"

namespace mpsbench::metal {

/** The threadgroups of a dispatch and the threads of each. */
struct LaunchShape {
  std::array<std::size_t, 3> groups = {1, 1, 1};
  std::array<std::size_t, 3> threads = {1, 1, 1};
};

/** All of a dispatch but its buffers: how the kernel is compiled, and how its work is spread. */
struct KernelCall {
  std::string file;
  Macros macros;
  std::string entry;
  LaunchShape shape = {};
  /** Bytes of each threadgroup argument. */
  std::vector<std::size_t> groupMemory = {};
  /** Constant arguments by their index; buffers have the other indices, in order. */
  std::map<std::size_t, std::vector<std::byte>> values = {};
  /**
   * The constant argument, a `uint4`, whose last number is added to the threadgroups' row: with it
   * a long dispatch is cut into bands. Nothing where the kernel has none.
   */
  std::optional<std::size_t> bandArgument = {};
  /** For the placement table: the file and how the work is spread. */
  std::string label = {};

  /** Sets a constant argument of exactly the kernel's type and size. */
  template <class Value>
  void setValue(std::size_t index, const Value& value) {
    std::vector<std::byte> bytes(sizeof value);
    std::memcpy(bytes.data(), &value, sizeof value);
    values[index] = std::move(bytes);
  }
};

/** A `uint4` of a kernel, or a `uint3`, which has the same room. */
constexpr std::array<std::uint32_t, 4> uint4(std::int64_t x, std::int64_t y, std::int64_t z,
                                             std::int64_t w = 0) {
  return {static_cast<std::uint32_t>(x), static_cast<std::uint32_t>(y),
          static_cast<std::uint32_t>(z), static_cast<std::uint32_t>(w)};
}

}  // namespace mpsbench::metal
