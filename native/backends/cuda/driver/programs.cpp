#include "backends/cuda/driver/programs.h"

#include <algorithm>
#include <cstdlib>

#include "backends/cuda/driver/kernel_files.h"
#include "backends/cuda/driver/libraries.h"
#include "backends/cuda/facts.h"

namespace mpsbench::cuda {

namespace {

bool isHeader(std::string_view name) {
  return name.ends_with(".cuh");
}

const KernelFile& find(std::string_view name) {
  const auto& files = kernelFiles();
  const auto found =
      std::find_if(files.begin(), files.end(), [&](const auto& file) { return file.name == name; });
  if (found == files.end()) {
    throw Error(ErrorCode::internal, "There is no kernel file '" + std::string(name) + "'.");
  }
  return *found;
}

/** A program of NVRTC; destroyed with the value. */
class Program {
 public:
  Program(const Nvrtc& nvrtc, const KernelFile& file) : nvrtc_(nvrtc) {
    std::vector<const char*> texts;
    std::vector<const char*> names;
    for (const KernelFile& other : kernelFiles()) {
      if (!isHeader(other.name)) continue;
      texts.push_back(other.text);
      names.push_back(other.name);
    }
    nvrtc_.check(
        nvrtc_.nvrtcCreateProgram(&program_, file.text, file.name, static_cast<int>(names.size()),
                                  texts.data(), names.data()),
        "nvrtcCreateProgram");
  }
  ~Program() { nvrtc_.nvrtcDestroyProgram(&program_); }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  /** @throws Error `internal` with the compiler's log. */
  void compile(const std::vector<std::string>& options) const {
    std::vector<const char*> texts;
    texts.reserve(options.size());
    for (const std::string& option : options) texts.push_back(option.c_str());
    const nvrtcResult status =
        nvrtc_.nvrtcCompileProgram(program_, static_cast<int>(texts.size()), texts.data());
    if (status == NVRTC_ERROR_COMPILATION) {
      throw Error(ErrorCode::internal, "A CUDA kernel does not compile: " + log());
    }
    nvrtc_.check(status, "nvrtcCompileProgram");
  }

  [[nodiscard]] std::string image(bool machineCode) const {
    std::size_t bytes = 0;
    nvrtc_.check(machineCode ? nvrtc_.nvrtcGetCUBINSize(program_, &bytes)
                             : nvrtc_.nvrtcGetPTXSize(program_, &bytes),
                 machineCode ? "nvrtcGetCUBINSize" : "nvrtcGetPTXSize");
    std::string text(bytes, '\0');
    nvrtc_.check(machineCode ? nvrtc_.nvrtcGetCUBIN(program_, text.data())
                             : nvrtc_.nvrtcGetPTX(program_, text.data()),
                 machineCode ? "nvrtcGetCUBIN" : "nvrtcGetPTX");
    return text;
  }

 private:
  [[nodiscard]] std::string log() const {
    std::size_t bytes = 0;
    nvrtc_.check(nvrtc_.nvrtcGetProgramLogSize(program_, &bytes), "nvrtcGetProgramLogSize");
    std::string text(bytes, '\0');
    nvrtc_.check(nvrtc_.nvrtcGetProgramLog(program_, text.data()), "nvrtcGetProgramLog");
    text.resize(text.find('\0') == std::string::npos ? text.size() : text.find('\0'));
    return text;
  }

  const Nvrtc& nvrtc_;
  nvrtcProgram program_ = nullptr;
};

std::string capability(int architecture) {
  return std::to_string(architecture / 10) + "." + std::to_string(architecture % 10);
}

}  // namespace

const char* cudaType(DType dtype) {
  switch (dtype) {
    case DType::f16:
      return "half_t";
    case DType::bf16:
      return "bfloat16_t";
    case DType::f64:
      return "double";
    case DType::f32:
      break;
  }
  return "float";
}

std::size_t accumulatorBytes(DType dtype) {
  return dtype == DType::f64 ? sizeof(double) : sizeof(float);
}

Module::~Module() {
  driver_.cuModuleUnload(module_);
}

Target compileTarget(const Nvrtc& nvrtc, const Facts& facts) {
  int count = 0;
  nvrtc.check(nvrtc.nvrtcGetNumSupportedArchs(&count), "nvrtcGetNumSupportedArchs");
  std::vector<int> known(static_cast<std::size_t>(count));
  nvrtc.check(nvrtc.nvrtcGetSupportedArchs(known.data()), "nvrtcGetSupportedArchs");
  const int own = 10 * facts.major + facts.minor;
  if (std::find(known.begin(), known.end(), own) != known.end()) {
    // From Hopper on, the instructions of one architecture alone have a target of their own.
    const char* suffix = facts.major >= 9 ? "a" : "";
    return {"sm_" + std::to_string(own) + suffix, true, ""};
  }
  // PTX of the newest older architecture, which the driver compiles further.
  int best = 0;
  for (const int architecture : known) {
    if (architecture < own) best = std::max(best, architecture);
  }
  if (best > 0) return {"compute_" + std::to_string(best), false, ""};
  const int newest = *std::max_element(known.begin(), known.end());
  return {"", false,
          "NVRTC " + cudaVersion(nvrtc.version()) + " compiles for compute capability " +
              capability(*std::min_element(known.begin(), known.end())) + " to " +
              capability(newest) + ", and this GPU has " + capability(own)};
}

Programs::Programs(const Driver& driver, const Nvrtc& nvrtc, Target target)
    : driver_(driver), nvrtc_(nvrtc), target_(std::move(target)) {}

Kernel Programs::kernel(std::string_view file, const std::vector<std::string>& options,
                        const std::string& entry) {
  std::string key(file);
  for (const std::string& option : options) key += '\n' + option;
  std::shared_ptr<const Module>& module = modules_[key];
  if (module == nullptr) module = compile(file, options);
  Kernel kernel{&driver_, module, nullptr};
  driver_.check(driver_.cuModuleGetFunction(&kernel.function, module->get(), entry.c_str()),
                "cuModuleGetFunction");
  return kernel;
}

std::shared_ptr<const Module> Programs::compile(std::string_view file,
                                                const std::vector<std::string>& options) {
  if (!target_.unsupported.empty()) throw Error(ErrorCode::unsupported, target_.unsupported + ".");
  std::vector<std::string> all = {"--gpu-architecture=" + target_.architecture, "--std=c++17",
                                  "--device-as-default-execution-space"};
  all.insert(all.end(), options.begin(), options.end());
  const Program program(nvrtc_, find(file));
  program.compile(all);
  const std::string image = program.image(target_.machineCode);
  CUmodule module = nullptr;
  driver_.check(driver_.cuModuleLoadData(&module, image.data()), "cuModuleLoadData");
  return std::make_shared<const Module>(driver_, module);
}

}  // namespace mpsbench::cuda
