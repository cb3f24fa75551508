#include "double/msl_machine.h"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "double/msl_fiber.h"
#include "double/msl_shadow.h"
#include "double/rules.h"

namespace metal_double {

namespace {

constexpr unsigned kLanes = 32;
constexpr std::size_t kExchangeBytes = 16;
/** Fresh threadgroup memory: NaN in every float format. */
constexpr int kFreshByte = 0xff;
/** Races are looked for in buffers of up to this size; in larger ones the bounds alone are checked.
 */
constexpr std::size_t kLargestShadow = std::size_t{1} << 20;

enum class State { fresh, ready, atBarrier, atSimd, done };

/** Where a thread waits, for comparing it with the others. */
struct Stop {
  int line = 0;
  int flags = 0;
};

struct Thread {
  State state = State::fresh;
  Stop stop;
  MslFiber* fiber = nullptr;
  MslThread call = {};
  /** Two, because a lane may hand in the next value before another has read this one. */
  unsigned exchanges = 0;
};

struct Simdgroup {
  std::uint16_t barriers = 0;
  alignas(16) std::byte values[2][kLanes * kExchangeBytes];
};

std::string text(unsigned thread) {
  if (thread == MslShadow::kSeveral) return "several threads";
  if (thread == MslShadow::kOtherGroups) return "a thread of another threadgroup";
  return "thread " + std::to_string(thread);
}

/** What clang's sanitizer of undefined behaviour ends a kernel with. */
void onTrap(int /*signal*/) {
  violate(Rule::kernelUndefined, "A kernel trapped.");
}

void installTrapHandler() {
  static std::once_flag once;
  std::call_once(once, [] {
    std::signal(SIGILL, onTrap);
    std::signal(SIGTRAP, onTrap);
  });
}

class Machine {
 public:
  /** Set by `run`, which everything else is called from; asked for at every access to memory. */
  static Machine* running;

  void run(const MslDispatch& dispatch) {
    installTrapHandler();
    dispatch_ = &dispatch;
    const MslSize& size = dispatch.threadsPerGroup;
    threads_.assign(std::size_t{size[0]} * size[1] * size[2], Thread());
    simdgroups_.resize((threads_.size() + kLanes - 1) / kLanes);
    bind(dispatch);
    moment_.dispatch = ++clock_;
    for (unsigned z = 0; z < dispatch.groups[2]; ++z) {
      for (unsigned y = 0; y < dispatch.groups[1]; ++y) {
        for (unsigned x = 0; x < dispatch.groups[0]; ++x) runGroup({x, y, z});
      }
    }
    regions_.clear();
  }

  void access(const void* address, std::size_t bytes, bool isWrite) {
    const auto* at = static_cast<const std::byte*>(address);
    if (lastRegion_ >= regions_.size() || !regions_[lastRegion_].holds(at)) {
      if (threads_[current_].fiber->holds(address)) return;
      const auto found = std::find_if(regions_.begin(), regions_.end(),
                                      [&](const Region& region) { return region.holds(at); });
      if (found == regions_.end()) outside(address, bytes, isWrite);
      lastRegion_ = static_cast<std::size_t>(found - regions_.begin());
    }
    Region& region = regions_[lastRegion_];
    const auto offset = static_cast<std::size_t>(at - region.memory.data);
    if (bytes > region.memory.bytes - offset) outside(address, bytes, isWrite);
    require(!isWrite || !region.memory.isConstant, Rule::kernelBounds,
            where() + " writes to " + region.memory.name + ", which is constant.");
    if (region.shadow == nullptr) return;
    MslMoment now = moment_;
    now.interval = region.isGroupMemory ? groupInterval_ : deviceInterval_;
    now.thread = static_cast<std::uint16_t>(current_);
    now.simdBarriers = simdgroups_[current_ / kLanes].barriers;
    // Each threadgroup has memory of its own.
    if (region.isGroupMemory) now.dispatch = now.group;
    const auto racing = region.shadow->access(offset, bytes, isWrite, now);
    if (!racing) return;
    violate(Rule::kernelRace, where() + (isWrite ? " writes" : " reads") + " byte " +
                                  std::to_string(offset) + " of " + region.memory.name + ", as " +
                                  text(*racing) + " does without a barrier in between.");
  }

  void barrier(int flags, int line) { stopAt(State::atBarrier, {line, flags}); }

  void simdBarrier(int flags, int line) { stopAt(State::atSimd, {line, flags | kSimdBarrier}); }

  const void* exchange(const void* mine, unsigned bytes, int line) {
    Thread& thread = threads_[current_];
    Simdgroup& simdgroup = simdgroups_[current_ / kLanes];
    auto* values = simdgroup.values[thread.exchanges++ % 2];
    std::memcpy(values + current_ % kLanes * bytes, mine, bytes);
    stopAt(State::atSimd, {line, 0});
    return values;
  }

  [[nodiscard]] unsigned lane() const { return static_cast<unsigned>(current_ % kLanes); }

 private:
  static constexpr int kSimdBarrier = 1 << 8;

  struct Region {
    MslRegion memory;
    MslShadow* shadow = nullptr;
    bool isGroupMemory = false;

    [[nodiscard]] bool holds(const std::byte* at) const {
      return at >= memory.data && at < memory.data + memory.bytes;
    }
  };

  /** The same memory may be bound more than once: it then has one shadow. */
  void bind(const MslDispatch& dispatch) {
    regions_.clear();
    lastRegion_ = 0;
    buffers_.clear();
    for (const MslRegion& buffer : dispatch.buffers) {
      buffers_.push_back(buffer.data);
      const bool isBound = std::any_of(regions_.begin(), regions_.end(), [&](const Region& region) {
        return region.memory.data == buffer.data;
      });
      if (buffer.data == nullptr || isBound) continue;
      const bool isShadowed = !buffer.isConstant && buffer.bytes <= kLargestShadow;
      regions_.push_back({buffer, isShadowed ? shadowOf(buffer) : nullptr, false});
    }
    groupPointers_.clear();
    groupBlocks_.resize(std::max(groupBlocks_.size(), dispatch.groupMemory.size()));
    for (std::size_t i = 0; i < dispatch.groupMemory.size(); ++i) {
      groupBlocks_[i].resize(dispatch.groupMemory[i]);
      groupPointers_.push_back(groupBlocks_[i].data());
      const MslRegion memory = {groupBlocks_[i].data(), groupBlocks_[i].size(),
                                "threadgroup memory " + std::to_string(i), false};
      if (memory.bytes > 0) regions_.push_back({memory, shadowOf(memory), true});
    }
  }

  /** Cells of earlier dispatches are older than this one, so they need not be cleared. */
  MslShadow* shadowOf(const MslRegion& memory) {
    auto& shadow = shadows_[memory.data];
    if (shadow == nullptr || shadow->bytes() < memory.bytes) {
      // Addresses come and go: not one shadow for each that was ever seen.
      constexpr std::size_t kMost = 16;
      if (shadows_.size() > kMost) {
        std::erase_if(shadows_, [&](const auto& entry) {
          return entry.first != memory.data && !isRegion(entry.first);
        });
      }
      shadows_[memory.data] = std::make_unique<MslShadow>(memory.bytes);
    }
    return shadows_[memory.data].get();
  }
  [[nodiscard]] bool isRegion(const std::byte* data) const {
    return std::any_of(regions_.begin(), regions_.end(),
                       [&](const Region& region) { return region.memory.data == data; });
  }

  void runGroup(const MslSize& group) {
    group_ = group;
    moment_.group = groupInterval_ = deviceInterval_ = ++clock_;
    for (std::size_t i = 0; i < dispatch_->groupMemory.size(); ++i) {
      std::memset(groupPointers_[i], kFreshByte, dispatch_->groupMemory[i]);
    }
    for (std::size_t i = 0; i < threads_.size(); ++i) place(i);
    for (Simdgroup& simdgroup : simdgroups_) simdgroup.barriers = 0;
    // Turns about, so that what one thread leaves for another is not always there by chance.
    for (bool forwards = true; !pass(forwards); forwards = !forwards) release();
  }

  void place(std::size_t index) {
    const MslSize& size = dispatch_->threadsPerGroup;
    Thread& thread = threads_[index];
    thread.state = State::fresh;
    thread.exchanges = 0;
    const auto linear = static_cast<unsigned>(index);
    const MslSize position = {linear % size[0], linear / size[0] % size[1],
                              linear / size[0] / size[1]};
    MslThread& call = thread.call;
    for (std::size_t i = 0; i < 3; ++i) {
      call.positionInGroup[i] = position[i];
      call.groupInGrid[i] = group_[i];
      call.groups[i] = dispatch_->groups[i];
      call.threadsPerGroup[i] = size[i];
      call.positionInGrid[i] = group_[i] * size[i] + position[i];
    }
    call.indexInGroup = linear;
    call.buffers = buffers_.data();
    call.groupMemory = groupPointers_.data();
  }

  /** Lets every thread run until it stops; whether all are done. */
  bool pass(bool forwards) {
    bool done = true;
    for (std::size_t i = 0; i < threads_.size(); ++i) {
      current_ = forwards ? i : threads_.size() - 1 - i;
      Thread& thread = threads_[current_];
      if (thread.state == State::fresh) thread.fiber = idleFiber();
      if (thread.state == State::fresh || thread.state == State::ready) {
        thread.state = State::ready;
        thread.fiber->resume();
        if (thread.state == State::done) idle_.push_back(thread.fiber);
      }
      done = done && thread.state == State::done;
    }
    return done;
  }

  MslFiber* idleFiber() {
    if (idle_.empty()) {
      fibers_.push_back(std::make_unique<MslFiber>([] { running->runThread(); }));
      return fibers_.back().get();
    }
    MslFiber* fiber = idle_.back();
    idle_.pop_back();
    return fiber;
  }

  void runThread() {
    dispatch_->entry(&threads_[current_].call);
    threads_[current_].state = State::done;
  }

  void stopAt(State state, const Stop& stop) {
    Thread& thread = threads_[current_];
    thread.state = state;
    thread.stop = stop;
    thread.fiber->pause();
  }

  /** Every thread has stopped: lets go on what has met. */
  void release() {
    bool isSimd = false;
    for (std::size_t first = 0; first < threads_.size(); first += kLanes) {
      isSimd = releaseSimdgroup(first) || isSimd;
    }
    if (isSimd) return;
    const Thread& any = *std::find_if(threads_.begin(), threads_.end(), [](const Thread& thread) {
      return thread.state == State::atBarrier;
    });
    for (std::size_t i = 0; i < threads_.size(); ++i) {
      current_ = i;
      require(threads_[i].state == State::atBarrier && threads_[i].stop.line == any.stop.line,
              Rule::kernelBarrier,
              where() + " is not at the barrier of line " + std::to_string(any.stop.line) +
                  ", where others wait.");
    }
    for (Thread& thread : threads_) thread.state = State::ready;
    ++clock_;
    constexpr int kDevice = 1;
    constexpr int kGroup = 2;
    if ((any.stop.flags & kGroup) != 0) groupInterval_ = clock_;
    if ((any.stop.flags & kDevice) != 0) deviceInterval_ = clock_;
  }

  /** Whether its lanes have met in a function of simdgroups. */
  bool releaseSimdgroup(std::size_t first) {
    const std::size_t end = std::min(first + kLanes, threads_.size());
    const auto atSimd = [](const Thread& thread) { return thread.state == State::atSimd; };
    const auto any = std::find_if(threads_.begin() + static_cast<std::ptrdiff_t>(first),
                                  threads_.begin() + static_cast<std::ptrdiff_t>(end), atSimd);
    if (any == threads_.begin() + static_cast<std::ptrdiff_t>(end)) return false;
    const Stop stop = any->stop;
    require(end - first == kLanes, Rule::kernelSimdgroup,
            "The last simdgroup of " + dispatch_->kernel + " has fewer than 32 threads.");
    for (std::size_t i = first; i < end; ++i) {
      current_ = i;
      require(atSimd(threads_[i]) && threads_[i].stop.line == stop.line &&
                  threads_[i].stop.flags == stop.flags,
              Rule::kernelSimdgroup,
              where() + " is not at line " + std::to_string(stop.line) +
                  ", where other lanes of its simdgroup wait.");
      threads_[i].state = State::ready;
    }
    if ((stop.flags & kSimdBarrier) != 0 && (stop.flags & ~kSimdBarrier) != 0) {
      ++simdgroups_[first / kLanes].barriers;
    }
    return true;
  }

  [[nodiscard]] std::string where() const {
    return "In " + dispatch_->kernel + ", thread " + std::to_string(current_) + " of threadgroup " +
           std::to_string(group_[0]) + "," + std::to_string(group_[1]) + "," +
           std::to_string(group_[2]);
  }

  [[noreturn]] void outside(const void* address, std::size_t bytes, bool isWrite) const {
    std::string what =
        where() + (isWrite ? " writes " : " reads ") + std::to_string(bytes) + " bytes";
    const auto* at = static_cast<const std::byte*>(address);
    const Region* nearest = nullptr;
    std::ptrdiff_t distance = PTRDIFF_MAX;
    for (const Region& region : regions_) {
      const std::ptrdiff_t away = at < region.memory.data
                                      ? region.memory.data - at
                                      : at - (region.memory.data + region.memory.bytes);
      if (away < distance) distance = away, nearest = &region;
    }
    if (nearest != nullptr) {
      what += " at byte " + std::to_string(at - nearest->memory.data) + " of " +
              nearest->memory.name + " (" + std::to_string(nearest->memory.bytes) + " bytes)";
    }
    violate(Rule::kernelBounds, what + ".");
  }

  const MslDispatch* dispatch_ = nullptr;
  MslSize group_ = {};
  std::vector<Thread> threads_;
  std::vector<Simdgroup> simdgroups_;
  std::size_t current_ = 0;
  std::vector<std::unique_ptr<MslFiber>> fibers_;
  std::vector<MslFiber*> idle_;

  std::vector<void*> buffers_;
  std::vector<void*> groupPointers_;
  std::vector<std::vector<std::byte>> groupBlocks_;
  std::vector<Region> regions_;
  std::size_t lastRegion_ = 0;
  std::map<const std::byte*, std::unique_ptr<MslShadow>> shadows_;

  /** Counts dispatches, groups and barriers. */
  std::uint32_t clock_ = 0;
  std::uint32_t groupInterval_ = 0;
  std::uint32_t deviceInterval_ = 0;
  MslMoment moment_;
};

Machine* Machine::running = nullptr;

}  // namespace

void run(const MslDispatch& dispatch) {
  // Never destroyed, as the GPU's thread.
  if (Machine::running == nullptr) Machine::running = new Machine;
  Machine::running->run(dispatch);
}

const MslHost& mslHost() {
  static const MslHost host = {
      [](const void* address, unsigned long bytes, bool isWrite) {
        Machine::running->access(address, bytes, isWrite);
      },
      [](int flags, int line) { Machine::running->barrier(flags, line); },
      [](int flags, int line) { Machine::running->simdBarrier(flags, line); },
      [](const void* mine, unsigned bytes, int line) {
        return Machine::running->exchange(mine, bytes, line);
      },
      [] { return Machine::running->lane(); },
  };
  return host;
}

}  // namespace metal_double
