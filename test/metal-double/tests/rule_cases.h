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
std::vector<RuleCase> kernelRuleCases();

/** What kernels without faults compute wrongly, and sources that the double compiles and Metal does
 * not. */
std::vector<std::string> kernelFaults();
