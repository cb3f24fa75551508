// The CPU backend as the prebuilt packages for Linux have it: threads of the standard library, and
// an OpenBLAS, here a fake one, with threads of its own.
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <string>
#include <vector>

#include "backends/cpu/hardware/cgroup_linux.h"
#include "backends/cpu/parallel.h"
#include "core/backend.h"
#include "fakes/openblas/state.h"
#include "fakes/threads/pthread_create.h"
#include "support/checks.h"
#include "support/graphs.h"

namespace mpsbench {
std::unique_ptr<Backend> make_cpu_backend();
}

namespace {

using namespace mpsbench;
using namespace mpsbench::test;
namespace fs = std::filesystem;

constexpr int kThreads = 4;

std::unique_ptr<Executable> compile(const std::string& engine, const Graph& graph) {
  const BackendOptions options = {.threads = kThreads, .engine = engine};
  return make_cpu_backend()->devices(options).front()->compile(graph);
}

void blasThreads() {
  auto& blas = fakes::openBlas();
  const auto mostThreadsIn = [&](const Graph& graph) {
    const auto executable = compile("cblas", graph);
    blas.calls = 0;
    blas.mostThreads = 0;
    executable->run(2, RunMode::throughput);
    check(blas.calls > 0, "the fake OpenBLAS is called");
    check(blas.threads == kThreads, "its threads are as they were");
    return blas.mostThreads.load();
  };
  OpSpec conv = spec(OpKind::conv2d);
  const auto images = [&](std::int64_t batch) {
    return singleOp(DType::f64, conv, {{batch, 6, 6, 2}, {3, 3, 2, 5}}, {batch, 4, 4, 5});
  };
  check(mostThreadsIn(images(7)) == 1, "each of several images stays on its thread");
  check(mostThreadsIn(images(1)) == kThreads, "a single image has all threads");
  check(mostThreadsIn(singleOp(DType::f64, spec(OpKind::matmul), {{4, 4}, {4, 4}}, {4, 4})) ==
            kThreads,
        "a product has all threads");
}

void threadsThatCannotStart() {
  const Shape large = {512, 1024};
  const auto executable =
      compile("cblas", singleOp(DType::f64, spec(OpKind::relu), {large}, large));
  for (const int left : {0, kThreads - 2}) {
    fakes::threadsLeft = left;
    expectError(ErrorCode::unavailable, "no more than " + std::to_string(left + 1) + " threads",
                [&] { executable->run(1, RunMode::throughput); });
  }
  fakes::threadsLeft = kThreads - 1;
  executable->run(1, RunMode::throughput);
  check(*fakes::threadsLeft == 0, "one thread is the caller's");
  fakes::threadsLeft.reset();
}

/** A cgroup's directory, made of the files that the kernel would show. */
class FakeCgroup {
 public:
  FakeCgroup()
      : path_(fs::temp_directory_path() / ("mpsbench-cgroup-" + std::to_string(getpid()))) {
    fs::create_directories(path_);
  }
  ~FakeCgroup() { fs::remove_all(path_); }
  FakeCgroup(const FakeCgroup&) = delete;
  FakeCgroup& operator=(const FakeCgroup&) = delete;

  FakeCgroup& file(const std::string& name, const std::string& text) {
    std::ofstream(path_ / name) << text;
    return *this;
  }
  [[nodiscard]] cpu::CgroupMemory memory() const { return cpu::readCgroupMemory(path_.string()); }

 private:
  fs::path path_;
};

void memoryOfVersion2() {
  FakeCgroup group;
  check(group.memory().freeBytes == cpu::kUnlimited, "no files: no limit");
  group.file("memory.max", "max\n").file("memory.current", "3900\n");
  check(group.memory().limitBytes == cpu::kUnlimited, "max: no limit");
  check(group.memory().freeBytes == cpu::kUnlimited, "max: nothing limits what is free");
  group.file("memory.max", "4000\n");
  check(group.memory().limitBytes == 4000, "the limit");
  check(group.memory().freeBytes == 100, "without statistics, all that is used counts");
  group.file("memory.stat",
             "anon 900\nfile 2600\nshmem 100\ninactive_anon 600\nactive_anon 300\n"
             "inactive_file 2000\nactive_file 500\nslab_reclaimable 200\nslab_unreclaimable 50\n");
  check(group.memory().freeBytes == 2800, "the file cache and reclaimable slabs are free");
  group.file("memory.current", "2000\n");
  check(group.memory().freeBytes == 4000, "statistics that are older than the use");
  group.file("memory.stat", "inactive_file 0\n").file("memory.current", "5000\n");
  check(group.memory().freeBytes == 0, "more is used than the limit");
}

void memoryOfVersion1() {
  FakeCgroup group;
  group.file("memory.limit_in_bytes", "4000\n").file("memory.usage_in_bytes", "3900\n");
  group.file("memory.stat",
             "cache 5\ninactive_file 1\nactive_file 1\nhierarchical_memory_limit 4000\n"
             "total_cache 2600\ntotal_inactive_file 2000\ntotal_active_file 500\n");
  check(group.memory().limitBytes == 4000, "the limit, version 1");
  check(group.memory().freeBytes == 2600, "the file cache is free, with the groups below");
}

}  // namespace

/** Every element once, in ranges that start at multiples of the grain, on no more threads. */
void unequalCores() {
  constexpr std::size_t kGrain = 64;
  for (const std::size_t count : std::initializer_list<std::size_t>{1, 64, 65, 1'000, 100'003}) {
    std::vector<std::atomic<int>> seen(count);
    std::atomic<int> ranges = 0;
    cpu::parallelForUnequal(kThreads, count, kGrain, [&](std::size_t begin, std::size_t end) {
      ++ranges;
      check(begin % kGrain == 0 && begin < end && end <= count, "a range of unequal cores");
      for (std::size_t i = begin; i < end; ++i) ++seen[i];
    });
    for (const auto& times : seen) check(times == 1, "an element is computed once");
    check(count < 10'000 || ranges > kThreads, "more ranges than threads");
  }
}

int main() {
  unequalCores();
  blasThreads();
  threadsThatCannotStart();
  memoryOfVersion2();
  memoryOfVersion1();
  return finish();
}
