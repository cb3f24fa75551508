#include "core/dynamic_library.h"

#include <dlfcn.h>

#include <utility>

#include "core/error.h"

namespace mpsbench {

std::optional<DynamicLibrary> DynamicLibrary::open(const std::string& name, std::string& reason) {
  void* handle = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle != nullptr) return DynamicLibrary(handle, name);
  const char* text = dlerror();
  reason = text != nullptr ? text : name;
  return std::nullopt;
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
