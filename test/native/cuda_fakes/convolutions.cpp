#include <cstdlib>
#include <string>

#include "support.h"

namespace mpsbench::test {

namespace {

bool says(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

/** Compiles the layer by this script, checks that it is right, and returns its steps' kernels. */
std::vector<std::string> kernelsBy(const std::string& script, const Graph& graph,
                                   const BackendOptions& options = {}) {
  follow(script);
  std::vector<std::string> kernels;
  {
    const auto devices = openDevices(options);
    const auto executable = devices.front()->compile(graph);
    check(isRight(*executable), "a convolution by '" + script + "' is right");
    for (const Step& step : executable->steps()) kernels.push_back(step.kernel);
  }
  checkClean("a convolution by '" + script + "'");
  return kernels;
}

/** Checks that kernels of our own do the layer, and what is said about cuDNN. */
void checkOwnKernels(const std::vector<std::string>& kernels, const std::string& words,
                     const std::string& what) {
  const bool own = kernels.size() == 3 && kernels[0].rfind("windows.cu", 0) == 0 &&
                   kernels[1].rfind("bias_add.cu", 0) == 0 &&
                   kernels[2].rfind("elementwise.cu", 0) == 0;
  check(own, what + " leads to kernels of our own");
  if (own) check(says(kernels[0], words), what + " is said: " + kernels[0]);
}

/** Right values, and after the host has written other filters too. */
void testValues(DType dtype, Role filters, RunMode mode) {
  const std::string what = std::string("a convolution in ") + name(dtype) +
                           (filters == Role::weight ? " by weights" : " by inputs") +
                           (mode == RunMode::latency ? " in latency mode" : "");
  follow("engines=24:4096");
  {
    const auto devices = openDevices();
    const Graph graph = convolutionLayer(dtype, filters);
    const auto executable = devices.front()->compile(graph);
    check(executable->steps().size() == 1 && executable->steps()[0].ops.size() == 3,
          what + " is one step with its bias and relu");
    check(isRight(*executable, mode), what + " is right");

    const std::string output = graph.tensors[graph.outputs[0]].id;
    const auto right = valuesOf(*executable, output);
    const Tensor& written = graph.tensors[graph.find("filters")];
    write(*executable, written, std::vector<double>(written.elements(), 0.5));
    executable->run(2, mode);
    check(valuesOf(*executable, output) != right, what + " follows the filters");
    check(isRight(*executable, mode), what + " is right with the first filters again");
  }
  checkClean(what);
}

}  // namespace

/** cuDNN's convolutions: values, the engine that is chosen, and what takes its place. */
void testConvolutions() {
  for (const DType dtype : {DType::f32, DType::f64}) {
    for (const Role filters : {Role::weight, Role::input}) {
      testValues(dtype, filters, RunMode::throughput);
      testValues(dtype, filters, RunMode::latency);
    }
  }
  follow("wrong=1");
  check(!isRight(*openDevices().front(), convolutionLayer(DType::f32)), "a wrong one is seen");

  const Graph layer = convolutionLayer(DType::f32);
  const auto kernelBy = [](const std::string& script, const Graph& graph,
                           const BackendOptions& options = {}) {
    const auto kernels = kernelsBy(script, graph, options);
    check(kernels.size() == 1, "'" + script + "' leads to one step");
    return kernels.front();
  };
  check(kernelBy("engines=24;fallbacks=", layer) == "cuDNN convolution, engine 24",
        "the placement names the engine");
  check(kernelBy("engines=;fallbacks=31", layer) == "cuDNN convolution, engine 31",
        "a fallback engine serves where there is no other");
  check(says(kernelBy("engines=24,7;fallbacks=", layer), "as fast as cuDNN convolution, engine 7"),
        "engines compete");
  check(says(kernelBy("fail=cudnnBackendExecute:5000", layer),
             "1 failed: cuDNN failed: CUDNN_STATUS_EXECUTION_FAILED"),
        "an engine that does not run is left out");
  // Filters that an iteration may change are rearranged in each: two launches against one.
  check(says(kernelBy("engines=24;fallbacks=", paddedConvolution(DType::f32)),
             "as fast as cuDNN convolution, engine 24 (2 tried)"),
        "a convolution alone competes with a kernel of our own");

  // Notes: 0 is tensor cores, 1 rounded inputs, 2 rounded sums; 3 and later cost no precision.
  for (const char* note : {"0", "1", "2"}) {
    const std::string script = std::string("engines=31:0:") + note + ",24;fallbacks=";
    check(kernelBy(script, layer) == "cuDNN convolution, engine 24",
          "strict f32 refuses an engine that rounds");
    BackendOptions tf32;
    tf32.tf32 = true;
    check(says(kernelBy(script, layer, tf32), "cuDNN convolution, engine 31"), "TF32 takes it");
    check(says(kernelBy(script, convolutionLayer(DType::f64)), "cuDNN convolution, engine 31"),
          "and so does f64, which it does not round");
  }
  check(kernelBy("engines=31:0:4;fallbacks=", layer) == "cuDNN convolution, engine 31",
        "other notes do no harm");
  check(kernelBy("engines=31:68000000,24;fallbacks=", layer) == "cuDNN convolution, engine 24",
        "an engine that wants more memory than there is for it is left out");

  checkOwnKernels(kernelsBy("engines=;fallbacks=", layer), "", "no engine");
  checkOwnKernels(kernelsBy("engines=31:0:0;fallbacks=", layer), "", "no engine of full precision");
  checkOwnKernels(kernelsBy("fail=cudnnCreate:4003", layer),
                  "CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED from cudnnCreate",
                  "a cuDNN that does not start");
  setenv("MPSBENCH_CUDA_PATH", FAKE_CUDA_DIR "/without_cudnn", 1);
  checkOwnKernels(kernelsBy("", layer), "(cuDNN is missing)", "a missing cuDNN");
  setenv("MPSBENCH_CUDA_PATH", FAKE_CUDA_DIR, 1);
  // The fake has no kernels for f16: what is said is all that can be looked at.
  follow("");
  {
    const auto executable = openDevices().front()->compile(convolutionLayer(DType::f16));
    check(executable->steps().size() == 3 && executable->steps()[0].kernel == "windows.cu",
          "a graph that cuDNN does not support is done by kernels of our own");
  }
  checkClean("an unsupported graph");
}

}  // namespace mpsbench::test
