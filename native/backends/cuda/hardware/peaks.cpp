#include "backends/cuda/hardware/peaks.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

namespace mpsbench::cuda {

namespace {

/**
 * Floating-point operations a clock and multiprocessor; a multiply-add is two. Of products on the
 * tensor cores: dense factors; 0 if they do not take the type. Sources: FP32 and FP64 without
 * tensor cores from the table `Throughput of Native Arithmetic Instructions` of the CUDA C++
 * programming guide, the tensor cores from the architecture's whitepaper.
 */
struct Rates {
  int major;
  int minor;
  double f32;
  double f64;
  double f16;
  double bf16;
  double tf32;
};

constexpr std::array kRates = {
    Rates{7, 0, 128, 64, 1024, 0, 0},          // V100
    Rates{7, 5, 128, 4, 1024, 0, 0},           // Turing
    Rates{8, 0, 128, 128, 2048, 2048, 1024},   // A100
    Rates{8, 6, 256, 4, 1024, 1024, 512},      // Ampere, with FP16 sums
    Rates{8, 9, 256, 4, 1024, 1024, 512},      // Ada, with FP16 sums
    Rates{9, 0, 256, 256, 4096, 4096, 2048},   // H100, H200
    Rates{10, 0, 256, 128, 8192, 8192, 4096},  // B200
    Rates{12, 0, 256, 4, 1024, 1024, 512},     // Blackwell without the data-centre tensor cores
};

std::string rounded(double value) {
  return std::to_string(static_cast<long long>(std::llround(value)));
}

}  // namespace

std::optional<Peak> peak(const Facts& facts, const Clocks& clocks) {
  Peak found;
  if (clocks.memoryMHz > 0 && clocks.memoryBusBits > 0) {
    found.gbPerS = clocks.memoryMHz * 1e6 * 2 * (clocks.memoryBusBits / 8) / 1e9;
    found.source =
        rounded(clocks.memoryBusBits) + " bits at 2 x " + rounded(clocks.memoryMHz) + " MHz";
  }
  const auto rates = std::find_if(kRates.begin(), kRates.end(), [&](const Rates& row) {
    return row.major == facts.major && row.minor == facts.minor;
  });
  if (rates != kRates.end() && clocks.smMHz > 0) {
    const double gigacycles = facts.multiprocessors * clocks.smMHz / 1e3;
    found.gflops[DType::f32] = rates->f32 * gigacycles;
    found.gflops[DType::f64] = rates->f64 * gigacycles;
    found.gflops[DType::f16] = rates->f16 * gigacycles;
    if (rates->bf16 > 0) found.gflops[DType::bf16] = rates->bf16 * gigacycles;
    if (rates->tf32 > 0) found.tf32Gflops = rates->tf32 * gigacycles;
    found.source += (found.source.empty() ? "" : "; ") + std::to_string(facts.multiprocessors) +
                    " multiprocessors at " + rounded(clocks.smMHz) +
                    " MHz with the rates of compute capability " + std::to_string(facts.major) +
                    "." + std::to_string(facts.minor) +
                    " (CUDA programming guide, architecture whitepapers)";
  }
  if (found.source.empty()) return std::nullopt;
  return found;
}

}  // namespace mpsbench::cuda
