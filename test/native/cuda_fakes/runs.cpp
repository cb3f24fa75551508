#include <algorithm>
#include <iterator>

#include "support.h"

namespace mpsbench::test {

namespace {

/** How often the fake libraries were called by this name. */
int calls(const std::string& name) {
  return State::get().calls(name);
}

}  // namespace

/** Whole life cycles: right results, several devices, and everything given back. */
void testRuns() {
  follow("");
  check(isRight(*openDevices().front(), computedStep()), "a training step is right");
  check(isRight(*openDevices().front(), sum()), "a sum is right");
  check(isRight(*openDevices().front(), linearStep(DType::f32, 4, 1, 1)), "a tiny step is right");
  checkClean("a run");

  follow("wrong=1");
  check(!isRight(*openDevices().front(), computedStep()), "a wrong product is seen");
  check(!isRight(*openDevices().front(), sum()), "a wrong sum is seen");

  follow("devices=3");
  {
    const auto devices = openDevices();
    check(devices.size() == 3, "three devices are listed");
    check(calls("cuDevicePrimaryCtxRetain") == 0, "listing takes no memory on a device");
    check(isRight(*devices[2], computedStep()), "the third device computes");
  }
  checkClean("three devices");

  // Launches that seem long are measured once each.
  follow("nodens=100000");
  {
    const auto devices = openDevices();
    for (int i = 0; i < 100; ++i)
      devices.front()->compile(computedStep())->run(3, RunMode::latency);
    check(State::get().memory.empty(), "a hundred executables give their memory back");
    check(calls("cuMemAlloc") == calls("cuMemFree"), "each allocation is freed");
    check(State::get().graphExecutables.size() == 0, "their graphs are destroyed");
  }
  checkClean("a hundred executables");

  follow("memory=100000");
  const auto refused = errorOf([] { openDevices().front()->compile(computedStep()); });
  check(refused && refused->code() == ErrorCode::outOfMemory, "too large a graph is refused");
  const std::string text = refused ? refused->what() : "";
  check(
      text.find("needs at least") != std::string::npos && text.find("is free") != std::string::npos,
      "it says what was needed and free: " + text);
  checkClean("a refused graph");
}

/** What each level of kernels runs, and when the two differ. */
void testKernelLevels() {
  const Graph tiny = linearStep(DType::f32, 4, 1, 1);
  for (const Graph& graph : {tiny, computedStep()}) {
    for (const auto level : {KernelLevel::best, KernelLevel::library}) {
      follow("");
      {
        BackendOptions options;
        options.kernels = level;
        const auto device = openDevices(options).front();
        check(device->fuses(graph), "a training step has a fused pattern at either level");
        check(!device->fuses(sum()), "a sum has none");
        check(calls("cuDevicePrimaryCtxRetain") == 0, "the question takes no memory on the device");
        const auto executable = device->compile(graph);
        check(isRight(*executable), "a training step is right at either level");
        const bool whole = executable->steps().size() == 1;
        check(whole == (level == KernelLevel::best), "only best runs the step as one");
        for (const Step& step : executable->steps()) {
          const bool general = step.ops.size() == 1 || step.kernel.rfind("cublasLtMatmul", 0) == 0;
          check(whole || general, "only a library covers several ops: " + step.kernel);
        }
      }
      checkClean("a level of kernels");
    }
  }
}

/** What is captured, and what an iteration may not do. */
void testGraphs() {
  follow("");
  {
    const auto devices = openDevices();
    const auto executable = devices.front()->compile(computedStep());
    fillAll(*executable);
    check(calls("cuStreamBeginCapture") == calls("cuStreamEndCapture"), "captures are balanced");
    check(State::get().graphs.size() == 0, "a graph is destroyed once it is instantiated");
    const int before[] = {calls("cuMemAlloc"),         calls("cuMemFree"),
                          calls("cuGraphInstantiate"), calls("cuStreamBeginCapture"),
                          calls("cuModuleLoadData"),   calls("cublasLtMatmul"),
                          calls("cuLaunchKernelEx"),   calls("cuEventCreate")};
    const int launches = calls("cuGraphLaunch");
    const Sample sample = executable->run(1000, RunMode::throughput);
    const int used = calls("cuGraphLaunch") - launches;
    check(used > 0 && used <= 1000, "iterations are launches of graphs");
    check(sample.deviceNs && *sample.deviceNs > 0, "events give a device time");
    const double once = *executable->run(1, RunMode::throughput).deviceNs;
    check(*sample.deviceNs > 999 * once && *sample.deviceNs < 1001 * once,
          "the device time is that of every iteration");
    executable->run(10, RunMode::latency);
    const int after[] = {calls("cuMemAlloc"),         calls("cuMemFree"),
                         calls("cuGraphInstantiate"), calls("cuStreamBeginCapture"),
                         calls("cuModuleLoadData"),   calls("cublasLtMatmul"),
                         calls("cuLaunchKernelEx"),   calls("cuEventCreate")};
    check(std::equal(std::begin(before), std::end(before), std::begin(after)),
          "an iteration does nothing but launch graphs");
    check(executable->profile(3).size() == executable->steps().size(), "each step has a time");
  }
  checkClean("graphs");

  // Many iterations in one launch and one by one end in the same weights: kernel after kernel, and
  // where one kernel does them all.
  const auto devices = openDevices();
  for (const Graph& graph : {computedStep(), linearStep(DType::f32, 4, 1, 1)}) {
    const auto trained = [&](RunMode mode, std::int64_t iterations) {
      const auto executable = devices.front()->compile(graph);
      fillAll(*executable);
      executable->run(iterations, mode);
      return valuesOf(*executable, "weights");
    };
    const auto weights = trained(RunMode::throughput, 64 + 8 + 3);
    check(weights == trained(RunMode::latency, 64 + 8 + 3),
          "iterations of one launch follow each other");
    check(weights != trained(RunMode::throughput, 64 + 8 + 2), "each of them counts");
  }
}

}  // namespace mpsbench::test
