#include "msl_cuda/program.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <sstream>

#include "backends/cuda/driver/libraries.h"
#include "core/ceil_divide.h"
#include "double/msl_signature.h"

namespace mpsbench::msl_cuda {

namespace {

using metal_double::MslKernelSignature;
using metal_double::MslParameter;
using metal_double::MslText;

constexpr std::size_t kUnit = 16;

/** MslArguments of prelude.cuh. */
struct Arguments {
  static constexpr std::size_t kBuffers = 12;
  static constexpr std::size_t kValues = 3;
  std::array<cuda::CUdeviceptr, kBuffers> buffers = {};
  alignas(kUnit) std::array<std::array<std::byte, kUnit>, kValues> values = {};
};

std::string fileText(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream all;
  all << in.rdbuf();
  if (!in) throw Error(ErrorCode::internal, "Cannot read " + path + ".");
  return all.str();
}

/** Without the lines that name other headers: all of them stand in one text. */
std::string withoutIncludes(std::string text) {
  for (const std::string_view word : {"#pragma once", "#include"}) {
    for (std::size_t at = 0; (at = text.find(word, at)) != std::string::npos;) {
      text.erase(at, text.find('\n', at) - at);
    }
  }
  return text;
}

std::size_t roundedUp(std::size_t bytes) {
  return ceilDivide(bytes, kUnit) * kUnit;
}

/** What stands for each buffer argument of the kernel, by index. */
std::string bufferList(const metal::KernelCall& call, std::size_t count) {
  std::string list;
  std::size_t buffers = 0;
  std::size_t values = 0;
  for (std::size_t i = 0; i < count; ++i) {
    list += call.values.contains(i)
                ? "(void*)arguments.values[" + std::to_string(values++) + "], "
                : "inGlobalMemory(arguments.buffers[" + std::to_string(buffers++) + "]), ";
  }
  return list;
}

std::string groupMemoryList(const metal::KernelCall& call) {
  std::string list;
  std::size_t at = 0;
  for (const std::size_t bytes : call.groupMemory) {
    list += "shared + " + std::to_string(at) + ", ";
    at += roundedUp(bytes);
  }
  return list.empty() ? "nullptr" : list;
}

/** The function that a launch calls; it hands the thread's place and arguments to the kernel. */
std::string entryOf(const metal::KernelCall& call, const MslKernelSignature& kernel) {
  std::string bindings;
  std::size_t buffers = 0;
  for (const MslParameter& parameter : kernel.parameters) {
    bindings += "{metal_double::MslArgument::" + parameter.kind + ", " +
                std::to_string(parameter.index) + "u}, ";
    if (parameter.kind == "buffer") buffers = std::max<std::size_t>(buffers, parameter.index + 1);
  }
  const std::string bounds =
      kernel.maxThreads.empty() ? "" : " __launch_bounds__(" + kernel.maxThreads + ")";
  return "extern \"C\" __global__ void" + bounds + " cuda_" + kernel.name +
         "(const __grid_constant__ MslArguments arguments) {\n"
         "  extern __shared__ __align__(16) unsigned char shared[];\n"
         "  overlapPrevious();\n"
         "  void* const buffers[] = {" +
         bufferList(call, buffers) +
         "};\n"
         "  void* const groupMemory[] = {" +
         groupMemoryList(call) +
         "};\n"
         "  const metal_double::MslThread self = {\n"
         "      {blockIdx.x * blockDim.x + threadIdx.x, blockIdx.y * blockDim.y + threadIdx.y,\n"
         "       blockIdx.z * blockDim.z + threadIdx.z},\n"
         "      {threadIdx.x, threadIdx.y, threadIdx.z},\n"
         "      {blockIdx.x, blockIdx.y, blockIdx.z},\n"
         "      {gridDim.x, gridDim.y, gridDim.z},\n"
         "      {blockDim.x, blockDim.y, blockDim.z},\n"
         "      threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z),\n"
         "      buffers, groupMemory};\n"
         "  const metal_double::MslBinding bindings[] = {" +
         bindings +
         "};\n"
         "  metal_double::call::withArguments(" +
         kernel.name + ", self, bindings);\n}\n";
}

}  // namespace

std::string cudaSource(const metal::KernelCall& call) {
  const MslText text = metal_double::readMsl(metal::kernelSource(call.file, call.macros));
  if (!text.error.empty()) throw Error(ErrorCode::internal, text.error);
  const auto kernel = std::find_if(text.kernels.begin(), text.kernels.end(),
                                   [&](const auto& each) { return each.name == call.entry; });
  if (kernel == text.kernels.end()) {
    throw Error(ErrorCode::internal, "There is no kernel '" + call.entry + "'.");
  }
  return fileText(MSL_CUDA_PRELUDE) + withoutIncludes(fileText(MSL_INCLUDE "/host.h")) +
         withoutIncludes(fileText(MSL_INCLUDE "/call.h")) +
         "#define device\n#define constant const\n#define threadgroup\n#define thread\n"
         "#define kernel static\n"
         "namespace msl {\n" +
         withoutIncludes(text.plain) + entryOf(call, *kernel) + "}  // namespace msl\n";
}

std::size_t sharedBytes(const metal::KernelCall& call) {
  std::size_t bytes = 0;
  for (const std::size_t each : call.groupMemory) bytes += roundedUp(each);
  return bytes;
}

std::string compile(const cuda::Nvrtc& nvrtc, const std::string& source,
                    const std::string& architecture) {
  cuda::nvrtcProgram program = nullptr;
  nvrtc.check(nvrtc.nvrtcCreateProgram(&program, source.c_str(), "msl.cu", 0, nullptr, nullptr),
              "nvrtcCreateProgram");
  const std::string target = "--gpu-architecture=" + architecture;
  // Without line numbers compute-sanitizer could not say where.
  const char* const options[] = {target.c_str(), "--std=c++17",
                                 "--device-as-default-execution-space", "--generate-line-info"};
  const auto status = nvrtc.nvrtcCompileProgram(program, std::size(options), options);
  std::string text;
  std::size_t bytes = 0;
  if (status == cuda::NVRTC_SUCCESS) {
    nvrtc.check(nvrtc.nvrtcGetCUBINSize(program, &bytes), "nvrtcGetCUBINSize");
    text.resize(bytes);
    nvrtc.check(nvrtc.nvrtcGetCUBIN(program, text.data()), "nvrtcGetCUBIN");
  } else {
    nvrtc.check(nvrtc.nvrtcGetProgramLogSize(program, &bytes), "nvrtcGetProgramLogSize");
    text.resize(bytes);
    nvrtc.check(nvrtc.nvrtcGetProgramLog(program, text.data()), "nvrtcGetProgramLog");
  }
  nvrtc.nvrtcDestroyProgram(&program);
  if (status == cuda::NVRTC_SUCCESS) return text;
  throw Error(ErrorCode::internal, "MSL does not compile as CUDA C++: " + text);
}

Programs Programs::overlapping() const {
  Programs made = *this;
  made.overlaps_ = context_.facts().atLeast(9);
  return made;
}

cuda::Kernel Programs::kernel(const metal::KernelCall& call) {
  const std::string source = cudaSource(call);
  const cuda::Driver& driver = context_.driver();
  std::shared_ptr<const cuda::Module>& module = (*modules_)[source];
  if (module == nullptr) {
    const cuda::Target target = cuda::compileTarget(context_.libraries().nvrtc(), context_.facts());
    const std::string image = compile(context_.libraries().nvrtc(), source, target.architecture);
    cuda::CUmodule loaded = nullptr;
    driver.check(driver.cuModuleLoadData(&loaded, image.data()), "cuModuleLoadData");
    module = std::make_shared<const cuda::Module>(driver, loaded);
  }
  cuda::Kernel kernel{&driver, module, nullptr};
  driver.check(
      driver.cuModuleGetFunction(&kernel.function, module->get(), ("cuda_" + call.entry).c_str()),
      "cuModuleGetFunction");
  return kernel;
}

cuda::Launch Programs::launch(const metal::KernelCall& call,
                              const std::vector<cuda::CUdeviceptr>& buffers) {
  Arguments arguments;
  std::copy(buffers.begin(), buffers.end(), arguments.buffers.begin());
  std::size_t next = 0;
  for (const auto& [index, bytes] : call.values) {
    std::memcpy(arguments.values.at(next++).data(), bytes.data(), bytes.size());
  }
  const auto three = [](const std::array<std::size_t, 3>& size) {
    return cuda::Dim3{static_cast<unsigned>(size[0]), static_cast<unsigned>(size[1]),
                      static_cast<unsigned>(size[2])};
  };
  cuda::LaunchShape shape;
  shape.grid = three(call.shape.groups);
  shape.block = three(call.shape.threads);
  shape.sharedBytes = sharedBytes(call);
  shape.overlapsPrevious = overlaps_;
  return {kernel(call), shape, arguments};
}

}  // namespace mpsbench::msl_cuda
