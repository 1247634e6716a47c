#!/usr/bin/env bash
# cmake/test.sh [CTEST ARGS...]: sets up what is missing, builds, and runs every test. cmake/setup.sh tells which LibTorch.
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
build_refloop all
exec ctest --test-dir "$build_dir" --output-on-failure --no-tests=error -j "$jobs" "$@"
