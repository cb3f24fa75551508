#include "rule_cases.h"

#import <Metal/Metal.h>

#include <string>

using metal_double::Rule;

// Kernels that each break a rule, and the same without the fault.
namespace {

constexpr NSUInteger kThreads = 64;
constexpr NSUInteger kBytes = kThreads * sizeof(float);

id<MTLDevice> device(NSUInteger index = 0) {
  return [[MTLCopyAllDevices() autorelease] objectAtIndex:index];
}

/** The pipeline of the kernel `f` with this body; nil where it does not compile. */
id<MTLComputePipelineState> pipeline(const std::string& body) {
  const std::string source = R"(
#include <metal_stdlib>
using namespace metal;
[[max_total_threads_per_threadgroup(64)]] kernel void f(
    device const float* x [[buffer(0)]], device float* y [[buffer(1)]],
    constant uint& count [[buffer(2)]], threadgroup float* shared [[threadgroup(0)]],
    uint thread_id [[thread_position_in_threadgroup]], uint group [[threadgroup_position_in_grid]]) {
)" + body + "\n}\n";
  NSError* error = nil;
  id<MTLLibrary> library =
      [[device() newLibraryWithSource:[NSString stringWithUTF8String:source.c_str()]
                              options:nil
                                error:&error] autorelease];
  if (library == nil) return nil;
  id<MTLFunction> function = [[library newFunctionWithName:@"f"] autorelease];
  return [[device() newComputePipelineStateWithFunction:function error:nil] autorelease];
}

struct Dispatch {
  NSUInteger groups = 1;
  NSUInteger threads = kThreads;
  NSUInteger groupBytes = kBytes;
  bool hasPipeline = true;
  bool bindsAll = true;
  NSUInteger offset = 0;
};

/** Runs the kernel on `kThreads` numbers and returns what it leaves in y. */
std::vector<float> run(const std::string& body, const Dispatch& with = {}) {
  id<MTLBuffer> x = [[device() newBufferWithLength:kBytes
                                           options:MTLResourceStorageModeShared] autorelease];
  id<MTLBuffer> y = [[device() newBufferWithLength:kBytes
                                           options:MTLResourceStorageModeShared] autorelease];
  auto* values = static_cast<float*>([x contents]);
  for (NSUInteger i = 0; i < kThreads; ++i) values[i] = static_cast<float>(i);
  id<MTLCommandBuffer> commands = [[[device() newCommandQueue] autorelease] commandBuffer];
  id<MTLComputeCommandEncoder> encoder = [commands computeCommandEncoder];
  if (with.hasPipeline) [encoder setComputePipelineState:pipeline(body)];
  [encoder setBuffer:x offset:with.offset atIndex:0];
  [encoder setBuffer:y offset:0 atIndex:1];
  const std::uint32_t count = kThreads;
  if (with.bindsAll) [encoder setBytes:&count length:sizeof count atIndex:2];
  [encoder setThreadgroupMemoryLength:with.groupBytes atIndex:0];
  [encoder dispatchThreadgroups:MTLSizeMake(with.groups, 1, 1)
          threadsPerThreadgroup:MTLSizeMake(with.threads, 1, 1)];
  [encoder endEncoding];
  [commands commit];
  [commands waitUntilCompleted];
  const auto* results = static_cast<const float*>([y contents]);
  return {results, results + kThreads};
}

const char* const kReversed = R"(
  shared[thread_id] = x[thread_id];
  threadgroup_barrier(mem_flags::mem_threadgroup);
  y[thread_id] = shared[count - 1 - thread_id];)";

std::vector<std::string> wronglyCompiled() {
  std::vector<std::string> accepted;
  const std::pair<const char*, const char*> sources[] = {
      {"double", "double d = 1; y[0] = d;"},
      {"a lambda", "auto f = [&](int i) { y[i] = 0; }; f(1);"},
      {"if constexpr", "if constexpr (true) y[0] = 0;"},
      {"a static variable", "static int i = 0; y[i] = 0;"},
      {"bfloat", "bfloat b = 0;"},
      {"the C++ library", "y[0] = std::exp(x[0]);"},
      {"a write to constant memory", "count = 1;"},
      {"a write to const device memory", "x[0] = 1;"},
      {"a pointer to another address space", "threadgroup float* p = y; p[0] = 1;"},
      {"a function of a later MSL", "y[0] = simd_sum_of_tomorrow(x[0]);"},
  };
  for (const auto& [name, body] : sources) {
    if (pipeline(body) != nil) accepted.push_back(std::string("compiles ") + name);
  }
  return accepted;
}

}  // namespace

std::vector<std::string> kernelFaults() {
  std::vector<std::string> faults = wronglyCompiled();
  const std::vector<float> reversed = run(kReversed);
  const std::vector<float> summed = run("y[thread_id] = simd_sum(x[thread_id]);");
  // Within a simdgroup its own barrier is enough.
  const std::vector<float> swapped = run(R"(
  shared[thread_id] = x[thread_id];
  simdgroup_barrier(mem_flags::mem_threadgroup);
  y[thread_id] = shared[thread_id ^ 1];)");
  const std::vector<float> product = run(R"(
  shared[thread_id] = x[thread_id];
  threadgroup_barrier(mem_flags::mem_threadgroup);
  simdgroup_float8x8 a, b, c(0.0f);
  simdgroup_load(a, shared, 8);
  simdgroup_load(b, shared, 8, ulong2(0), true);
  simdgroup_multiply_accumulate(c, a, b, c);
  threadgroup_barrier(mem_flags::mem_threadgroup);
  if (thread_id < 32) simdgroup_store(c, y, 8);)");
  bool right = true;
  for (std::size_t i = 0; i < kThreads; ++i) {
    float dot = 0;
    for (std::size_t k = 0; k < 8; ++k) {
      dot += static_cast<float>((i / 8 * 8 + k) * (i % 8 * 8 + k));
    }
    right = right && reversed[i] == static_cast<float>(kThreads - 1 - i) &&
            summed[i] == (i < 32 ? 496.0F : 1520.0F) && swapped[i] == static_cast<float>(i ^ 1) &&
            product[i] == dot;
  }
  if (!right) faults.emplace_back("wrong values");
  return faults;
}

std::vector<RuleCase> kernelRuleCases() {
  using enum Rule;
  return {
      {pipelineSet, "a dispatch without a pipeline", [] { run("", {.hasPipeline = false}); }},
      {argumentBound, "an argument that is not bound", [] { run(kReversed, {.bindsAll = false}); }},
      {argumentBound, "an offset behind the buffer", [] { run(kReversed, {.offset = kBytes}); }},
      {threadgroupSize, "more threads than the kernel allows",
       [] { run(kReversed, {.threads = 65}); }},
      {threadgroupSize, "no threadgroups", [] { run(kReversed, {.groups = 0}); }},
      {threadgroupMemory, "a length that is no multiple of 16",
       [] { run(kReversed, {.groupBytes = 20}); }},
      {threadgroupMemory, "more than the device has",
       [] { run(kReversed, {.groupBytes = 1 << 16}); }},
      {kernelBounds, "a read behind a buffer", [] { run("y[thread_id] = x[thread_id + 1];"); }},
      {kernelBounds, "a write before a buffer", [] { run("y[int(thread_id) - 1] = 0;"); }},
      {kernelBounds, "an overrun of threadgroup memory",
       [] { run(kReversed, {.groupBytes = kBytes - 16}); }},
      {kernelRace, "a missing barrier",
       [] {
         run("shared[thread_id] = x[thread_id];\n y[thread_id] = shared[count - 1 - thread_id];");
       }},
      {kernelRace, "a barrier for other memory",
       [] {
         run("shared[thread_id] = x[thread_id];\n threadgroup_barrier(mem_flags::mem_device);\n"
             "y[thread_id] = shared[count - 1 - thread_id];");
       }},
      {kernelRace, "a missing barrier before the next round",
       [] {
         run("for (uint i = 0; i < 2; ++i) { shared[thread_id] = x[thread_id] + float(i);\n"
             "threadgroup_barrier(mem_flags::mem_threadgroup);\n"
             "y[thread_id] = shared[count - 1 - thread_id]; }");
       }},
      {kernelRace, "two threads that write the same", [] { run("y[thread_id / 2] = 1;"); }},
      {kernelRace, "two threadgroups that write the same",
       [] { run("y[thread_id] = x[thread_id];", {.groups = 2}); }},
      {kernelRace, "a simdgroup's barrier across simdgroups",
       [] {
         run("shared[thread_id] = x[thread_id];\n simdgroup_barrier(mem_flags::mem_threadgroup);\n"
             "y[thread_id] = shared[thread_id ^ 32];");
       }},
      {kernelBarrier, "a barrier that only some threads reach",
       [] {
         run("if (thread_id < 40) threadgroup_barrier(mem_flags::mem_threadgroup);\n y[thread_id] "
             "= 0;");
       }},
      {kernelSimdgroup, "a sum that only some lanes call",
       [] { run("y[thread_id] = thread_id % 2 == 0 ? simd_sum(x[thread_id]) : 0.0f;"); }},
      {kernelUndefined, "a division by zero",
       [] { run("y[thread_id] = float(int(count) / (int(count) - 64));"); }},
  };
}
