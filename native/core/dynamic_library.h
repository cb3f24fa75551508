#pragma once

#include <optional>
#include <string>
#include <utility>

namespace mpsbench {

/** A shared library loaded at run time; unloaded when the value dies. */
class DynamicLibrary {
 public:
  /** Loads `name`, a file name or a path; where the loader refuses, `reason` says why. */
  static std::optional<DynamicLibrary> open(const std::string& name, std::string& reason);
  ~DynamicLibrary();
  DynamicLibrary(DynamicLibrary&& other) noexcept;
  DynamicLibrary& operator=(DynamicLibrary&& other) noexcept;
  DynamicLibrary(const DynamicLibrary&) = delete;
  DynamicLibrary& operator=(const DynamicLibrary&) = delete;

  /** The name under which it was loaded. */
  [[nodiscard]] const std::string& name() const { return name_; }

  /** The function `symbol` of type `Function*`, or nullptr if the library lacks it. */
  template <class Function>
  [[nodiscard]] Function* find(const char* symbol) const {
    return reinterpret_cast<Function*>(address(symbol));
  }

  /** @throws Error `unavailable` if the library lacks the function. */
  template <class Function>
  [[nodiscard]] Function* require(const char* symbol) const {
    return reinterpret_cast<Function*>(requiredAddress(symbol));
  }

 private:
  DynamicLibrary(void* handle, std::string name) : handle_(handle), name_(std::move(name)) {}
  [[nodiscard]] void* address(const char* symbol) const;
  [[nodiscard]] void* requiredAddress(const char* symbol) const;

  void* handle_ = nullptr;
  std::string name_;
};

}  // namespace mpsbench
