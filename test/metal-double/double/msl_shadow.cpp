#include "double/msl_shadow.h"

namespace metal_double {

namespace {

constexpr unsigned kLanes = 32;

}  // namespace

bool MslShadow::isRace(const Touch& before, const MslMoment& now) {
  // An earlier dispatch has ended.
  if (before.interval < now.dispatch) return false;
  // Nothing orders the threadgroups of a dispatch.
  if (before.thread == kOtherGroups || before.interval < now.group) return true;
  if (before.interval < now.interval || before.thread == now.thread) return false;
  const bool sameSimdgroup =
      before.thread != kSeveral && before.thread / kLanes == now.thread / kLanes;
  return !sameSimdgroup || before.simdBarriers == now.simdBarriers;
}

std::optional<unsigned> MslShadow::access(std::size_t offset, std::size_t bytes, bool isWrite,
                                          const MslMoment& now) {
  const Touch own = {now.interval, now.simdBarriers, now.thread};
  for (std::size_t i = offset / kBytes; i * kBytes < offset + bytes; ++i) {
    Cell& cell = cells_[i];
    if (isRace(cell.write, now)) return cell.write.thread;
    if (isWrite) {
      if (isRace(cell.read, now)) return cell.read.thread;
      cell.write = own;
      continue;
    }
    Touch& read = cell.read;
    const bool inDispatch = read.interval >= now.dispatch && now.dispatch > 0;
    if (inDispatch && (read.thread == kOtherGroups || read.interval < now.group)) {
      read = {now.interval, 0, kOtherGroups};
    } else if (inDispatch && read.interval == now.interval && read.thread != now.thread) {
      read = {now.interval, 0, kSeveral};
    } else {
      read = own;
    }
  }
  return std::nullopt;
}

}  // namespace metal_double
