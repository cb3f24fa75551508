#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "state.h"

namespace mpsbench::cuda::fake {

/** The launch, with arguments read one after the other, of exactly the kernel's types. */
class Call {
 public:
  Call(const Function& function, const CUlaunchConfig& config, void** arguments)
      : options_(function.module->program.options), config_(config), arguments_(arguments) {}

  template <class Value>
  Value next() {
    Value value;
    std::memcpy(&value, arguments_[used_++], sizeof value);
    return value;
  }
  /** The next argument, an address of at least so many values; nullptr (and a violation) if not. */
  template <class Value>
  Value* array(std::int64_t count) {
    return arrayAt<Value>(next<CUdeviceptr>(), count);
  }
  template <class Value>
  static Value* arrayAt(CUdeviceptr address, std::int64_t count) {
    void* bytes = State::get().bytesAt(address, static_cast<std::size_t>(count) * sizeof(Value));
    if (bytes == nullptr) State::get().violation("a kernel was given memory that is not allocated");
    return static_cast<Value*>(bytes);
  }
  /** The value of `-DNAME=value`; empty if there is none. */
  [[nodiscard]] std::string option(const std::string& name) const {
    const std::string prefix = "-D" + name + "=";
    for (const std::string& option : options_) {
      if (option.rfind(prefix, 0) == 0) return option.substr(prefix.size());
    }
    return "";
  }
  [[nodiscard]] std::int64_t blocks() const {
    return std::int64_t{config_.gridDimX} * config_.gridDimY * config_.gridDimZ;
  }
  [[nodiscard]] std::int64_t blocksY() const { return config_.gridDimY; }

 private:
  const std::vector<std::string>& options_;
  const CUlaunchConfig& config_;
  void** arguments_;
  std::size_t used_ = 0;
};

/** What the script's `wrong` adds to every result. */
inline double error() {
  return static_cast<double>(State::get().script.number("wrong", 0));
}

}  // namespace mpsbench::cuda::fake
