#include "core/dynamic_library.h"

#include <dlfcn.h>

#include <utility>

#include "core/error.h"

namespace mpsbench {

DynamicLibrary::DynamicLibrary(std::initializer_list<const char*> names) {
  std::string attempts;
  for (const char* name : names) {
    handle_ = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (handle_ != nullptr) {
      name_ = name;
      return;
    }
    const char* reason = dlerror();
    attempts += std::string(attempts.empty() ? "" : "; ") + (reason != nullptr ? reason : name);
  }
  throw Error(ErrorCode::unavailable, "No library could be loaded: " + attempts + ".");
}

DynamicLibrary::~DynamicLibrary() {
  if (handle_ != nullptr) dlclose(handle_);
}

DynamicLibrary::DynamicLibrary(DynamicLibrary&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)), name_(std::move(other.name_)) {}

DynamicLibrary& DynamicLibrary::operator=(DynamicLibrary&& other) noexcept {
  std::swap(handle_, other.handle_);
  std::swap(name_, other.name_);
  return *this;
}

void* DynamicLibrary::address(const char* symbol) const {
  return dlsym(handle_, symbol);
}

void* DynamicLibrary::requiredAddress(const char* symbol) const {
  void* found = address(symbol);
  if (found == nullptr) {
    throw Error(ErrorCode::unavailable, name_ + " has no function '" + symbol + "'.",
                "Install a newer version of the library.");
  }
  return found;
}

}  // namespace mpsbench
