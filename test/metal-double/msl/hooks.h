// What the double's GPU is called by: its address, and the calls that clang's thread sanitizer puts
// before every access to memory. Appended to every kernel source that runs as C++.
#pragma once

namespace metal_double {

const MslHost* mslHost = nullptr;
extern "C" MSL_OWN void mslSetHost(const MslHost* host) {
  mslHost = host;
}

}  // namespace metal_double

#define MSL_HOOK(BYTES)                                             \
  extern "C" MSL_OWN void __tsan_read##BYTES(void* at) {            \
    metal_double::mslHost->access(at, BYTES, false);                \
  }                                                                 \
  extern "C" MSL_OWN void __tsan_write##BYTES(void* at) {           \
    metal_double::mslHost->access(at, BYTES, true);                 \
  }                                                                 \
  extern "C" MSL_OWN void __tsan_unaligned_read##BYTES(void* at) {  \
    metal_double::mslHost->access(at, BYTES, false);                \
  }                                                                 \
  extern "C" MSL_OWN void __tsan_unaligned_write##BYTES(void* at) { \
    metal_double::mslHost->access(at, BYTES, true);                 \
  }
MSL_HOOK(1)
MSL_HOOK(2)
MSL_HOOK(4)
MSL_HOOK(8)
MSL_HOOK(16)
#undef MSL_HOOK
extern "C" {
MSL_OWN void __tsan_init() {}
MSL_OWN void __tsan_func_entry(void*) {}
MSL_OWN void __tsan_func_exit() {}
MSL_OWN void* __tsan_memcpy(void* to, const void* from, unsigned long bytes) {
  metal_double::mslHost->access(from, bytes, false);
  metal_double::mslHost->access(to, bytes, true);
  return __builtin_memcpy(to, from, bytes);
}
MSL_OWN void* __tsan_memmove(void* to, const void* from, unsigned long bytes) {
  metal_double::mslHost->access(from, bytes, false);
  metal_double::mslHost->access(to, bytes, true);
  return __builtin_memmove(to, from, bytes);
}
MSL_OWN void* __tsan_memset(void* to, int value, unsigned long bytes) {
  metal_double::mslHost->access(to, bytes, true);
  return __builtin_memset(to, value, bytes);
}
}
