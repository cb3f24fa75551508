#include "double/memory.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <map>
#include <mutex>
#include <system_error>

#include "double/rules.h"

namespace metal_double {

namespace {

/** Two of them are a NaN in f16, four in f32; in bf16 as well. */
constexpr int kFreshByte = 0xff;
constexpr int kPaddingByte = 0xa5;

/** The CPU's views, with the guard page behind each, for the handler of faults. */
struct Views {
  std::mutex mutex;
  std::map<std::uintptr_t, std::size_t> lengths;
  struct sigaction previous = {};
};

Views& views() {
  static Views& all = *new Views;  // never destroyed: a fault may come at exit
  return all;
}

std::size_t pageSize() {
  static const auto size = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return size;
}

/** The bytes of the view that holds `address`, guard page included; 0 where there is none. */
std::size_t viewAt(std::uintptr_t address, std::uintptr_t& begin) {
  const std::unique_lock lock(views().mutex, std::try_to_lock);
  if (!lock) return 0;
  auto after = views().lengths.upper_bound(address);
  if (after == views().lengths.begin()) return 0;
  --after;
  if (address >= after->first + after->second) return 0;
  begin = after->first;
  return after->second;
}

void onFault(int signal, siginfo_t* info, void* context) {
  const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
  std::uintptr_t begin = 0;
  if (const std::size_t length = viewAt(address, begin)) {
    const std::string at = "byte " + std::to_string(address - begin) + " of a buffer's contents.";
    if (address >= begin + length - pageSize()) {
      violate(Rule::bufferBounds, "The CPU touched " + at);
    }
    violate(Rule::gpuBusy, "The CPU touched " + at);
  }
  const struct sigaction& previous = views().previous;
  if ((previous.sa_flags & SA_SIGINFO) != 0) return previous.sa_sigaction(signal, info, context);
  if (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN) {
    return previous.sa_handler(signal);
  }
  ::signal(signal, SIG_DFL);  // the instruction runs again and ends the process
}

void installHandler() {
  static std::once_flag once;
  std::call_once(once, [] {
    struct sigaction action = {};
    action.sa_sigaction = onFault;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    sigaction(SIGSEGV, &action, &views().previous);
  });
}

[[noreturn]] void failed(const char* call) {
  throw std::system_error(errno, std::generic_category(), call);
}

std::byte* map(void* at, std::size_t bytes, int protection, int flags, int file) {
  void* address = mmap(at, bytes, protection, flags, file, 0);
  if (address == MAP_FAILED) failed("mmap");
  return static_cast<std::byte*>(address);
}

}  // namespace

Memory::Memory(std::size_t length, bool cpuVisible,
               std::shared_ptr<std::atomic<std::size_t>> allocated)
    : length_(length),
      mapped_((length + pageSize() - 1) / pageSize() * pageSize()),
      allocated_(std::move(allocated)) {
  const int file = memfd_create("metal-double", MFD_CLOEXEC);
  if (file < 0) failed("memfd_create");
  if (ftruncate(file, static_cast<off_t>(mapped_)) != 0) failed("ftruncate");
  gpu_ = map(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_SHARED, file);
  if (cpuVisible) {
    const std::size_t guarded = mapped_ + pageSize();
    cpu_ = map(nullptr, guarded, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
    map(cpu_, mapped_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file);
    installHandler();
    const std::lock_guard lock(views().mutex);
    views().lengths[reinterpret_cast<std::uintptr_t>(cpu_)] = guarded;
  }
  close(file);
  std::memset(gpu_, kFreshByte, length_);
  std::memset(gpu_ + length_, kPaddingByte, mapped_ - length_);
  *allocated_ += mapped_;
}

Memory::~Memory() {
  checkPadding();
  if (cpu_ != nullptr) {
    const std::lock_guard lock(views().mutex);
    views().lengths.erase(reinterpret_cast<std::uintptr_t>(cpu_));
    munmap(cpu_, mapped_ + pageSize());
  }
  munmap(gpu_, mapped_);
  *allocated_ -= mapped_;
}

void Memory::beginUse(Access access) {
  changeUse(access, 1);
}

void Memory::endUse(Access access) {
  changeUse(access, -1);
}

void Memory::changeUse(Access access, int by) {
  const std::lock_guard lock(mutex_);
  (access == Access::read ? readers_ : writers_) += by;
  if (cpu_ == nullptr) return;
  const int whenRead = readers_ > 0 ? PROT_READ : PROT_READ | PROT_WRITE;
  if (mprotect(cpu_, mapped_, writers_ > 0 ? PROT_NONE : whenRead) != 0) failed("mprotect");
}

void Memory::checkPadding() const {
  const auto damaged = [](std::byte value) { return value != std::byte{kPaddingByte}; };
  require(std::none_of(gpu_ + length_, gpu_ + mapped_, damaged), Rule::bufferBounds,
          "Bytes behind a buffer of " + std::to_string(length_) + " have changed.");
}

}  // namespace metal_double
