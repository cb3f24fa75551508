#include "backends/cuda/hardware/links.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "backends/cuda/hardware/nvml_queries.h"

namespace mpsbench::cuda {

namespace {

/** Domain, bus and device: NVML writes the domain with four digits or with eight. */
using PciPlace = std::tuple<unsigned, unsigned, unsigned>;

PciPlace placeOf(const nvmlPciInfo_t& pci) {
  return {pci.domain, pci.bus, pci.device};
}

/** The active NVLinks of a card, by what is at their other end. */
using NvLinks = std::map<PciPlace, int>;

NvLinks nvlinksOf(const Nvml& nvml, nvmlDevice_t card) {
  NvLinks found;
  for (unsigned link = 0; link < NVML_NVLINK_MAX_LINKS; ++link) {
    const auto state = ask<nvmlEnableState_t>(nvml.nvmlDeviceGetNvLinkState, card, link);
    if (state != NVML_FEATURE_ENABLED) continue;
    const auto end = ask<nvmlPciInfo_t>(nvml.nvmlDeviceGetNvLinkRemotePciInfo, card, link);
    ++found[end ? placeOf(*end) : PciPlace{}];
  }
  return found;
}

/** How many of them do not end at a card: they lead to switches, which join all cards. */
int toSwitches(const NvLinks& links, const std::vector<PciPlace>& cards) {
  int count = 0;
  for (const auto& [end, number] : links) {
    if (std::find(cards.begin(), cards.end(), end) == cards.end()) count += number;
  }
  return count;
}

std::optional<std::string> pcieOf(std::optional<nvmlGpuTopologyLevel_t> level) {
  if (!level) return std::nullopt;
  switch (*level) {
    case NVML_TOPOLOGY_INTERNAL:
      // Two GPUs of one board sit behind its own switch.
    case NVML_TOPOLOGY_SINGLE:
      return "PIX";
    case NVML_TOPOLOGY_MULTIPLE:
      return "PXB";
    case NVML_TOPOLOGY_HOSTBRIDGE:
      return "PHB";
    case NVML_TOPOLOGY_NODE:
      return "NODE";
    case NVML_TOPOLOGY_SYSTEM:
      return "SYS";
  }
  return std::nullopt;
}

}  // namespace

std::vector<Link> linksOf(const Nvml& nvml, nvmlDevice_t card) {
  const std::vector<nvmlDevice_t> cards = cardsOf(nvml);
  std::vector<PciPlace> places;
  for (const nvmlDevice_t one : cards) {
    const auto pci = ask<nvmlPciInfo_t>(nvml.nvmlDeviceGetPciInfo, one);
    places.push_back(pci ? placeOf(*pci) : PciPlace{});
  }
  const NvLinks own = nvlinksOf(nvml, card);
  std::vector<Link> links;
  for (std::size_t i = 0; i < cards.size(); ++i) {
    const auto uuid = uuidOf(nvml, cards[i]);
    if (cards[i] == card || !uuid) continue;
    Link link;
    link.to = *uuid;
    link.pcie = pcieOf(
        ask<nvmlGpuTopologyLevel_t>(nvml.nvmlDeviceGetTopologyCommonAncestor, card, cards[i]));
    const auto peers = ask<nvmlGpuP2PStatus_t>(nvml.nvmlDeviceGetP2PStatus, card, cards[i],
                                               NVML_P2P_CAPS_INDEX_NVLINK);
    if (const auto direct = own.find(places[i]); direct != own.end()) {
      link.nvlinks = direct->second;
    } else if (peers == NVML_P2P_STATUS_OK) {
      link.nvlinks =
          std::min(toSwitches(own, places), toSwitches(nvlinksOf(nvml, cards[i]), places));
    }
    links.push_back(std::move(link));
  }
  return links;
}

}  // namespace mpsbench::cuda
