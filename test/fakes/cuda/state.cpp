#include "state.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <sstream>

namespace mpsbench::cuda::fake {

namespace {

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) {
    if (!part.empty()) parts.push_back(part);
  }
  return parts;
}

std::string scriptText() {
  const char* text = std::getenv("MPSBENCH_FAKE_CUDA");
  return text == nullptr ? "" : text;
}

void append(const std::string& file, const std::string& line) {
  if (file.empty()) return;
  if (std::FILE* out = std::fopen(file.c_str(), "a")) {
    std::fprintf(out, "%s\n", line.c_str());
    std::fclose(out);
  }
}

}  // namespace

Script::Script(const std::string& text) {
  for (const std::string& item : split(text, ';')) {
    const std::size_t equals = item.find('=');
    const std::string key = item.substr(0, equals);
    const std::string value = equals == std::string::npos ? "1" : item.substr(equals + 1);
    if (key != "fail" && key != "sticky") {
      values_[key] = value;
      continue;
    }
    const std::vector<std::string> parts = split(value, ':');
    const std::string which = parts.size() > 2 ? parts[2] : "1";
    faults_.push_back({parts.at(0), std::stoi(parts.at(1)), which == "*" ? 0 : std::stoi(which),
                       key == "sticky",
                       parts.size() > 3 ? std::optional(std::stoi(parts[3])) : std::nullopt});
  }
}

long long Script::number(const std::string& key, long long otherwise) const {
  const auto found = values_.find(key);
  return found == values_.end() ? otherwise : std::stoll(found->second, nullptr, 0);
}

std::string Script::text(const std::string& key, const std::string& otherwise) const {
  const auto found = values_.find(key);
  return found == values_.end() ? otherwise : found->second;
}

long long Script::numberOf(int card, const std::string& key, long long otherwise) const {
  return number(key + "." + std::to_string(card), number(key, otherwise));
}

std::string Script::textOf(int card, const std::string& key, const std::string& otherwise) const {
  return text(key + "." + std::to_string(card), text(key, otherwise));
}

std::optional<int> State::instancesOf(int card) const {
  if (script.numberOf(card, "mig", 0) == 0) return std::nullopt;
  return static_cast<int>(script.numberOf(card, "instances", 0));
}

int State::partsOf(const Visible& device) const {
  return device.instance ? *instancesOf(device.card) : 1;
}

std::string State::uuidBytes(const Visible& device) {
  const int own = device.instance ? 0xa0 + *device.instance : 0x10 + device.card;
  std::string bytes(16, static_cast<char>(own));
  bytes[0] = static_cast<char>(0x10 + device.card);
  return bytes;
}

std::string State::uuidOf(const Visible& device) {
  std::string uuid = device.instance ? "MIG" : "GPU";
  const std::string bytes = uuidBytes(device);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 0 || i == 4 || i == 6 || i == 8 || i == 10) uuid += '-';
    char digits[4];
    std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned char>(bytes[i]));
    uuid += digits;
  }
  return uuid;
}

/** As the driver reads it: numbers or UUIDs, up to the first that is not there. */
std::vector<Visible> State::visibleDevices() const {
  // What there is, in CUDA's order; of a split card its instances.
  std::vector<int> cards;
  for (int card = 0; card < script.number("devices", 1); ++card) cards.push_back(card);
  const char* order = std::getenv("CUDA_DEVICE_ORDER");
  if (order == nullptr || std::string(order) != "PCI_BUS_ID") {
    std::stable_sort(cards.begin(), cards.end(), [&](int a, int b) {
      return script.numberOf(a, "speed", 1) > script.numberOf(b, "speed", 1);
    });
  }
  const auto devicesOf = [&](int card) {
    std::vector<Visible> devices;
    const std::optional<int> instances = instancesOf(card);
    for (int i = 0; i < instances.value_or(0); ++i) devices.push_back({card, i});
    if (!instances) devices.push_back({card});
    return devices;
  };
  std::vector<Visible> shown;
  const char* wanted = std::getenv("CUDA_VISIBLE_DEVICES");
  if (wanted == nullptr) {
    for (const int card : cards) {
      for (const Visible& one : devicesOf(card)) shown.push_back(one);
    }
  } else {
    for (const std::string& name : split(wanted, ',')) {
      const std::size_t before = shown.size();
      for (std::size_t index = 0; index < cards.size(); ++index) {
        const bool isCard = name == std::to_string(index) || name == uuidOf({cards[index]});
        for (const Visible& one : devicesOf(cards[index])) {
          if (isCard || name == uuidOf(one)) shown.push_back(one);
        }
      }
      if (shown.size() == before) break;
    }
  }
  // One instance at most, and no whole card beside it.
  const auto instance = std::find_if(shown.begin(), shown.end(),
                                     [](const Visible& one) { return one.instance.has_value(); });
  return instance == shown.end() ? shown : std::vector{*instance};
}

State& State::get() {
  // Never destroyed: what the backend gives back when the process ends still has a place to go.
  static State* const state = std::make_unique<State>().release();
  return *state;
}

State::State() : script(scriptText()) {}

int State::enter(const char* call) {
  const std::optional<int> status = fault(call, ++calls_[call]);
  // What was being timed is given up.
  if (status) timing_ = false;
  return status.value_or(0);
}

int State::enterDriver(const char* call) {
  const int count = ++calls_[call];
  const std::optional<int> status = fault(call, count);
  // What was being timed is given up.
  if (status || stuck_) timing_ = false;
  return stuck_.value_or(status.value_or(0));
}

std::optional<int> State::fault(const char* call, int count) {
  for (const Script::Fault& fault : script.faults()) {
    if (fault.call != call || (fault.which != 0 && fault.which != count)) continue;
    if (fault.card && *fault.card != cardInUse) continue;
    if (fault.sticky) stuck_ = fault.status;
    return fault.status;
  }
  return std::nullopt;
}

void State::violation(const std::string& text) {
  violations_.push_back(text);
  append(script.text("report", ""), "violation " + text);
}

bool State::refusedInCapture(const char* call) {
  bool capturing = false;
  streams.forEach([&](Stream& stream) {
    if (!stream.capturing) return;
    stream.invalidated = true;
    capturing = true;
  });
  if (capturing) violation(std::string(call) + " inside a capture");
  return capturing;
}

void State::enqueue(CUstream stream, Work work) {
  Stream* target = streams.find(stream);
  if (target == nullptr) {
    violation("work on a stream that does not exist");
    return;
  }
  Work timed = [this, work = std::move(work)] {
    work();
    advance();
  };
  if (target->capturing) {
    target->captured.push_back(std::move(timed));
  } else {
    timed();
  }
}

void* State::bytesAt(CUdeviceptr address, std::size_t bytes) {
  auto after = memory.upper_bound(address);
  if (after == memory.begin()) return nullptr;
  const auto& [start, allocation] = *--after;
  const std::size_t offset = address - start;
  if (offset + bytes > allocation.bytes) return nullptr;
  return allocation.memory.get() + offset;
}

void State::makeImage(Program& program) {
  program.image = "fake image " + std::to_string(images_.size()) + " of " + program.file;
  program.image += '\0';
  images_.emplace(program.image.c_str(), program);
}

const Program* State::programOf(const char* image) const {
  const auto found = images_.find(image);
  return found == images_.end() ? nullptr : &found->second;
}

CUresult State::allocate(CUdeviceptr* address, std::size_t bytes) {
  if (timing_) violation("memory was allocated while an iteration was timed");
  const auto most = static_cast<std::size_t>(script.number("memory", 1LL << 30));
  if (bytes == 0) return CUDA_ERROR_INVALID_VALUE;
  if (allocated_ + bytes > most) return CUDA_ERROR_OUT_OF_MEMORY;
  // Not zeroed, as on a device: what reads it before it is written computes nonsense.
  Allocation made{std::make_unique<std::byte[]>(bytes), bytes};
  std::fill_n(made.memory.get(), bytes, std::byte{0xa5});
  *address = reinterpret_cast<CUdeviceptr>(made.memory.get());
  allocated_ += bytes;
  memory.emplace(*address, std::move(made));
  return CUDA_SUCCESS;
}

CUresult State::release(CUdeviceptr address) {
  if (timing_) violation("memory was freed while an iteration was timed");
  const auto found = memory.find(address);
  if (found == memory.end()) {
    violation("memory was freed that is not allocated");
    return CUDA_ERROR_INVALID_VALUE;
  }
  allocated_ -= found->second.bytes;
  memory.erase(found);
  return CUDA_SUCCESS;
}

void State::follow(const std::string& text) {
  script = Script(text);
  calls_.clear();
  violations_.clear();
  stuck_.reset();
  timing_ = false;
}

void State::forgetObjects() {
  streams.clear();
  graphs.clear();
  graphExecutables.clear();
  events.clear();
  programs.clear();
  modules.clear();
  functions.clear();
  handles.clear();
  cudnnDescriptors.clear();
  memory.clear();
  allocated_ = 0;
  contexts = 0;
}

int State::calls(const std::string& call) const {
  const auto found = calls_.find(call);
  return found == calls_.end() ? 0 : found->second;
}

std::vector<std::string> State::leaks() const {
  std::vector<std::string> found;
  const auto report = [&](std::size_t count, const char* what) {
    if (count > 0) found.push_back(std::to_string(count) + " " + what);
  };
  report(memory.size(), "allocations");
  report(streams.size(), "streams");
  report(events.size(), "events");
  report(graphs.size(), "graphs");
  report(graphExecutables.size(), "graph executables");
  report(modules.size(), "modules");
  report(programs.size(), "programs");
  report(handles.size(), "library handles");
  report(cudnnDescriptors.size(), "descriptors of cuDNN");
  report(static_cast<std::size_t>(contexts), "retained contexts");
  return found;
}

}  // namespace mpsbench::cuda::fake
