#!/usr/bin/env bash
# cmake/parity.sh [ARGS...]: sets up what is missing, builds, and runs `refloop parity ARGS...`. cmake/setup.sh tells which LibTorch.
# shellcheck source-path=SCRIPTDIR source=setup.sh
. "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
build_refloop refloop
exec "$build_dir/src/cli/refloop" parity "$@"
