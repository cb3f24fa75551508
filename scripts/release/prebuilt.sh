#!/usr/bin/env bash
# Builds the addon as it is published: build/prebuilt/Release/mpsbench.node, which links nothing that
# another machine may lack (see native/backends/cpu/README.md).
# Usage: scripts/release/prebuilt.sh [FOLDER_WITH_SOURCES_OF_OPENBLAS]   (Linux)
#        scripts/release/prebuilt.sh                                     (macOS)
# On a Mac, ARCHITECTURE=x86_64 builds for the other processor. CXX and CC choose the compiler.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

settings=()
case "$(uname -s)" in
  Darwin)
    jobs=$(sysctl -n hw.ncpu)
    settings+=("-DCMAKE_OSX_ARCHITECTURES=${ARCHITECTURE:-$(uname -m)}")
    ;;
  Linux)
    jobs=$(nproc)
    openblas=${1:?usage: prebuilt.sh FOLDER_WITH_SOURCES_OF_OPENBLAS}
    # BLAS alone, its threads its own: no Fortran, no OpenMP library. Its kernels are chosen at run time
    # above a fixed baseline: one found out from the machine that builds need not fit the others.
    options=(DYNAMIC_ARCH=1 USE_OPENMP=0 NUM_THREADS=256 NO_LAPACK=1 NO_FORTRAN=1 NO_SHARED=1)
    if [ "$(uname -m)" = x86_64 ]; then
      # Processors between these take the nearest older one.
      options+=(TARGET=PRESCOTT "DYNAMIC_LIST=HASWELL ZEN SKYLAKEX")
    else
      options+=(TARGET=ARMV8)
    fi
    prefix=$openblas/installed
    log=$openblas/mpsbench-build.log
    {
      make -C "$openblas" --jobs "$jobs" libs "${options[@]}" &&
        make -C "$openblas" install "${options[@]}" "PREFIX=$prefix"
    } > "$log" 2>&1 || {
      tail -n 40 "$log" >&2
      exit 1
    }
    settings+=("-DCBLAS_INCLUDE=$prefix/include" "-DCBLAS_LIBRARY=$prefix/lib/libopenblas.a")
    ;;
  *)
    echo "prebuilt.sh: no prebuilt addon for $(uname -s)" >&2
    exit 2
    ;;
esac
cmake --preset prebuilt "${settings[@]}"
cmake --build --preset prebuilt --parallel "$jobs"
