#!/usr/bin/env bash
# The step of action.yml: verify and bench within their time limits, outputs, and an exit code that fails only for a
# finding, or for a missing GPU where one is required. Values come in MPSBENCH_* variables, never through templates, so
# that no input can inject a command.
set -uo pipefail

results=${MPSBENCH_RESULTS:?}
output=${GITHUB_OUTPUT:-/dev/stdout}
mkdir -p "$results"

# What is under test: the packages of npm, or this checkout.
if [ -n "${MPSBENCH_VERSION:-}" ]; then
  npm install --no-audit --no-fund --silent --prefix "$results/.npm" "mpsbench@$MPSBENCH_VERSION" webgpu || exit 2
  program=("$results/.npm/node_modules/.bin/mpsbench")
else
  program=(node "${MPSBENCH_ACTION_PATH:-.}/bin/mpsbench.js")
fi
trap 'rm -rf "$results/.npm"' EXIT

# The worst of two exit codes: a finding before something that could not be checked.
worst=0
note() {
  case "$1:$worst" in
    0:*) ;;
    1:*) worst=1 ;;
    *:1) ;;
    *) worst=$1 ;;
  esac
}

# run NAME WORDS...: one command with its files; its words are split, and nothing else is expanded.
run() {
  local name=$1
  shift
  echo "::group::mpsbench $*"
  "${program[@]}" "$@" --budget "${MPSBENCH_BUDGET:-5m}" --github on \
    --json "$results/$name.json" --junit "$results/$name.junit.xml"
  local code=$?
  echo "::endgroup::"
  note "$code"
}

"${program[@]}" devices --json "$results/devices.json" > /dev/null
has_gpu=$(node -e '
  const { devices } = JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8"));
  console.log(devices.some(({ kind }) => kind === "gpu" || kind === "integrated"));
' "$results/devices.json" 2> /dev/null || echo false)

set -f
if [ "${MPSBENCH_VERIFY:-off}" != off ]; then
  # shellcheck disable=SC2086
  run verify verify $MPSBENCH_VERIFY
fi
if [ "${MPSBENCH_BENCH:-off}" != off ]; then
  gate=()
  if [ -n "${MPSBENCH_BASELINE:-}" ]; then gate=(--baseline "$MPSBENCH_BASELINE" --confirm); fi
  # shellcheck disable=SC2086
  run bench bench $MPSBENCH_BENCH ${gate[@]+"${gate[@]}"}
fi
set +f

{
  echo "exit-code=$worst"
  echo "has-gpu=$has_gpu"
  echo "results=$results"
} >> "$output"
if [ -f "$results/bench.json" ]; then
  node -e '
    const { rows = [] } = JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8"));
    const best = new Map();
    for (const { workload, speedup } of rows) {
      if (speedup) best.set(workload, Math.max(best.get(workload) ?? 0, speedup.value));
    }
    for (const [workload, value] of best) console.log(`speedup-${workload}=${value.toPrecision(4)}`);
  ' "$results/bench.json" >> "$output"
fi

if [ "$has_gpu" != true ]; then
  if [ "${MPSBENCH_REQUIRE_GPU:-false}" = true ]; then
    echo "::error title=mpsbench::This runner has no usable GPU, and require-gpu is true."
    exit 1
  fi
  echo "::notice title=mpsbench::This runner has no usable GPU: only the CPU was checked."
fi
# A finding fails the step, and so do usage and internal errors. What could not be checked does not.
case "$worst" in
  0 | 2) exit 0 ;;
  *) exit "$worst" ;;
esac
