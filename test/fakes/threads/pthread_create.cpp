// A fake pthread_create that the program finds before the system's, and that refuses as it does.
#include "pthread_create.h"

#include <dlfcn.h>
#include <pthread.h>

#include <cerrno>

std::optional<int> mpsbench::fakes::threadsLeft;

extern "C" __attribute__((visibility("default"))) int pthread_create(pthread_t* thread,
                                                                     const pthread_attr_t* how,
                                                                     void* (*start)(void*),
                                                                     void* argument) noexcept {
  auto& left = mpsbench::fakes::threadsLeft;
  if (left && (*left)-- <= 0) return EAGAIN;
  static const auto real =
      reinterpret_cast<decltype(&pthread_create)>(dlsym(RTLD_NEXT, "pthread_create"));
  return real(thread, how, start, argument);
}
