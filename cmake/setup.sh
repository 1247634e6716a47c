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

source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
build_log=$source_dir/build/setup.log
newest_wheel=2.15.0
tools=(g++ cmake ninja-build libfmt-dev libdlpack-dev libseccomp-dev libcli11-dev nlohmann-json3-dev libpugixml-dev libre2-dev libgtest-dev libmpfr-dev python3-numpy python3-pytest)

say() { printf 'refloop: %s\n' "$*" >&2; }
fail() { say "$*"; exit 2; }

# Runs a long and talkative command quietly; its words are shown if it fails.
quietly() {
  if ! "$@" > "$build_log" 2>&1 < /dev/null; then
    tail -n 25 "$build_log" >&2
    return 1
  fi
}

is_root() { [ "$(id -u)" = 0 ]; }

may_install() { is_root || command -v sudo > /dev/null; }

as_root() {
  if is_root; then
    "$@"
  else
    sudo "$@"
  fi
}

have_apt() { command -v apt-get > /dev/null && command -v dpkg-query > /dev/null; }

apt_get() {
  quietly as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 "$@"
}

# Package lists are needed only where something is to be installed, and a bare machine has none.
apt_lists() {
  if ! compgen -G '/var/lib/apt/lists/*_Packages*' > /dev/null; then
    say "fetching the package lists"
    apt_get update || fail "apt-get update failed"
  fi
}

apt_install() {
  [ $# -gt 0 ] || return 0
  apt_lists
  say "installing $* (a minute or so)"
  apt_get install --no-install-recommends "$@" || {
    say "the package lists may be old: fetching them again"
    apt_get update && apt_get install --no-install-recommends "$@"
  } || fail "apt-get could not install $* (is there a network?)"
}

missing_packages() {
  [ $# -gt 0 ] || return 0
  local package installed
  installed=$(dpkg-query -W -f='${Package} ${db:Status-Status}\n' "$@" 2> /dev/null) || true
  for package; do
    grep -qxF "$package installed" <<< "$installed" || printf '%s\n' "$package"
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
      elif [ -z "$kind" ] && ! may_install; then
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
        if ! have_wheel && ! python3 -m pip --version > /dev/null 2>&1; then
          wanted=(python3-pip)
        fi
      fi
      ;;
  esac
}

# Everything that only root could do is known before anything is done.
find_missing() {
  missing_tools=() missing_libtorch=()
  if have_apt; then
    mapfile -t missing_tools < <(missing_packages "${tools[@]}")
    mapfile -t missing_libtorch < <(missing_packages "${wanted[@]}")
    if [ $((${#missing_tools[@]} + ${#missing_libtorch[@]})) -gt 0 ]; then
      may_install || explain_no_root
      is_root || sudo -v || fail "sudo refused; as root: apt-get install --no-install-recommends ${missing_tools[*]} ${missing_libtorch[*]}"
    fi
  elif [ ! -e "$build_dir/build.ninja" ]; then
    say "not a Debian: this takes a C++20 compiler (g++ 12 or later), CMake 3.22, Ninja, fmt, DLPack, libseccomp, CLI11, nlohmann-json, pugixml, RE2, GoogleTest, MPFR and LibTorch"
    local tool
    for tool in c++ cmake ninja; do
      command -v "$tool" > /dev/null || fail "$tool is not there: install it by hand, and whatever else of the list is missing"
    done
  fi
}

explain_no_root() {
  local missing=("${missing_tools[@]}" "${missing_libtorch[@]}") without='cmake -G Ninja -B build -DREFLOOP_PARITY=OFF'
  say "without root or sudo nothing can be installed; as root: apt-get install --no-install-recommends ${missing[*]}"
  if [ ${#missing_tools[@]} = 0 ]; then
    ! python3 -m pip --version > /dev/null 2>&1 || say "with the official wheel, which takes no root: REFLOOP_TORCH=wheel cmake/${0##*/}"
    fail "without LibTorch, everything but the comparison with it: $without && cmake --build build"
  fi
  without+=' -DREFLOOP_PROGRAM=OFF -DREFLOOP_TESTS=OFF && cmake --build build'
  mapfile -t missing < <(missing_packages g++ cmake ninja-build libfmt-dev libdlpack-dev)
  [ ${#missing[@]} = 0 ] || fail "the kernels and the engine alone take of these only ${missing[*]}, then: $without"
  fail "the kernels and the engine alone: $without"
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

# Unpacked, or not asked for.
have_wheel() { [ "$kind" != wheel ] || [ -e "$torch/lib/libtorch_cpu.so" ]; }

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

# The build lies in the checkout.
need_writable() {
  local path
  mkdir -p "$build_dir" 2> /dev/null || true
  for path in "$source_dir/build" "$build_dir" "$build_log" "$build_dir/CMakeCache.txt" "$build_dir/.ninja_log"; do
    [ -w "$path" ] || { [ ! -e "$path" ] && [ -w "${path%/*}" ]; } ||
      fail "$path cannot be written: copy the checkout to a folder of yours and call cmake/${0##*/} there"
  done
}

cached() {
  local entry
  for entry; do
    grep -qxF -- "$entry" "$build_dir/CMakeCache.txt" 2> /dev/null || return 1
  done
}

# configure ON|OFF: CMake in $build_dir with or without LibTorch, unless its cache says all this already. CMake refuses the cache of another
# folder (a copied or moved checkout) and of another generator.
configure() {
  if [ -e "$build_dir/CMakeCache.txt" ] &&
    ! cached "CMAKE_HOME_DIRECTORY:INTERNAL=$source_dir" "CMAKE_CACHEFILE_DIR:INTERNAL=$build_dir" CMAKE_GENERATOR:INTERNAL=Ninja; then
    say "$build_dir was made for another folder or generator: making it anew"
    rm -rf "$build_dir"/{CMakeCache.txt,CMakeFiles,build.ninja,.ninja_deps,.ninja_log}
  fi
  if [ ! -e "$build_dir/build.ninja" ] ||
    ! cached "REFLOOP_TORCH:STRING=$torch" "REFLOOP_PARITY:BOOL=$1" REFLOOP_PROGRAM:BOOL=ON REFLOOP_TESTS:BOOL=ON; then
    quietly cmake -G Ninja -S "$source_dir" -B "$build_dir" -DCMAKE_BUILD_TYPE=Release -DREFLOOP_TORCH="$torch" -DREFLOOP_PARITY="$1" \
      -DREFLOOP_PROGRAM=ON -DREFLOOP_TESTS=ON || fail "CMake could not set up $build_dir"
    grep -h '^-- LibTorch' "$build_log" | sed 's/^-- /refloop: /' >&2 || true
  fi
}

# build_ahead TARGET...: what needs no LibTorch is compiled while LibTorch comes. What fails here fails again, aloud, in the build that follows.
build_ahead() {
  configure OFF
  say "compiling meanwhile what needs no LibTorch"
  ninja -C "$build_dir" -j "$jobs" "$@" > "$build_dir/ahead.log" 2>&1 < /dev/null &
  ahead=$!
  trap 'kill "$ahead" 2> /dev/null' EXIT
}

join_ahead() {
  wait "$ahead" || true
  trap - EXIT
}

# build_refloop TARGET...: everything from nothing to the targets built in $build_dir.
build_refloop() {
  choose_libtorch
  need_writable
  find_missing
  count_jobs
  apt_install "${missing_tools[@]}"
  if [ ${#missing_libtorch[@]} -gt 0 ] || ! have_wheel; then
    build_ahead "$@"
    apt_install "${missing_libtorch[@]}"
    have_wheel || unpack_wheel
    join_ahead
  fi
  [ "$kind" != system ] || use_reference_blas
  configure ON
  [ -e "$build_dir/.ninja_log" ] || say "building with $jobs jobs (some minutes)"
  ninja -C "$build_dir" -j "$jobs" "$@" >&2 < /dev/null || fail "the build failed"
}
