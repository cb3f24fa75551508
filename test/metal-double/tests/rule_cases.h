#pragma once

#include <functional>
#include <string>
#include <vector>

#include "double/rules.h"

/** Small programs that each break one rule. */
struct RuleCase {
  metal_double::Rule rule;
  std::string name;
  std::function<void()> misuse;
};

std::vector<RuleCase> metalRuleCases();
std::vector<RuleCase> graphRuleCases();
