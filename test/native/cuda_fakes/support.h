#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/backend.h"
#include "core/error.h"
#include "state.h"
#include "support/graphs.h"

/** The CUDA backend on the fake libraries of test/fakes/cuda. */
namespace mpsbench::test {

using cuda::fake::State;

inline int failures = 0;

/** Counts and prints a failed expectation. */
void check(bool condition, const std::string& what);

/** Starts again with this script: no call has been made. */
void follow(const std::string& script);

/** Checks that nothing was done that a real library would refuse, and that all was given back. */
void checkClean(const std::string& what, bool leaksAllowed = false);

/** The error that the work throws; nothing if it throws none. */
std::optional<Error> errorOf(const std::function<void()>& work);

/** A backend that has opened nothing yet. */
std::unique_ptr<Backend> freshBackend();

/** Opens the devices of a fresh backend. @throws Error */
std::vector<std::shared_ptr<Device>> openDevices(const BackendOptions& options = {});

/** A training step that cuBLASLt and the kernels between its products do. */
Graph computedStep();
/** c = a + b of 1001 elements. */
Graph sum();

/** Writes a tensor as values of its own type where the host has that, else as f32. */
void write(Executable& executable, const Tensor& tensor, const std::vector<double>& values);
/** Fills every tensor that the host writes, the same at each call. */
void fillAll(Executable& executable);
/** The values of an output or a state. */
std::vector<double> valuesOf(Executable& executable, const std::string& tensor);

/** conv2d, bias_add and relu, padded more after than before, with strides; `filters` is their role.
 */
Graph convolutionLayer(DType dtype, Role filters = Role::weight);

/** Whether outputs and states agree with the reference kernels after one iteration. */
bool isRight(Device& device, const Graph& graph);
bool isRight(Executable& executable, RunMode mode = RunMode::throughput);

// Groups of tests.
void testRuns();
void testKernelLevels();
void testGraphs();
void testConvolutions();
void testFaults();
void testLibraries();
void testSensors();
void testTopology();

}  // namespace mpsbench::test
