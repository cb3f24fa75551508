#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace metal_double {

/** The moment of an access: what came between two of them decides whether they are ordered. */
struct MslMoment {
  /** Of the first threadgroup of the dispatch, of this group, and of the last barrier. */
  std::uint32_t dispatch = 0;
  std::uint32_t group = 0;
  std::uint32_t interval = 0;
  /** Barriers of the thread's own simdgroup since then. */
  std::uint16_t simdBarriers = 0;
  std::uint16_t thread = 0;
};

/** Who touched each two bytes of a region last, and who read them. */
class MslShadow {
 public:
  explicit MslShadow(std::size_t bytes) : cells_((bytes + kBytes - 1) / kBytes) {}

  /** The thread that the access races with; nothing where it is in order. */
  std::optional<unsigned> access(std::size_t offset, std::size_t bytes, bool isWrite,
                                 const MslMoment& now);
  [[nodiscard]] std::size_t bytes() const { return cells_.size() * kBytes; }

  static constexpr std::size_t kBytes = 2;
  /** In place of a thread: several of the group, or of other groups. */
  static constexpr std::uint16_t kSeveral = 0xffff;
  static constexpr std::uint16_t kOtherGroups = 0xfffe;

 private:
  struct Touch {
    std::uint32_t interval = 0;
    std::uint16_t simdBarriers = 0;
    std::uint16_t thread = 0;
  };
  struct Cell {
    Touch write;
    Touch read;
  };
  static bool isRace(const Touch& before, const MslMoment& now);

  std::vector<Cell> cells_;
};

}  // namespace metal_double
