#include <algorithm>
#include <cstring>
#include <sstream>
#include <string>
#include <vector>

#include "state.h"

#define FAKE_LIBRARY "backends/cuda/driver/api/nvrtc.def"
#include "exports.h"

// A fake libnvrtc. It compiles nothing: the image names what it would have been made of.
namespace mpsbench::cuda {

using fake::handleOf;
using fake::State;

namespace {

#define ENTER(call) \
  if (const int status = State::get().enter(call); status != 0) return nvrtcResult(status)

std::vector<int> architectures() {
  std::vector<int> numbers;
  std::istringstream list(State::get().script.text("architectures", "75,80,86,89,90,100"));
  for (std::string one; std::getline(list, one, ',');) numbers.push_back(std::stoi(one));
  return numbers;
}

fake::Program* programFor(nvrtcProgram program) {
  return State::get().programs.find(program);
}

constexpr const char* kLog = "fake.cu(1): error: the script wants this to fail";

nvrtcResult imageSize(nvrtcProgram program, std::size_t* bytes) {
  const fake::Program* found = programFor(program);
  if (found == nullptr || found->image.empty()) return NVRTC_ERROR_INVALID_OPTION;
  *bytes = found->image.size();
  return NVRTC_SUCCESS;
}

nvrtcResult image(nvrtcProgram program, char* to) {
  const fake::Program* found = programFor(program);
  if (found == nullptr) return NVRTC_ERROR_INVALID_OPTION;
  std::memcpy(to, found->image.data(), found->image.size());
  return NVRTC_SUCCESS;
}

}  // namespace

nvrtcResult nvrtcVersion(int* major, int* minor) {
  ENTER("nvrtcVersion");
  const auto version = static_cast<int>(State::get().script.number("nvrtc", 13000));
  *major = version / 1000;
  *minor = version % 1000 / 10;
  return NVRTC_SUCCESS;
}

const char* nvrtcGetErrorString(nvrtcResult status) {
  return status == NVRTC_ERROR_OUT_OF_MEMORY ? "NVRTC_ERROR_OUT_OF_MEMORY" : "NVRTC_ERROR_FAKE";
}

nvrtcResult nvrtcGetNumSupportedArchs(int* count) {
  ENTER("nvrtcGetNumSupportedArchs");
  *count = static_cast<int>(architectures().size());
  return NVRTC_SUCCESS;
}

nvrtcResult nvrtcGetSupportedArchs(int* to) {
  ENTER("nvrtcGetSupportedArchs");
  const std::vector<int> known = architectures();
  std::copy(known.begin(), known.end(), to);
  return NVRTC_SUCCESS;
}

nvrtcResult nvrtcCreateProgram(nvrtcProgram* program, const char* source, const char* name, int,
                               const char* const*, const char* const*) {
  ENTER("nvrtcCreateProgram");
  *program = handleOf<nvrtcProgram>(
      State::get().programs.make(name, source, std::vector<std::string>{}, ""));
  return NVRTC_SUCCESS;
}

nvrtcResult nvrtcCompileProgram(nvrtcProgram program, int count, const char* const* options) {
  fake::Program* found = programFor(program);
  if (found == nullptr) return NVRTC_ERROR_INVALID_OPTION;
  ENTER("nvrtcCompileProgram");
  found->options.assign(options, options + count);
  State::get().makeImage(*found);
  return NVRTC_SUCCESS;
}

nvrtcResult nvrtcDestroyProgram(nvrtcProgram* program) {
  ENTER("nvrtcDestroyProgram");
  if (!State::get().programs.erase(*program))
    State::get().violation("a program was destroyed twice");
  *program = nullptr;
  return NVRTC_SUCCESS;
}

nvrtcResult nvrtcGetCUBINSize(nvrtcProgram program, std::size_t* bytes) {
  ENTER("nvrtcGetCUBINSize");
  return imageSize(program, bytes);
}

nvrtcResult nvrtcGetCUBIN(nvrtcProgram program, char* cubin) {
  ENTER("nvrtcGetCUBIN");
  return image(program, cubin);
}

nvrtcResult nvrtcGetPTXSize(nvrtcProgram program, std::size_t* bytes) {
  ENTER("nvrtcGetPTXSize");
  return imageSize(program, bytes);
}

nvrtcResult nvrtcGetPTX(nvrtcProgram program, char* ptx) {
  ENTER("nvrtcGetPTX");
  return image(program, ptx);
}

nvrtcResult nvrtcGetProgramLogSize(nvrtcProgram, std::size_t* bytes) {
  ENTER("nvrtcGetProgramLogSize");
  *bytes = std::strlen(kLog) + 1;
  return NVRTC_SUCCESS;
}

nvrtcResult nvrtcGetProgramLog(nvrtcProgram, char* log) {
  ENTER("nvrtcGetProgramLog");
  std::strcpy(log, kLog);
  return NVRTC_SUCCESS;
}

}  // namespace mpsbench::cuda
