// The Metal backend over its test double, without Node, so that the sanitizers see it:
//   ops      every op at every dtype on every device of the scenario, against the reference engine
//   brief    a step and a network in f32, where a scenario is another in what matters to results
//   limits   sizes that MPS aborts at or multiplies wrongly are refused or worked around
//   energy W MHZ SHARE CPU_W MEMORY_W GAP  the sensors give this power, clock and utilisation,
//   these two rails, and at
//            least this time between the updates of the rails; 0 for none
//   cycles ROUNDS  so many rounds of 28 compile/run/dispose cycles leave no object and no growing
//   memory fault C  the scenario's fault becomes an error with the code C, and nothing is left
//   behind nothing  a Mac without a device is unavailable
#include "core/backend.h"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "backends/metal/driver/batching.h"
#include "backends/metal/mpsgraph/parts.h"
#include "core/error.h"
#include "core/registry.h"
#include "double/gpu.h"
#include "double/live_count.h"
#include "support/graphs.h"

namespace mpsbench {
std::unique_ptr<Backend> make_metal_backend();
}  // namespace mpsbench

namespace {

using namespace mpsbench;
using namespace mpsbench::test;

/** More than the command buffers that are in flight at once. */
constexpr std::int64_t kIterations = 7;

int failures = 0;

void check(bool condition, const std::string& what) {
  if (condition) return;
  ++failures;
  std::fprintf(stderr, "failed: %s\n", what.c_str());
}

void writeAll(Executable& executable) {
  for (const Tensor& tensor : executable.graph().tensors) {
    if (tensor.role != Role::temp)
      executable.write(tensor.id, std::span<const double>(valuesFor(tensor)));
  }
}

/** Outputs and states, one after the other. */
std::vector<double> readAll(Executable& executable) {
  const Graph& graph = executable.graph();
  std::vector<double> all;
  for (TensorIndex i = 0; i < graph.tensors.size(); ++i) {
    const Tensor& tensor = graph.tensors[i];
    if (tensor.role != Role::state && !graph.isOutput(i)) continue;
    std::vector<double> values(tensor.elements());
    executable.read(tensor.id, std::span<double>(values));
    all.insert(all.end(), values.begin(), values.end());
  }
  return all;
}

/** The device time of a run is all of the GPU's, however many command buffers it went through. */
void checkDeviceTime(Executable& executable) {
  const double before = metal_double::gpuBusySeconds();
  const Sample sample = executable.run(kIterations, RunMode::throughput);
  const double busyNs = (metal_double::gpuBusySeconds() - before) * 1e9;
  const double deviceNs = sample.deviceNs.value_or(0);
  const std::string text = "device time " + std::to_string(deviceNs) + ", GPU busy " +
                           std::to_string(busyNs) + ", wall " + std::to_string(sample.wallNs);
  check(std::abs(deviceNs - busyNs) <= 1e-3 * busyNs + 1, text);
  check(deviceNs > 0 && deviceNs <= sample.wallNs, text);
}

/** Several batches, with values read and written in between, and a profile. */
std::vector<double> run(Device& device, const Graph& graph) {
  const auto executable = device.compile(graph);
  writeAll(*executable);
  executable->run(1, RunMode::latency);
  readAll(*executable);
  if (device.info().deviceClock) {
    checkDeviceTime(*executable);
  } else {
    executable->run(kIterations, RunMode::throughput);
  }
  const auto times = executable->profile(1);
  check(times.size() == executable->steps().size(), "one time for each step");
  return readAll(*executable);
}

double tolerance(DType dtype) {
  switch (dtype) {
    case DType::f16:
      return 2e-2;
    case DType::bf16:
      return 1e-1;
    case DType::f64:
    case DType::f32:
      break;
  }
  return 1e-5;
}

void compare(Device& device, Device& reference, const Graph& graph, const std::string& label) {
  const DType dtype = graph.tensors[0].dtype;
  const std::vector<double> expected = run(reference, graph);
  const std::vector<double> actual = run(device, graph);
  const std::string where = device.info().name + " " + name(dtype) + " " + label;
  check(actual.size() == expected.size(), where + ": sizes");
  for (std::size_t i = 0; i < actual.size(); ++i) {
    if (std::abs(actual[i] - expected[i]) <= tolerance(dtype)) continue;
    check(false, where + ": value " + std::to_string(i) + " is " + std::to_string(actual[i]) +
                     ", expected " + std::to_string(expected[i]));
    return;
  }
}

std::vector<std::pair<std::string, Graph>> graphs(DType dtype) {
  // More than one threadgroup of every kernel; the double runs thread by thread.
  return {{"elementwise", elementwise(dtype, 3)},
          {"training", training(dtype)},
          {"convolution", convolution(dtype, 7, 1, 32)},
          {"convolution, odd", convolution(dtype, 2, 3, 37)},
          {"convolution, deep", convolution(dtype, 1, 20, 8)},
          {"padded convolution", paddedConvolution(dtype)}};
}

Graph relu(DType dtype, std::int64_t elements) {
  GraphBuilder build(dtype);
  const auto a = build.tensor("a", {elements}, Role::input);
  return build.finish({build.op(spec(OpKind::relu), {a}, {elements})});
}

template <class Work>
void expectError(const char* code, const std::string& what, const Work& work) {
  try {
    work();
    check(false, what + ": no error");
  } catch (const Error& error) {
    check(std::string_view(name(error.code())) == code,
          what + " became " + name(error.code()) + ": " + error.what());
    check(*error.what() != '\0', what + ": no message");
  }
}

void ops(Backend& backend) {
  const auto reference = backends().front()->devices({.threads = 1, .engine = "reference"}).front();
  for (const auto& device : backend.devices({})) {
    const auto& dtypes = device->info().dtypes;
    for (const DType dtype : kDTypes) {
      const bool supported = std::find(dtypes.begin(), dtypes.end(), dtype) != dtypes.end();
      for (const auto& [label, graph] : graphs(dtype)) {
        for (const Op& op : graph.ops) {
          check(device->supports(op.spec, dtype).has_value() != supported,
                label + ": what the device says of " + name(dtype));
        }
        if (supported) {
          compare(*device, *reference, graph, label);
        } else {
          expectError("unsupported", name(dtype),
                      [&, &refused = graph] { device->compile(refused); });
        }
      }
    }
    const Telemetry telemetry = device->telemetry({});
    check(telemetry.utilisation.value_or(0) <= 1, "utilisation above 1");
    expectError("unsupported", "a terabyte",
                [&] { device->compile(relu(DType::f32, std::int64_t{1} << 38)); });
  }
}

void brief(Backend& backend) {
  const auto reference = backends().front()->devices({.threads = 1, .engine = "reference"}).front();
  const auto device = backend.devices({}).front();
  compare(*device, *reference, training(DType::f32), "training");
  compare(*device, *reference, convolution(DType::f32, 2, 3, 37), "convolution, odd");
  check(device->telemetry({}).utilisation.value_or(0) <= 1, "utilisation above 1");
}

Graph product(DType dtype, std::int64_t inner, bool transposeA, bool transposeB) {
  constexpr std::int64_t kRows = 17;
  constexpr std::int64_t kColumns = 19;
  GraphBuilder build(dtype);
  const Shape shapeA = transposeA ? Shape{inner, kRows} : Shape{kRows, inner};
  const Shape shapeB = transposeB ? Shape{kColumns, inner} : Shape{inner, kColumns};
  const auto a = build.tensor("a", shapeA, Role::input);
  const auto b = build.tensor("b", shapeB, Role::weight);
  OpSpec matmul = spec(OpKind::matmul);
  matmul.transposeA = transposeA;
  matmul.transposeB = transposeB;
  return build.finish({build.op(matmul, {a, b}, {kRows, kColumns})});
}

/** Sums of 40,000 products: the tolerance of one, and as many roundings. */
void compareProduct(Device& device, Device& reference, const Graph& graph) {
  const std::vector<double> expected = run(reference, graph);
  const std::vector<double> actual = run(device, graph);
  for (std::size_t i = 0; i < actual.size(); ++i) {
    if (std::abs(actual[i] - expected[i]) <= 1e-3 * (1 + std::abs(expected[i]))) continue;
    check(false, "a long product: " + std::to_string(actual[i]) + ", expected " +
                     std::to_string(expected[i]));
    return;
  }
}

/** MPSGraph's long iterations are split between ops. */
void checkParts() {
  const auto parts = [](const Graph& graph, int cores) {
    return metal::partsOf(graph, cores, 100e6).size();
  };
  check(parts(linearStep(DType::f32, 1024, 1024, 1024), 8) == 1, "a short step");
  // 2 products of 137 GFLOP each: 137 ms on an M1, 17 ms with eight times its cores.
  const Graph large = linearStep(DType::f32, 4096, 4096, 4096);
  check(parts(large, 8) > 1 && parts(large, 64) == 1, "a long step");
  const Graph images = convolution(DType::f32, 200'000, 1, 32);
  const auto cut = metal::partsOf(images, 8, 100e6);
  check(cut.size() > 1 && cut.front().first == 0 && cut.back().last == images.ops.size(),
        "all of a long network");
  for (std::size_t i = 1; i < cut.size(); ++i) {
    check(cut[i].first == cut[i - 1].last && cut[i].last > cut[i].first, "one part after another");
  }
}

/** The scenario's macOS decides whether a product with long rows is refused. */
/** MPSGraph's; our own kernels have others. */
void limits(Backend& backend, bool hasLongRows) {
  const auto reference = backends().front()->devices({.threads = 1, .engine = "reference"}).front();
  const auto device = backend.devices({.kernels = KernelLevel::library}).front();
  check(device->info().maxTensorBytes == (std::uint64_t{1} << 32) - 1, "maxTensorBytes");
  constexpr std::int64_t kOneGi = std::int64_t{1} << 30;
  expectError("unsupported", "2^32 bytes", [&] { device->compile(relu(DType::f32, kOneGi)); });
  expectError("unsupported", "2^31 elements",
              [&] { device->compile(relu(DType::f16, 2 * kOneGi)); });
  expectError("unsupported", "2^32 bytes in an intermediate tensor", [&] {
    GraphBuilder build(DType::f16);
    const auto x = build.tensor("x", {2, kOneGi / 2}, Role::input);
    device->compile(build.finish({build.op(spec(OpKind::reduceSum), {x}, {kOneGi / 2})}));
  });
  constexpr std::int64_t kLong = 40'000;
  compareProduct(*device, *reference, product(DType::f32, kLong, true, false));
  // Its last part is shorter than a tile.
  compareProduct(*device, *reference, product(DType::f32, 2 * 16'384 + 1, true, false));
  for (const auto& [a, b] : {std::pair(false, false), std::pair(true, true)}) {
    const Graph graph = product(DType::f32, kLong, a, b);
    if (hasLongRows) {
      compareProduct(*device, *reference, graph);
    } else {
      expectError("unsupported", "rows of 40,000", [&] { device->compile(graph); });
    }
  }
  checkParts();
  using metal::planBatches;
  constexpr double kMs = 1e6;
  check(planBatches(0, 32, 0, 0).iterations == 1, "one iteration while its time is not known");
  check(planBatches(1000, 32, 0, 0).iterations == 32, "short iterations");
  check(planBatches(150 * kMs, 32, 0, 0).iterations == 1, "long iterations");
  check(planBatches(99 * kMs, 32, 0, 0).parts == 1, "an iteration that is not cut");
  check(planBatches(270 * kMs, 32, 0, 0).parts == 6, "an iteration in parts of 50 ms at most");
  check(planBatches(kMs, 32, 1000, 1'000'000).inFlight == 3, "small temporaries");
  check(planBatches(kMs / 100, 32, 1000, 12'000).iterations == 4, "temporaries bound a batch");
  check(planBatches(kMs, 32, 1000, 2500).inFlight == 2, "temporaries bound what is in flight");
  check(planBatches(kMs, 32, 1000, 10).inFlight == 1, "one is always possible");
}

std::optional<double> middle(std::vector<double> readings) {
  if (readings.empty()) return std::nullopt;
  const auto half = readings.begin() + static_cast<std::ptrdiff_t>(readings.size() / 2);
  std::nth_element(readings.begin(), half, readings.end());
  return *half;
}

/** A counter of joules over the latest time without a gap. */
struct CounterSpan {
  std::optional<double> first;
  std::optional<double> last;
  double firstAt = 0;
  double lastAt = 0;
  int gaps = 0;

  void add(std::optional<double> joules, double at) {
    if (!joules && last) ++gaps;
    // A new stretch, whose counter may start at the value that the first one began with.
    if (joules && (!last || *joules < *last)) {
      first = joules;
      firstAt = at;
    }
    last = joules;
    lastAt = at;
  }

  /** One update may be missing at either end. */
  void expect(double powerW, double periodS, const std::string& what) const {
    check(gaps <= 1, what + ": one gap where the counters start again");
    if (powerW == 0) return check(!last, what + ": no energy");
    if (!last) return check(false, what + ": missing");
    const double span = lastAt - firstAt;
    const double joules = *last - *first;
    check(span > 1 && joules > 0 && std::abs(joules - powerW * span) <= powerW * (0.1 + periodS),
          what + " " + std::to_string(joules) + " J in " + std::to_string(span) + " s");
  }
};

struct ExpectedEnergy {
  double powerW = 0;
  double clockMHz = 0;
  double share = 0;
  double cpuW = 0;
  double memoryW = 0;
  double railGapS = 0;
};

/** Reads for 2.6 seconds, as often as a benchmark does. */
void energy(Backend& backend, const ExpectedEnergy& expected) {
  const auto device = backend.devices({}).front();
  const auto near = [](std::optional<double> value, double expected, const char* what) {
    const double actual = value.value_or(0);
    check(std::abs(actual - expected) <= 0.1 * expected,
          std::string(what) + " " + std::to_string(actual) + ", expected " +
              std::to_string(expected));
  };
  Telemetry last;
  CounterSpan gpu;
  CounterSpan cpu;
  CounterSpan memory;
  std::vector<double> power;
  std::vector<double> clock;
  std::vector<double> busy;
  const auto start = std::chrono::steady_clock::now();
  const auto elapsed = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  while (elapsed() < 2.6) {
    last = device->telemetry({});
    const double at = elapsed();
    gpu.add(last.energyJ, at);
    cpu.add(last.cpuEnergyJ, at);
    memory.add(last.memoryEnergyJ, at);
    // Counters in mJ cover a window only once it is a second long.
    if (at > 1.2) {
      if (last.powerW) power.push_back(*last.powerW);
      if (last.clockMHz) clock.push_back(*last.clockMHz);
      if (last.utilisation) busy.push_back(*last.utilisation);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
  }
  // A single reading may hold one update of a counter more or less than the time it covers.
  near(middle(power), expected.powerW, "power");
  near(middle(clock), expected.clockMHz, "clock");
  near(middle(busy), expected.share, "utilisation");
  gpu.expect(expected.powerW, last.energyPeriodS.value_or(0), "GPU energy");
  const double railPeriodS = last.railPeriodS.value_or(0);
  cpu.expect(expected.cpuW, railPeriodS, "CPU energy");
  memory.expect(expected.memoryW, railPeriodS, "memory energy");
  check(railPeriodS >= expected.railGapS, "updates " + std::to_string(railPeriodS) + " s apart");
}

std::size_t residentBytes() {
  std::size_t total = 0;
  std::size_t resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

void cycle(Backend& backend, int number) {
  constexpr DType kCycled[] = {DType::f32, DType::f16};
  const DType dtype = kCycled[number % 2];
  const auto devices = backend.devices({});
  Device& device = *devices[static_cast<std::size_t>(number / 2) % devices.size()];
  // MPSGraph in both layouts, then with kernels of our own: op by op, elementwise, a training step,
  // a fused network, a matrix product, softmax.
  const Graph graphs[] = {paddedConvolution(dtype),
                          training(dtype),
                          relu(dtype, 100),
                          linearStep(dtype, 4, 1, 1),
                          convolution(dtype, 1, 1, 8),
                          product(dtype, 20, true, false),
                          singleOp(dtype, spec(OpKind::softmax), {{9, 33}}, {9, 33})};
  const Graph& graph = graphs[static_cast<std::size_t>(number) % std::size(graphs)];
  const auto executable = device.compile(graph);
  writeAll(*executable);
  executable->run(3, RunMode::throughput);
  check(!device.telemetry({}).energyJ, "energy at the first reading, which has nothing before it");
  check(device.telemetry({}).utilisation.value_or(0) <= 1, "utilisation above 1");
  readAll(*executable);
}

/** @param rounds after those that fill caches */
void cycles(Backend& backend, int rounds) {
  // Every graph, dtype and device of `cycle`: the double keeps its latest released objects, so that
  // only after whole rounds they are the same.
  constexpr int kRound = 28;
  const int cycles = rounds * kRound;
  // Until caches are full and the double keeps as many released objects as it ever does.
  constexpr int kWarmUp = 8 * kRound;
  constexpr std::size_t kHeapGrowth = 64 << 10;
  constexpr std::size_t kResidentGrowth = 16 << 20;
  for (int i = 0; i < kWarmUp; ++i) cycle(backend, i);
  const std::string live = metal_double::describeLive();
  const std::size_t heap = mallinfo2().uordblks;
  const std::size_t resident = residentBytes();
  for (int i = 0; i < cycles; ++i) cycle(backend, i);
  check(metal_double::describeLive() == live,
        "alive were " + live + ", now " + metal_double::describeLive());
  const std::size_t heapAfter = mallinfo2().uordblks;
  check(heapAfter <= heap + kHeapGrowth,
        "the heap grew from " + std::to_string(heap) + " to " + std::to_string(heapAfter));
  const std::size_t residentAfter = residentBytes();
  check(residentAfter <= resident + kResidentGrowth,
        "memory grew from " + std::to_string(resident) + " to " + std::to_string(residentAfter));
}

void fault(Backend& backend, const char* code) {
  expectError(code, "the fault", [&] {
    // With our own kernels beside it, a fault of MPSGraph would cost that candidate alone.
    const auto device = backend.devices({.kernels = KernelLevel::library}).front();
    run(*device, training(DType::f32));
  });
}

void nothing(Backend& backend) {
  const Probe probe = backend.probe();
  const auto* unavailable = std::get_if<Unavailable>(&probe);
  check(unavailable != nullptr && !unavailable->reason.empty() && !unavailable->remedy.empty(),
        "no device, but available");
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view part = argc > 1 ? argv[1] : "";
  auto backend = make_metal_backend();
  if (part == "ops") {
    ops(*backend);
  } else if (part == "brief") {
    brief(*backend);
  } else if (part == "limits" && argc > 2) {
    limits(*backend, std::string_view(argv[2]) == "long-rows");
  } else if (part == "energy" && argc > 7) {
    const auto number = [&](int index) { return std::atof(argv[index]); };
    energy(*backend, {number(2), number(3), number(4), number(5), number(6), number(7)});
  } else if (part == "cycles" && argc > 2) {
    cycles(*backend, std::atoi(argv[2]));
  } else if (part == "fault" && argc > 2) {
    fault(*backend, argv[2]);
  } else if (part == "nothing") {
    nothing(*backend);
  } else {
    std::fprintf(stderr,
                 "usage: %s ops | brief | limits long-rows|short-rows | energy W MHZ SHARE CPU_W "
                 "MEMORY_W GAP | cycles ROUNDS | "
                 "fault CODE | nothing\n",
                 argv[0]);
    return EXIT_FAILURE;
  }
  backend.reset();
  check(metal_double::liveObjects() == 0, "still alive: " + metal_double::describeLive());
  std::printf(failures == 0 ? "all passed\n" : "%d failed\n", failures);
  return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
