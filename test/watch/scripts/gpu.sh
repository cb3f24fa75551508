#!/usr/bin/env bash
# Real PyTorch and JAX on an NVIDIA GPU: what the sampler and the hook cost, and what `watch` says of scripts with known
# habits. Takes some three minutes; run it where nothing else uses the GPU.
#   test/watch/scripts/gpu.sh PYTHON
cd "$(dirname "$0")" || exit 1
python=${1:?usage: gpu.sh PYTHON}
mpsbench=../../../bin/mpsbench.js
export MPSBENCH_HISTORY=off XLA_PYTHON_CLIENT_PREALLOCATE=false
began=$SECONDS

section() { printf '\n=== %s (after %d s)\n' "$*" $((SECONDS - began)); }

section 'what NVML takes'
"$python" nvml_cost.py

section 'sampling alone'
timeout 20 node "$mpsbench" watch --ops off -- sleep 8

# Each habit, and the verdict that is expected.
habit() { # VERDICT SCRIPT HABIT SECONDS
  section "$2 $3: expected $1"
  timeout $(($4 + 40)) node "$mpsbench" watch --details -- "$python" "$2" "$3" "$4" 2>&1
}
habit 'barely used' pytorch_case.py stalls 10
habit 'used' jax_case.py trains 15
habit 'used, sync-in-loop' pytorch_case.py item 8
habit 'used, sync-in-loop' jax_case.py float 8

# JAX compiles each width once and for all runs.
JAX_COMPILATION_CACHE_DIR=$(mktemp -d)
export JAX_COMPILATION_CACHE_DIR
trap 'rm -rf "$JAX_COMPILATION_CACHE_DIR"' EXIT
section 'overhead, PyTorch'
timeout 100 "$python" overhead.py "$python" pytorch cuda 2 1.5 5632 17408
section 'overhead, JAX'
timeout 100 "$python" overhead.py "$python" jax cuda 1 1.5 5632 17408
section 'end'
