#include <cstdlib>

#include "support.h"

// Several cards: what connects them, and those that MIG splits.
namespace mpsbench::test {

namespace {

const std::string kSecond = "GPU-11111111-1111-1111-1111-111111111111";
const std::string kThird = "GPU-12121212-1212-1212-1212-121212121212";

Link linkTo(const std::string& uuid, const std::vector<Link>& links) {
  for (const Link& link : links) {
    if (link.to == uuid) return link;
  }
  return {};
}

std::vector<Link> linksOfFirst(const std::string& script) {
  follow(script);
  return openDevices().front()->info().links;
}

void testLinks() {
  check(linksOfFirst("devices=1").empty(), "a single card has no links");
  const auto pcie = linksOfFirst("devices=3;topology.0.1=10;topology=50");
  check(linkTo(kSecond, pcie).pcie == "PIX" && linkTo(kThird, pcie).pcie == "SYS",
        "what cards share on PCIe has the names of nvidia-smi");
  check(linkTo(kSecond, pcie).nvlinks == 0, "without NVLink there is none");
  const auto direct = linksOfFirst("devices=3;nvlinks.0.1=4;nvlinks.1.2=2");
  check(linkTo(kSecond, direct).nvlinks == 4 && linkTo(kThird, direct).nvlinks == 0,
        "direct NVLinks are counted by the card at their end");
  const auto switched = linksOfFirst("devices=3;nvlinks=18");
  check(linkTo(kSecond, switched).nvlinks == 18 && linkTo(kThird, switched).nvlinks == 18,
        "switches connect every card with every other one");
  const auto hidden = linksOfFirst("devices=2;sensors=0");
  check(!linkTo(kSecond, hidden).pcie && linkTo(kSecond, hidden).nvlinks == 0,
        "without permission nothing is said");
  checkClean("links");
}

std::vector<std::string> separate(const std::string& script) {
  follow(script);
  return freshBackend()->separateDevices();
}

void testMig() {
  check(separate("devices=2").empty(), "one process opens all whole cards");
  check(separate("devices=2;mig=1").empty(), "cards without instances have nothing to open");
  const auto split = separate("devices=2;mig.0=1;instances.0=2");
  check(split.size() == 3 && split[0].starts_with("MIG-") && split[2] == kSecond,
        "instances and whole cards get a process each");
  setenv("CUDA_VISIBLE_DEVICES", split[1].c_str(), 1);
  follow("devices=2;mig.0=1;instances.0=2;memory=2000");
  const auto devices = openDevices();
  unsetenv("CUDA_VISIBLE_DEVICES");
  const DeviceInfo& info = devices.front()->info();
  check(devices.size() == 1 && info.uuid == split[1] && info.memoryBytes == 1000,
        "such a process sees one instance, with its part of the card");
  check(info.mig && info.mig->parent == "GPU-10101010-1010-1010-1010-101010101010" &&
            info.mig->gpuInstance == 8 && info.mig->computeInstance == 0,
        "which is a part of its card");
  check(info.links.empty(), "and reaches no other card");
  const Telemetry telemetry = devices.front()->telemetry({});
  check(telemetry.powerW && telemetry.memoryFreeBytes == 1000u,
        "power is the card's, memory its own");
  check(!telemetry.utilisation && !telemetry.energyJ, "what only the card has is not claimed");
  follow("mig=1");
  const auto probe = freshBackend()->probe();
  const auto* unavailable = std::get_if<Unavailable>(&probe);
  check(unavailable != nullptr && unavailable->remedy.find("mig -cgi") != std::string::npos,
        "a card in MIG mode without instances has advice");
  checkClean("MIG");
}

}  // namespace

void testTopology() {
  testLinks();
  testMig();
}

}  // namespace mpsbench::test
