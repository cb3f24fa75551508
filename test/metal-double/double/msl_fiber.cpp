#include "double/msl_fiber.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

// Saves what a function must preserve on the running stack, and goes on where `to` was saved.
// swapcontext would make two system calls for each of the millions of switches.
extern "C" void metalDoubleSwitch(void** from, void* to);
#if defined(__x86_64__)
asm(R"(
.text
.globl metalDoubleSwitch
.type metalDoubleSwitch, @function
metalDoubleSwitch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size metalDoubleSwitch, .-metalDoubleSwitch
)");
#elif defined(__aarch64__)
asm(R"(
.text
.globl metalDoubleSwitch
.type metalDoubleSwitch, @function
metalDoubleSwitch:
  sub sp, sp, #160
  stp x19, x20, [sp, #0]
  stp x21, x22, [sp, #16]
  stp x23, x24, [sp, #32]
  stp x25, x26, [sp, #48]
  stp x27, x28, [sp, #64]
  stp x29, x30, [sp, #80]
  stp d8, d9, [sp, #96]
  stp d10, d11, [sp, #112]
  stp d12, d13, [sp, #128]
  stp d14, d15, [sp, #144]
  mov x9, sp
  str x9, [x0]
  mov sp, x1
  ldp x19, x20, [sp, #0]
  ldp x21, x22, [sp, #16]
  ldp x23, x24, [sp, #32]
  ldp x25, x26, [sp, #48]
  ldp x27, x28, [sp, #64]
  ldp x29, x30, [sp, #80]
  ldp d8, d9, [sp, #96]
  ldp d10, d11, [sp, #112]
  ldp d12, d13, [sp, #128]
  ldp d14, d15, [sp, #144]
  add sp, sp, #160
  ret
.size metalDoubleSwitch, .-metalDoubleSwitch
)");
#else
#error "no fibers for this machine"
#endif

namespace metal_double {

namespace {

/** Enough for what a kernel keeps to itself; Metal gives a thread far less. */
constexpr std::size_t kStackBytes = 64 << 10;

std::size_t pageSize() {
  static const auto size = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return size;
}

/** The fiber that starts; read once by its loop. */
MslFiber* starting = nullptr;

}  // namespace

MslFiber::MslFiber(void (*body)()) : body_(body), bytes_(kStackBytes) {
  // A guard page below.
  void* mapped = mmap(nullptr, kStackBytes + pageSize(), PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mmap");
  mprotect(mapped, pageSize(), PROT_NONE);
  stack_ = static_cast<std::byte*>(mapped) + pageSize();
  auto* top = reinterpret_cast<std::uintptr_t*>(stack_ + bytes_);
  const auto loop = reinterpret_cast<std::uintptr_t>(&MslFiber::loop);
#if defined(__x86_64__)
  // As if `loop` had been called: a return address above its frame, which is 16 bytes aligned.
  *--top = 0;
  *--top = loop;
  top -= 6;
#else
  top -= 20;
  top[11] = loop;
#endif
  own_ = top;
}

MslFiber::~MslFiber() {
  munmap(stack_ - pageSize(), bytes_ + pageSize());
}

void MslFiber::resume() {
  starting = this;
  metalDoubleSwitch(&resumer_, own_);
}

void MslFiber::pause() {
  metalDoubleSwitch(&own_, resumer_);
}

void MslFiber::loop() {
  MslFiber* const self = starting;
  for (;;) {
    self->body_();
    self->pause();
  }
}

}  // namespace metal_double
