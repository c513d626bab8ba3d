# Steps that quickstart.sh and test.sh share: packages, build, MPI. Sourced, not run.
# shellcheck shell=bash disable=SC2034

build_packages=(
    g++ cmake ninja-build pkg-config openmpi-bin libopenmpi-dev libhdf5-openmpi-dev libeigen3-dev
    libboost-dev libcli11-dev libtomlplusplus-dev libfmt-dev libpng-dev libfftw3-dev
    libhypre-dev gnuplot-nox
)
test_packages=(doctest-dev libbenchmark-dev ccache mold shellcheck)

say() { printf 'lop: %s\n' "$*"; }
fail() {
    printf 'lop: %s\n' "$*" >&2
    exit 1
}

# quiet LOG COMMAND...: output goes to LOG; its end is shown if the command fails.
quiet() {
    local log=$1
    shift
    mkdir -p "$(dirname "$log")"
    if ! "$@" >"$log" 2>&1; then
        tail -n 40 "$log" >&2
        fail "this failed: $* (all of its output: $log)"
    fi
}

# install_missing PACKAGE...: installs those that are not there, and asks for root only then.
install_missing() {
    if ! command -v dpkg-query >/dev/null; then
        say "this is no Debian or Ubuntu: the build will name what it misses"
        return
    fi
    local package missing=()
    for package in "$@"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
            missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0

    local as_root=()
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null ||
            fail "these packages are missing; let an administrator run: apt-get install ${missing[*]}"
        as_root=(sudo)
    fi
    say "install ${missing[*]}"
    quiet build/logs/apt.log "${as_root[@]}" apt-get update
    quiet build/logs/apt.log "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install --yes --no-install-recommends "${missing[@]}"
}

# build PRESET TARGET [CMAKE ARGUMENT...]: configures and builds into build/PRESET.
build() {
    local preset=$1 target=$2
    shift 2
    command -v cmake >/dev/null || fail "cmake was not found: install CMake 3.25 or later"
    local version
    version=$(cmake --version | sed -n 's/^cmake version //p')
    [ "$(printf '%s\n' 3.25 "$version" | sort -V | head -n 1)" = 3.25 ] ||
        fail "CMake $version is too old: install 3.25 or later, for example with pip install cmake"
    say "configure build/$preset"
    quiet "build/logs/$preset-configure.log" cmake --preset "$preset" "$@"
    say "build $target with $(nproc) jobs"
    quiet "build/logs/$preset-build.log" \
        cmake --build --preset "$preset" --target "$target" --parallel "$(nproc)"
}

# prepare_mpi RANKS: lets root run Open MPI (containers), and lets ranks share cores where they must.
prepare_mpi() {
    if [ "$(id -u)" = 0 ]; then
        export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
    fi
    export OMPI_MCA_hwloc_base_binding_policy=none # threads of a rank need more than its one core
    if [ "$1" -gt "$(nproc)" ]; then
        export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_mpi_yield_when_idle=1
        export PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe # the same from Open MPI 5 on
    fi
}
