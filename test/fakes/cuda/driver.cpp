#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>

#include "kernels.h"
#include "state.h"

#define FAKE_LIBRARY "backends/cuda/driver/api/cuda.def"
#include "exports.h"

// A fake libcuda. Functions stand in the order of cuda.def.
namespace mpsbench::cuda {

using fake::handleOf;
using fake::State;

namespace {

constexpr int kH200Multiprocessors = 132;
/** Of every kernel; what is left of 48 KiB may be asked for at launch without a word. */
constexpr int kStaticSharedBytes = 2 << 10;
/** Of cuda.h, beyond those that the backend tells apart. */
constexpr auto kIllegalState = static_cast<CUresult>(401);

/** The status that the script wants instead of this call; all begin with it. */
CUresult scripted(const char* call) {
  return static_cast<CUresult>(State::get().enterDriver(call));
}

#define ENTER(call)                                                     \
  if (const CUresult status = scripted(call); status != CUDA_SUCCESS) { \
    return status;                                                      \
  }
/** Not allowed while a stream of the thread is captured. */
#define OUTSIDE_CAPTURE(call) \
  if (State::get().refusedInCapture(call)) return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED

bool isDevice(CUdevice device) {
  return device >= 0 && device < static_cast<int>(State::get().visibleDevices().size());
}

/** What is behind a device; CUDA counts what it shows. */
fake::Visible behind(CUdevice device) {
  return State::get().visibleDevices().at(static_cast<std::size_t>(device));
}

int cardOf(CUdevice device) {
  return behind(device).card;
}

void joinHolders() {
  const std::string path = State::get().script.text("holders", "");
  if (!path.empty()) std::ofstream(path, std::ios::app) << "joined " << getpid() << "\n";
}

thread_local CUcontext current = nullptr;

/** Work needs a context that is current to the thread. */
#define NEEDS_CONTEXT(call)                                           \
  if (current == nullptr) {                                           \
    State::get().violation(std::string(call) + " without a context"); \
    return CUDA_ERROR_INVALID_CONTEXT;                                \
  }

int attributeOf(CUdevice_attribute attribute) {
  const fake::Script& script = State::get().script;
  const auto capability = static_cast<int>(script.number("capability", 90));
  switch (attribute) {
    case CU_DEVICE_ATTRIBUTE_CLOCK_RATE:
      return 1'980'000;
    case CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT:
      return kH200Multiprocessors;
    case CU_DEVICE_ATTRIBUTE_INTEGRATED:
      return static_cast<int>(script.number("integrated", 0));
    case CU_DEVICE_ATTRIBUTE_ECC_ENABLED:
      return static_cast<int>(script.number("ecc", 1));
    case CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE:
      return 3'201'000;
    case CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH:
      return 6144;
    case CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE:
      return 60 << 20;
    case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR:
      return capability / 10;
    case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR:
      return capability % 10;
    case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN:
      return 227 << 10;
  }
  return 0;
}

struct StatusText {
  int status;
  const char* name;
  const char* text;
};

constexpr StatusText kStatuses[] = {
    {0, "CUDA_SUCCESS", "no error"},
    {1, "CUDA_ERROR_INVALID_VALUE", "invalid argument"},
    {2, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"},
    {3, "CUDA_ERROR_NOT_INITIALIZED", "initialization error"},
    {46, "CUDA_ERROR_DEVICE_UNAVAILABLE", "device(s) is/are busy or unavailable"},
    {100, "CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"},
    {201, "CUDA_ERROR_INVALID_CONTEXT", "invalid device context"},
    {209, "CUDA_ERROR_NO_BINARY_FOR_GPU",
     "no kernel image is available for execution on the device"},
    {214, "CUDA_ERROR_ECC_UNCORRECTABLE", "uncorrectable ECC error encountered"},
    {401, "CUDA_ERROR_ILLEGAL_STATE", "the operation cannot be performed in the present state"},
    {500, "CUDA_ERROR_NOT_FOUND", "named symbol not found"},
    {600, "CUDA_ERROR_NOT_READY", "device not ready"},
    {700, "CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"},
    {701, "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES", "too many resources requested for launch"},
    {719, "CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"},
    {801, "CUDA_ERROR_NOT_SUPPORTED", "operation not supported"},
    {803, "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH",
     "system has unsupported display driver / cuda driver combination"},
    {900, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED",
     "operation not permitted when stream is capturing"},
    {901, "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED",
     "operation failed due to a previous error during capture"},
    {999, "CUDA_ERROR_UNKNOWN", "unknown error"},
};

const StatusText* textOf(CUresult status) {
  const auto* const found = std::find_if(std::begin(kStatuses), std::end(kStatuses),
                                         [&](const auto& known) { return known.status == status; });
  return found == std::end(kStatuses) ? nullptr : found;
}

/** An attribute that the launch of a function may raise. */
bool isKnown(CUfunction function) {
  return State::get().functions.find(function) != nullptr;
}

}  // namespace

CUresult cuInit(unsigned) {
  ENTER("cuInit")
  if (State::get().visibleDevices().empty()) return CUDA_ERROR_NO_DEVICE;
  return CUDA_SUCCESS;
}

CUresult cuDriverGetVersion(int* version) {
  ENTER("cuDriverGetVersion")
  *version = static_cast<int>(State::get().script.number("driver", 13000));
  return CUDA_SUCCESS;
}

CUresult cuGetErrorName(CUresult error, const char** text) {
  const StatusText* found = textOf(error);
  if (found == nullptr) return CUDA_ERROR_INVALID_VALUE;
  *text = found->name;
  return CUDA_SUCCESS;
}

CUresult cuGetErrorString(CUresult error, const char** text) {
  const StatusText* found = textOf(error);
  if (found == nullptr) return CUDA_ERROR_INVALID_VALUE;
  *text = found->text;
  return CUDA_SUCCESS;
}

CUresult cuDeviceGetCount(int* count) {
  ENTER("cuDeviceGetCount")
  *count = static_cast<int>(State::get().visibleDevices().size());
  return CUDA_SUCCESS;
}

CUresult cuDeviceGet(CUdevice* device, int ordinal) {
  ENTER("cuDeviceGet")
  if (!isDevice(ordinal)) return CUDA_ERROR_INVALID_DEVICE;
  *device = ordinal;
  return CUDA_SUCCESS;
}

CUresult cuDeviceGetName(char* name, int length, CUdevice device) {
  ENTER("cuDeviceGetName")
  if (!isDevice(device)) return CUDA_ERROR_INVALID_DEVICE;
  const fake::Visible shown = behind(device);
  std::string text = State::get().script.textOf(shown.card, "name", "Fake GPU");
  if (shown.instance) text += " MIG 1of" + std::to_string(State::get().partsOf(shown));
  std::snprintf(name, static_cast<std::size_t>(length), "%s", text.c_str());
  return CUDA_SUCCESS;
}

CUresult cuDeviceGetUuid(CUuuid* uuid, CUdevice device) {
  ENTER("cuDeviceGetUuid")
  if (!isDevice(device)) return CUDA_ERROR_INVALID_DEVICE;
  const std::string bytes = State::uuidBytes(behind(device));
  std::copy(bytes.begin(), bytes.end(), uuid->bytes);
  return CUDA_SUCCESS;
}

CUresult cuDeviceGetPCIBusId(char* id, int length, CUdevice device) {
  ENTER("cuDeviceGetPCIBusId")
  if (!isDevice(device)) return CUDA_ERROR_INVALID_DEVICE;
  std::snprintf(id, static_cast<std::size_t>(length), "0000:%02X:00.0", 0x17 + cardOf(device));
  return CUDA_SUCCESS;
}

CUresult cuDeviceTotalMem(std::size_t* bytes, CUdevice device) {
  ENTER("cuDeviceTotalMem")
  if (!isDevice(device)) return CUDA_ERROR_INVALID_DEVICE;
  *bytes =
      static_cast<std::size_t>(State::get().script.numberOf(cardOf(device), "memory", 1LL << 30) /
                               State::get().partsOf(behind(device)));
  return CUDA_SUCCESS;
}

CUresult cuDeviceGetAttribute(int* value, CUdevice_attribute attribute, CUdevice device) {
  ENTER("cuDeviceGetAttribute")
  if (!isDevice(device)) return CUDA_ERROR_INVALID_DEVICE;
  *value = attributeOf(attribute);
  if (attribute == CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT) {
    *value /= State::get().partsOf(behind(device));
  }
  return CUDA_SUCCESS;
}

CUresult cuDevicePrimaryCtxRetain(CUcontext* context, CUdevice device) {
  ENTER("cuDevicePrimaryCtxRetain")
  if (!isDevice(device)) return CUDA_ERROR_INVALID_DEVICE;
  State::get().cardInUse = cardOf(device);
  if (++State::get().contexts == 1) joinHolders();
  // Any address that differs by device; nothing is behind it.
  *context = reinterpret_cast<CUcontext>(static_cast<std::uintptr_t>(0x1000 + device));
  return CUDA_SUCCESS;
}

CUresult cuDevicePrimaryCtxRelease(CUdevice device) {
  ENTER("cuDevicePrimaryCtxRelease")
  if (!isDevice(device)) return CUDA_ERROR_INVALID_DEVICE;
  if (--State::get().contexts < 0) State::get().violation("a context was released twice");
  return CUDA_SUCCESS;
}

CUresult cuDevicePrimaryCtxSetFlags(CUdevice device, unsigned) {
  ENTER("cuDevicePrimaryCtxSetFlags")
  return isDevice(device) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_DEVICE;
}

CUresult cuCtxSetCurrent(CUcontext context) {
  ENTER("cuCtxSetCurrent")
  current = context;
  return CUDA_SUCCESS;
}

CUresult cuMemGetInfo(std::size_t* free, std::size_t* total) {
  ENTER("cuMemGetInfo")
  NEEDS_CONTEXT("cuMemGetInfo")
  *total = static_cast<std::size_t>(State::get().script.number("memory", 1LL << 30));
  *free = *total - State::get().allocatedBytes();
  return CUDA_SUCCESS;
}

CUresult cuMemAlloc(CUdeviceptr* address, std::size_t bytes) {
  ENTER("cuMemAlloc")
  NEEDS_CONTEXT("cuMemAlloc")
  OUTSIDE_CAPTURE("cuMemAlloc");
  return State::get().allocate(address, bytes);
}

CUresult cuMemFree(CUdeviceptr address) {
  ENTER("cuMemFree")
  NEEDS_CONTEXT("cuMemFree")
  OUTSIDE_CAPTURE("cuMemFree");
  return State::get().release(address);
}

CUresult cuMemcpyHtoDAsync(CUdeviceptr to, const void* from, std::size_t bytes, CUstream stream) {
  ENTER("cuMemcpyHtoDAsync")
  NEEDS_CONTEXT("cuMemcpyHtoDAsync")
  OUTSIDE_CAPTURE("cuMemcpyHtoDAsync");
  void* memory = State::get().bytesAt(to, bytes);
  if (memory == nullptr) {
    State::get().violation("a copy to memory that is not allocated");
    return CUDA_ERROR_INVALID_VALUE;
  }
  State::get().enqueue(stream, [=] { std::memcpy(memory, from, bytes); });
  return CUDA_SUCCESS;
}

CUresult cuMemcpyDtoHAsync(void* to, CUdeviceptr from, std::size_t bytes, CUstream stream) {
  ENTER("cuMemcpyDtoHAsync")
  NEEDS_CONTEXT("cuMemcpyDtoHAsync")
  OUTSIDE_CAPTURE("cuMemcpyDtoHAsync");
  const void* memory = State::get().bytesAt(from, bytes);
  if (memory == nullptr) {
    State::get().violation("a copy from memory that is not allocated");
    return CUDA_ERROR_INVALID_VALUE;
  }
  State::get().enqueue(stream, [=] { std::memcpy(to, memory, bytes); });
  return CUDA_SUCCESS;
}

CUresult cuMemcpyDtoDAsync(CUdeviceptr to, CUdeviceptr from, std::size_t bytes, CUstream stream) {
  ENTER("cuMemcpyDtoDAsync")
  NEEDS_CONTEXT("cuMemcpyDtoDAsync")
  void* target = State::get().bytesAt(to, bytes);
  const void* source = State::get().bytesAt(from, bytes);
  if (target == nullptr || source == nullptr) {
    State::get().violation("a copy between memory that is not allocated");
    return CUDA_ERROR_INVALID_VALUE;
  }
  State::get().enqueue(stream, [=] { std::memmove(target, source, bytes); });
  return CUDA_SUCCESS;
}

CUresult cuMemsetD8Async(CUdeviceptr to, unsigned char value, std::size_t bytes, CUstream stream) {
  ENTER("cuMemsetD8Async")
  NEEDS_CONTEXT("cuMemsetD8Async")
  void* memory = State::get().bytesAt(to, bytes);
  if (memory == nullptr) {
    State::get().violation("memory was set that is not allocated");
    return CUDA_ERROR_INVALID_VALUE;
  }
  State::get().enqueue(stream, [=] { std::memset(memory, value, bytes); });
  return CUDA_SUCCESS;
}

CUresult cuStreamCreate(CUstream* stream, unsigned) {
  ENTER("cuStreamCreate")
  NEEDS_CONTEXT("cuStreamCreate")
  *stream = handleOf<CUstream>(State::get().streams.make());
  return CUDA_SUCCESS;
}

CUresult cuStreamDestroy(CUstream stream) {
  ENTER("cuStreamDestroy")
  if (!State::get().streams.erase(stream)) State::get().violation("a stream was destroyed twice");
  return CUDA_SUCCESS;
}

CUresult cuStreamSynchronize(CUstream stream) {
  State::get().stopTiming();
  ENTER("cuStreamSynchronize")
  NEEDS_CONTEXT("cuStreamSynchronize")
  OUTSIDE_CAPTURE("cuStreamSynchronize");
  if (State::get().streams.find(stream) == nullptr) {
    State::get().violation("a wait for a stream that does not exist");
    return CUDA_ERROR_INVALID_VALUE;
  }
  return CUDA_SUCCESS;
}

CUresult cuStreamBeginCapture(CUstream stream, CUstreamCaptureMode) {
  ENTER("cuStreamBeginCapture")
  fake::Stream* target = State::get().streams.find(stream);
  if (target == nullptr || target->capturing) {
    State::get().violation("a capture began inside a capture, or on no stream");
    return kIllegalState;
  }
  target->capturing = true;
  target->invalidated = false;
  target->captured.clear();
  return CUDA_SUCCESS;
}

CUresult cuStreamEndCapture(CUstream stream, CUgraph* graph) {
  fake::Stream* target = State::get().streams.find(stream);
  if (target == nullptr || !target->capturing) {
    State::get().violation("a capture ended that had not begun");
    return kIllegalState;
  }
  target->capturing = false;
  ENTER("cuStreamEndCapture")
  if (target->invalidated) return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
  *graph = handleOf<CUgraph>(State::get().graphs.make(std::move(target->captured)));
  return CUDA_SUCCESS;
}

CUresult cuEventCreate(CUevent* event, unsigned) {
  ENTER("cuEventCreate")
  NEEDS_CONTEXT("cuEventCreate")
  *event = handleOf<CUevent>(State::get().events.make());
  return CUDA_SUCCESS;
}

CUresult cuEventRecord(CUevent event, CUstream stream) {
  ENTER("cuEventRecord")
  NEEDS_CONTEXT("cuEventRecord")
  OUTSIDE_CAPTURE("cuEventRecord");
  fake::Event* target = State::get().events.find(event);
  if (target == nullptr || State::get().streams.find(stream) == nullptr) {
    State::get().violation("an event was recorded that does not exist, or on no stream");
    return CUDA_ERROR_INVALID_VALUE;
  }
  target->recorded = true;
  target->deviceNs = State::get().deviceNs();
  State::get().startTiming();
  return CUDA_SUCCESS;
}

CUresult cuEventRecordWithFlags(CUevent event, CUstream stream, unsigned flags) {
  ENTER("cuEventRecordWithFlags")
  NEEDS_CONTEXT("cuEventRecordWithFlags")
  fake::Event* target = State::get().events.find(event);
  fake::Stream* on = State::get().streams.find(stream);
  if (target == nullptr || on == nullptr || !on->capturing || flags != CU_EVENT_RECORD_EXTERNAL) {
    State::get().violation("an event was recorded into no graph, or does not exist");
    return CUDA_ERROR_INVALID_VALUE;
  }
  // It takes no time of the device.
  on->captured.emplace_back([target] {
    target->recorded = true;
    target->deviceNs = State::get().deviceNs();
    State::get().startTiming();
  });
  return CUDA_SUCCESS;
}

CUresult cuEventElapsedTime(float* milliseconds, CUevent start, CUevent end) {
  ENTER("cuEventElapsedTime")
  const fake::Event* from = State::get().events.find(start);
  const fake::Event* to = State::get().events.find(end);
  if (from == nullptr || to == nullptr || !from->recorded || !to->recorded) {
    State::get().violation("a time between events that were not recorded");
    return CUDA_ERROR_INVALID_VALUE;
  }
  if (to->deviceNs < from->deviceNs) State::get().violation("an event ended before it began");
  *milliseconds = static_cast<float>((to->deviceNs - from->deviceNs) / 1e6);
  return CUDA_SUCCESS;
}

CUresult cuEventDestroy(CUevent event) {
  ENTER("cuEventDestroy")
  if (!State::get().events.erase(event)) State::get().violation("an event was destroyed twice");
  return CUDA_SUCCESS;
}

CUresult cuGraphInstantiate(CUgraphExec* executable, CUgraph graph, unsigned long long) {
  ENTER("cuGraphInstantiate")
  NEEDS_CONTEXT("cuGraphInstantiate")
  const fake::Graph* source = State::get().graphs.find(graph);
  if (source == nullptr) {
    State::get().violation("a graph was instantiated that does not exist");
    return CUDA_ERROR_INVALID_VALUE;
  }
  *executable = handleOf<CUgraphExec>(
      State::get().graphExecutables.make(std::make_shared<fake::Graph>(*source)));
  return CUDA_SUCCESS;
}

CUresult cuGraphUpload(CUgraphExec executable, CUstream) {
  ENTER("cuGraphUpload")
  return State::get().graphExecutables.find(executable) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

CUresult cuGraphLaunch(CUgraphExec executable, CUstream stream) {
  ENTER("cuGraphLaunch")
  NEEDS_CONTEXT("cuGraphLaunch")
  const std::shared_ptr<fake::Graph>* found = State::get().graphExecutables.find(executable);
  if (found == nullptr || State::get().streams.find(stream) == nullptr) {
    State::get().violation("a graph was launched that is not instantiated, or on no stream");
    return CUDA_ERROR_INVALID_VALUE;
  }
  for (const fake::Work& node : (*found)->nodes) node();
  return CUDA_SUCCESS;
}

CUresult cuGraphExecDestroy(CUgraphExec executable) {
  ENTER("cuGraphExecDestroy")
  if (!State::get().graphExecutables.erase(executable)) {
    State::get().violation("a graph executable was destroyed twice");
  }
  return CUDA_SUCCESS;
}

CUresult cuGraphDestroy(CUgraph graph) {
  ENTER("cuGraphDestroy")
  if (!State::get().graphs.erase(graph)) State::get().violation("a graph was destroyed twice");
  return CUDA_SUCCESS;
}

CUresult cuModuleLoadData(CUmodule* module, const void* image) {
  ENTER("cuModuleLoadData")
  NEEDS_CONTEXT("cuModuleLoadData")
  OUTSIDE_CAPTURE("cuModuleLoadData");
  const fake::Program* program = State::get().programOf(static_cast<const char*>(image));
  if (program == nullptr) return CUDA_ERROR_INVALID_IMAGE;
  *module = handleOf<CUmodule>(State::get().modules.make(*program));
  return CUDA_SUCCESS;
}

CUresult cuModuleUnload(CUmodule module) {
  ENTER("cuModuleUnload")
  if (!State::get().modules.erase(module)) State::get().violation("a module was unloaded twice");
  return CUDA_SUCCESS;
}

CUresult cuModuleGetFunction(CUfunction* function, CUmodule module, const char* name) {
  ENTER("cuModuleGetFunction")
  const fake::Module* source = State::get().modules.find(module);
  if (source == nullptr) return CUDA_ERROR_INVALID_VALUE;
  // As the compiler would have it: a function that the source defines.
  if (source->program.source.find(std::string(name) + "(") == std::string::npos) {
    return CUDA_ERROR_NOT_FOUND;
  }
  *function = handleOf<CUfunction>(
      State::get().functions.make(source, name, (48 << 10) - kStaticSharedBytes));
  return CUDA_SUCCESS;
}

CUresult cuFuncGetAttribute(int* value, CUfunction_attribute attribute, CUfunction function) {
  ENTER("cuFuncGetAttribute")
  if (!isKnown(function)) return CUDA_ERROR_INVALID_VALUE;
  if (attribute != CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES) return CUDA_ERROR_INVALID_VALUE;
  *value = State::get().functions.find(function)->dynamicSharedBytes;
  return CUDA_SUCCESS;
}

CUresult cuFuncSetAttribute(CUfunction function, CUfunction_attribute attribute, int value) {
  ENTER("cuFuncSetAttribute")
  if (!isKnown(function)) return CUDA_ERROR_INVALID_VALUE;
  if (attribute != CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES) return CUDA_SUCCESS;
  const int most = attributeOf(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN);
  if (value > most - kStaticSharedBytes) return CUDA_ERROR_INVALID_VALUE;
  State::get().functions.find(function)->dynamicSharedBytes = value;
  return CUDA_SUCCESS;
}

CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, CUfunction function, int threads,
                                                     std::size_t) {
  ENTER("cuOccupancyMaxActiveBlocksPerMultiprocessor")
  if (!isKnown(function) || threads < 1) return CUDA_ERROR_INVALID_VALUE;
  *blocks = std::max(1, 2048 / threads);
  return CUDA_SUCCESS;
}

CUresult cuLaunchKernelEx(const CUlaunchConfig* config, CUfunction function, void** arguments,
                          void**) {
  ENTER("cuLaunchKernelEx")
  NEEDS_CONTEXT("cuLaunchKernelEx")
  const fake::Function* kernel = State::get().functions.find(function);
  if (kernel == nullptr || State::get().modules.find(kernel->module) == nullptr) {
    State::get().violation("a kernel was launched whose module is not loaded");
    return CUDA_ERROR_INVALID_VALUE;
  }
  const unsigned threads = config->blockDimX * config->blockDimY * config->blockDimZ;
  if (threads == 0 || threads > 1024 ||
      config->gridDimX * config->gridDimY * config->gridDimZ == 0) {
    State::get().violation("a kernel was launched in an impossible shape");
    return CUDA_ERROR_INVALID_VALUE;
  }
  if (config->sharedMemBytes > static_cast<unsigned>(kernel->dynamicSharedBytes)) {
    State::get().violation("a kernel was launched with more shared memory than it was allowed");
    return CUDA_ERROR_INVALID_VALUE;
  }
  State::get().enqueue(config->hStream, fake::workOf(*kernel, *config, arguments));
  return CUDA_SUCCESS;
}

}  // namespace mpsbench::cuda
