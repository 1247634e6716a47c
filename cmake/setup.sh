# shellcheck shell=bash
# What cmake/parity.sh and cmake/test.sh share: install what is missing, choose a LibTorch, build. Sourced, not run.
#
#   REFLOOP_TORCH          system (Debian's libtorch-dev), wheel (python3's torch, else the official wheel, unpacked in build/) or a
#                          folder; unset: the first found of Torch_DIR, CMAKE_PREFIX_PATH, python3's torch and the system's,
#                          else Debian's package, else the wheel
#   REFLOOP_TORCH_VERSION  which official wheel to fetch, instead of any that python3 has (2.15.0)
#
# Everything said here goes to stderr: stdout belongs to the program.
set -euo pipefail

source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build_log=$source_dir/build/setup.log
newest_wheel=2.15.0

say() { printf 'refloop: %s\n' "$*" >&2; }
fail() { say "$*"; exit 2; }

# Runs a long and talkative command quietly; its words are shown if it fails.
quietly() {
  mkdir -p "$(dirname "$build_log")"
  if ! "$@" > "$build_log" 2>&1 < /dev/null; then
    tail -n 25 "$build_log" >&2
    return 1
  fi
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  else
    sudo "$@"
  fi
}

have_apt() { command -v apt-get > /dev/null && command -v dpkg-query > /dev/null; }

apt_install() {
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Acquire::Retries=3)
  if [ "$(id -u)" != 0 ] && ! command -v sudo > /dev/null; then
    fail "needs root or sudo for: apt-get install --no-install-recommends $*   (kernels and checks alone: cmake -B build -DREFLOOP_PARITY=OFF)"
  fi
  [ "$(id -u)" = 0 ] || sudo -v || fail "sudo refused; as root: apt-get install --no-install-recommends $*"
  quietly as_root "${apt[@]}" install --no-install-recommends "$@" || {
    say "the package lists may be old: fetching them again"
    quietly as_root "${apt[@]}" update && quietly as_root "${apt[@]}" install --no-install-recommends "$@"
  } || fail "apt-get could not install $* (is there a network?)"
}

# Package lists are needed only where something is to be installed, and a bare machine has none.
apt_lists() {
  if ! compgen -G '/var/lib/apt/lists/*_Packages*' > /dev/null; then
    say "fetching the package lists"
    quietly as_root apt-get -q -y -o Acquire::Retries=3 update || fail "apt-get update failed"
  fi
}

missing_packages() {
  local package
  for package; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2> /dev/null)" = installed ] || printf '%s\n' "$package"
  done
}

is_libtorch() {
  [ -e "$1/include/ATen/ATen.h" ] && [ -e "$1/lib/libtorch_cpu.so" ] &&
    ! grep -qs '_GLIBCXX_USE_CXX11_ABI=0' "$1/share/cmake/Torch/TorchConfig.cmake"  # wheels before 2.7: another C++ ABI
}

python_torch() {
  python3 -c "import importlib.util as u; s = u.find_spec('torch'); print(s.submodule_search_locations[0] if s else '')" 2> /dev/null
}

system_torch() { compgen -G '/usr/include/ATen/ATen.h' > /dev/null; }

# Sets `torch` (what CMake is told), `kind` (system, wheel or path) and `wanted` (Debian packages that it takes).
choose_libtorch() {
  local folder
  wanted=() torch='' kind=''
  case ${REFLOOP_TORCH:-} in
    system | wheel) kind=$REFLOOP_TORCH ;;
    '')
      local IFS=:
      for folder in ${Torch_DIR:-} ${CMAKE_PREFIX_PATH:-}; do
        folder=${folder%/Torch} folder=${folder%/cmake} folder=${folder%/share}
        if [ -z "$kind" ] && is_libtorch "$folder"; then
          kind=path torch=$folder
        fi
      done
      if [ -z "$kind" ] && folder=$(python_torch) && [ -n "$folder" ] && is_libtorch "$folder"; then
        kind=wheel
      elif [ -z "$kind" ] && { system_torch || ! have_apt; }; then
        kind=system
      elif [ -z "$kind" ]; then
        apt_lists
        if apt-cache show libtorch-dev > /dev/null 2>&1; then
          kind=system
        else
          kind=wheel
        fi
      fi
      ;;
    *)
      kind=path torch=$(cd "$REFLOOP_TORCH" 2> /dev/null && pwd) || fail "REFLOOP_TORCH=$REFLOOP_TORCH: no such folder; it takes system, wheel or a folder"
      ;;
  esac
  case $kind in
    # The package accepts any BLAS; only the reference one sums in the textbook's order.
    system) torch=system wanted=(libtorch-dev libblas3) build_dir=$source_dir/build ;;
    path) build_dir=$source_dir/build/path ;;
    wheel)
      build_dir=$source_dir/build/wheel
      if [ -z "${REFLOOP_TORCH_VERSION:-}" ] && folder=$(python_torch) && [ -n "$folder" ] && is_libtorch "$folder"; then
        torch=$folder
      else
        torch=$source_dir/build/libtorch-${REFLOOP_TORCH_VERSION:-$newest_wheel}
        if [ ! -e "$torch/lib/libtorch_cpu.so" ] && ! python3 -m pip --version > /dev/null 2>&1; then
          wanted=(python3-pip)
        fi
      fi
      ;;
  esac
}

install_missing() {
  if have_apt; then
    local missing
    mapfile -t missing < <(missing_packages g++ cmake ninja-build libfmt-dev libcli11-dev nlohmann-json3-dev libpugixml-dev libgtest-dev \
      "${wanted[@]}")
    if [ ${#missing[@]} -gt 0 ]; then
      apt_lists
      say "installing ${missing[*]} (a minute or two)"
      apt_install "${missing[@]}"
    fi
  elif [ ! -e "$build_dir/build.ninja" ]; then
    say "not a Debian: this takes a C++20 compiler (g++ 12 or later), CMake 3.22, Ninja, fmt, CLI11, nlohmann-json, pugixml, GoogleTest and LibTorch"
    local tool
    for tool in c++ cmake ninja; do
      command -v "$tool" > /dev/null || fail "$tool is not there: install it by hand, and whatever else of the list is missing"
    done
  fi
}

# Another BLAS may have taken over libblas.so.3, and sums in an order of its own. Ours takes effect in these processes only.
use_reference_blas() {
  local reference
  for reference in /usr/lib/*-linux-gnu/blas/libblas.so.3; do
    if [ -e "$reference" ] && [ "$(readlink -f "$reference")" != "$(readlink -f "${reference%/blas/*}/libblas.so.3")" ]; then
      say "libblas.so.3 is not the reference BLAS on this machine: using $reference for this run"
      export LD_LIBRARY_PATH=${reference%/*}${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
    fi
  done
}

# The official wheel without Python: headers, libtorch_cpu, libc10, and the libraries that these name. They stand in one folder,
# which the wheel's own rpath covers.
unpack_wheel() {
  local version=${torch##*/libtorch-} fetched=$torch.fetched python=python3
  say "fetching the official wheel of torch $version (550 MB; about a minute)"
  rm -rf "$fetched" && mkdir -p "$fetched"
  "$python" -m pip --version > /dev/null 2>&1 || python=/usr/bin/python3
  quietly "$python" -m pip download --no-deps --no-cache-dir --only-binary :all: -d "$fetched" "torch==$version" ||
    fail "could not fetch torch $version; name another with REFLOOP_TORCH_VERSION, or a folder with REFLOOP_TORCH"
  unzip_matching "$fetched" 'torch/(include/.*|lib/(?!.*(cuda|nv|python))[^/]*|share/cmake/Torch/TorchConfig.cmake)'
  # Built with CUDA, libtorch_cpu names two CUDA libraries that no CPU kernel calls, and does not load without them.
  local name major package
  for name in cudart:runtime cupti:cupti; do
    major=$(readelf -d "$fetched/torch/lib/libtorch_cpu.so" | sed -n "s/.*\[lib${name%:*}\.so\.\([0-9]*\)\].*/\1/p")
    [ -n "$major" ] || continue
    package="nvidia-cuda-${name#*:}==$major.*"
    [ "$major" -ge 13 ] || package=nvidia-cuda-${name#*:}-cu$major
    quietly "$python" -m pip download --no-deps --no-cache-dir --only-binary :all: -d "$fetched" "$package" ||
      fail "could not fetch $package, which torch $version names"
    unzip_matching "$fetched" "nvidia/.*/lib${name%:*}\.so\.$major"
    find "$fetched/nvidia" -name "lib${name%:*}.so.$major" -exec mv {} "$fetched/torch/lib/" \;
  done
  rm -rf "$torch" && mv "$fetched/torch" "$torch" && rm -rf "$fetched"
}

# Unpacks the files that match from every wheel in a folder, and removes the wheels.
unzip_matching() {
  python3 - "$@" <<'PYTHON'
import pathlib, re, sys, zipfile
folder, pattern = pathlib.Path(sys.argv[1]), re.compile(sys.argv[2])
for wheel in folder.glob("*.whl"):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder, [name for name in archive.namelist() if pattern.fullmatch(name)])
    wheel.unlink()
PYTHON
}

# A file that includes torch takes 1.3 GB of memory to compile.
count_jobs() {
  local memory limit
  memory=$(awk '/^MemAvailable/ {print int($2 / 1024)}' /proc/meminfo 2> /dev/null)
  limit=$(cat /sys/fs/cgroup/memory.max 2> /dev/null) || limit=max
  if [ "$limit" != max ] && [ $((limit / 1048576)) -lt "${memory:-0}" ]; then
    memory=$((limit / 1048576))
  fi
  jobs=$(nproc)
  if [ -n "$memory" ] && [ $((memory / 1500)) -lt "$jobs" ]; then
    jobs=$((memory / 1500))
  fi
  [ "$jobs" -ge 1 ] || jobs=1
}

# build_refloop TARGET...: everything from nothing to the targets built in $build_dir.
build_refloop() {
  choose_libtorch
  install_missing
  if [ "$kind" = system ]; then
    use_reference_blas
  elif [ ! -e "$torch/lib/libtorch_cpu.so" ] && [ "$kind" = wheel ]; then
    unpack_wheel
  fi
  # Configured for this folder and this LibTorch already?
  if [ ! -e "$build_dir/build.ninja" ] || ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$source_dir" "$build_dir/CMakeCache.txt" ||
    ! grep -qxF "REFLOOP_TORCH:STRING=$torch" "$build_dir/CMakeCache.txt"; then
    quietly cmake -G Ninja -S "$source_dir" -B "$build_dir" -DCMAKE_BUILD_TYPE=Release -DREFLOOP_TORCH="$torch" ||
      fail "CMake could not set up $build_dir"
    grep -h '^-- LibTorch' "$build_log" | sed 's/^-- /refloop: /' >&2 || true
  fi
  count_jobs
  [ -e "$build_dir/.ninja_log" ] || say "building with $jobs jobs (some minutes)"
  ninja -C "$build_dir" -j "$jobs" "$@" >&2 < /dev/null || fail "the build failed"
}
