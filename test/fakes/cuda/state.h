#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "backends/cuda/driver/api/cuda.h"

/**
 * What the fake libraries share: the script that they follow, the objects that they handed out, and
 * what a real driver would have refused. Device memory is host memory, and work runs at once when
 * it is enqueued, or whenever the graph that it was captured into is launched.
 */
namespace mpsbench::cuda::fake {

/**
 * The script, from MPSBENCH_FAKE_CUDA: `key=value` by ';'.
 *
 *   devices=2            how many GPUs; CUDA_VISIBLE_DEVICES hides and reorders them
 *   KEY.2=VALUE          KEY of the third card alone: name, memory, nodens, power, utilisation,
 *                        throttle, mig
 *   name=TEXT            of each
 *   capability=90        10 x major + minor
 *   memory=BYTES         of each, and what can be allocated
 *   driver=13000         the CUDA version that the driver speaks
 *   nvrtc=13000 cublas=130100 cudnn=91400   versions
 *   architectures=75,90  that NVRTC compiles for
 *   engines=24,7:4096    that cuDNN's heuristics propose: NUMBER:WORKSPACE BYTES:NUMERICAL NOTE;
 *                        `fallbacks` are those of the mode for fallbacks, 1 if nothing is said
 *   nodens=1000          nanoseconds of the pretended device for one launch
 *   fail=CALL:STATUS     the first such call fails; CALL:STATUS:3 the third, CALL:STATUS:* each
 *   sticky=CALL:STATUS   from that call on every driver call fails with the status; also with :3,
 * and with :3:1 on the second card only wrong=1              kernels add 1 to what they compute
 *   mig.0=1 instances.0=3   the first card is split by MIG into three equal instances; a process
 *                        sees one of them at most, and no whole card beside it
 *   speed.2=2            CUDA counts the third card first, unless CUDA_DEVICE_ORDER=PCI_BUS_ID
 *   nvlinks=18           of each card, to switches; nvlinks.0.1=4 between the first and the second
 *   topology=50          NVML's level of what cards share on PCIe; topology.0.1=10 of the first two
 *   ecc=1 processes=2 throttle=0x4 utilisation=97 sensors=0   what NVML says
 *   plan=0.5:0,3:80      percent of utilisation until so many seconds after the first question; the
 * last one stays; plan.1 of the second card byprocess=1          NVML counts utilisation by
 * process: each on the card has its part holders=FILE         NVML lists the processes of this
 * file; one that takes a context joins them until it ends report=FILE          appends every
 * violation, so that it is seen from outside the process
 */
class Script {
 public:
  explicit Script(const std::string& text);
  [[nodiscard]] long long number(const std::string& key, long long otherwise) const;
  [[nodiscard]] std::string text(const std::string& key, const std::string& otherwise) const;
  /** What is said of this card, else of all. */
  [[nodiscard]] long long numberOf(int card, const std::string& key, long long otherwise) const;
  [[nodiscard]] std::string textOf(int card, const std::string& key,
                                   const std::string& otherwise) const;

  struct Fault {
    std::string call;
    int status;
    /** Which call of that name, from 1; 0 is each. */
    int which;
    bool sticky;
    /** The card that it is of; every one if there is none. */
    std::optional<int> card;
  };
  [[nodiscard]] const std::vector<Fault>& faults() const { return faults_; }

 private:
  std::map<std::string, std::string> values_;
  std::vector<Fault> faults_;
};

using Work = std::function<void()>;

struct Stream {
  bool capturing = false;
  bool invalidated = false;
  std::vector<Work> captured;
};
struct Graph {
  std::vector<Work> nodes;
};
struct Event {
  bool recorded = false;
  double deviceNs = 0;
};
/** What "NVRTC" made: no code, but what it would have been made of. */
struct Program {
  std::string file;
  std::string source;
  std::vector<std::string> options;
  std::string image;
};
struct Module {
  Program program;
};
struct Function {
  const Module* module;
  std::string name;
  /** The most dynamic shared memory of a launch. */
  int dynamicSharedBytes;
};

/** Objects by the handle that the backend holds. */
template <class Object>
class Objects {
 public:
  template <class... Arguments>
  Object* make(Arguments&&... arguments) {
    auto made = std::make_unique<Object>(Object{std::forward<Arguments>(arguments)...});
    Object* handle = made.get();
    live_.emplace(handle, std::move(made));
    return handle;
  }
  [[nodiscard]] Object* find(const void* handle) const {
    const auto found = live_.find(handle);
    return found == live_.end() ? nullptr : found->second.get();
  }
  bool erase(const void* handle) { return live_.erase(handle) > 0; }
  template <class Each>
  void forEach(const Each& each) {
    for (auto& [handle, object] : live_) each(*object);
  }
  [[nodiscard]] std::size_t size() const { return live_.size(); }
  void clear() { live_.clear(); }

 private:
  std::map<const void*, std::unique_ptr<Object>> live_;
};

/** A card, or one of the instances that MIG splits it into. */
struct Visible {
  int card = 0;
  std::optional<int> instance = {};
};

struct Allocation {
  std::unique_ptr<std::byte[]> memory;
  std::size_t bytes;
};

class State {
 public:
  State();
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  /** The state of this process; its script is read at the first call. */
  static State& get();

  Script script;
  Objects<Stream> streams;
  Objects<Graph> graphs;
  Objects<std::shared_ptr<Graph>> graphExecutables;
  Objects<Event> events;
  Objects<Program> programs;
  Objects<Module> modules;
  Objects<Function> functions;
  /** Handles of cuBLASLt and cuDNN, and the preferences of the former. */
  Objects<std::string> handles;
  /** Into these only the fake cuDNN looks. */
  Objects<std::shared_ptr<void>> cudnnDescriptors;
  std::map<CUdeviceptr, Allocation> memory;
  int contexts = 0;
  /** The card that this process took a context on last; a worker holds one. */
  int cardInUse = 0;

  /** What CUDA shows to this process, in its order. */
  [[nodiscard]] std::vector<Visible> visibleDevices() const;
  /** How many instances a card is split into; nothing if MIG is off. */
  [[nodiscard]] std::optional<int> instancesOf(int card) const;
  /** What this device is of a whole card: 1, or the part of an instance. */
  [[nodiscard]] int partsOf(const Visible& device) const;
  /** The 16 bytes of a UUID: 10 10 10 ... of the first card, 10 a0 a0 ... of its first instance. */
  [[nodiscard]] static std::string uuidBytes(const Visible& device);
  /** `GPU-10101010-1010-1010-1010-101010101010`, or `MIG-10a0a0a0-...` */
  [[nodiscard]] static std::string uuidOf(const Visible& device);

  /**
   * Counts the call. @returns the status that the script wants instead of the call, 0 if it
   * wants none.
   */
  int enter(const char* call);
  /** As `enter`, for calls of the driver: a sticky fault makes all of them fail. */
  int enterDriver(const char* call);

  /** Something that a real library would have refused, or that the design rules out. */
  void violation(const std::string& text);
  /** What must not happen while a stream is captured: invalidates the capture. */
  bool refusedInCapture(const char* call);
  /** Runs the work now, or keeps it where the stream is being captured. */
  void enqueue(CUstream stream, Work work);
  /** The bytes [address, address + bytes) where all of them are allocated; else nullptr. */
  void* bytesAt(CUdeviceptr address, std::size_t bytes);

  CUresult allocate(CUdeviceptr* address, std::size_t bytes);
  CUresult release(CUdeviceptr address);
  [[nodiscard]] std::size_t allocatedBytes() const { return allocated_; }

  /** Gives the program its image: a text that names it. */
  void makeImage(Program& program);
  /** The program of an image; nullptr for anything else. */
  [[nodiscard]] const Program* programOf(const char* image) const;

  /** Time of the pretended device: every launch takes `nodens`, or so many times that. */
  void advance(double times = 1) {
    deviceNs_ += times * static_cast<double>(script.numberOf(cardInUse, "nodens", 1000));
  }
  [[nodiscard]] double deviceNs() const { return deviceNs_; }

  /** From the record of an event to the next synchronisation nothing may be allocated. */
  void startTiming() { timing_ = true; }
  void stopTiming() { timing_ = false; }

  /** Starts again with another script: no call has been made, nothing is stuck. */
  void follow(const std::string& text);
  /** Takes back all objects, as the end of a process would. */
  void forgetObjects();

  [[nodiscard]] int calls(const std::string& call) const;
  [[nodiscard]] const std::vector<std::string>& violations() const { return violations_; }
  /** One line each for what is still held: `3 events`. */
  [[nodiscard]] std::vector<std::string> leaks() const;

 private:
  std::optional<int> fault(const char* call, int count);

  std::map<std::string, int> calls_;
  std::map<std::string, Program> images_;
  std::vector<std::string> violations_;
  std::optional<int> stuck_;
  std::size_t allocated_ = 0;
  double deviceNs_ = 0;
  bool timing_ = false;
};

/** The type of a driver handle and that of the object behind it. */
template <class Handle, class Object>
Handle handleOf(Object* object) {
  return reinterpret_cast<Handle>(object);
}

}  // namespace mpsbench::cuda::fake
