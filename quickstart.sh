#!/usr/bin/env bash
# From nothing to an image: installs what is missing, builds the program, runs a job.
set -euo pipefail
called_from=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")"
# shellcheck source=src/cmake/setup.sh
source src/cmake/setup.sh

usage() {
    cat <<'END'
Usage: ./quickstart.sh [JOB.toml] [-n RANKS] [--build-only]

Installs the missing packages (Debian, Ubuntu), builds the program `lop` into build/release, and
runs a job under MPI; its results are written to results/<name of the job>.

  JOB.toml      a job for `lop lsrtm`            (examples/jobs/quickstart.toml)
  -n RANKS      number of MPI processes          (the number of cores, at most 4)
  --build-only  stop after the build
  --help        this text

Environment: LOP_DATA  folder of public data     (../shared/data where it exists)
END
}

job=examples/jobs/quickstart.toml
cores=$(nproc)
ranks=$((cores < 4 ? cores : 4))
build_only=no
while [ $# -gt 0 ]; do
    case $1 in
        -h | --help) usage && exit 0 ;;
        -n)
            [ $# -ge 2 ] || fail "-n needs a number of processes"
            ranks=$2
            shift
            ;;
        --build-only) build_only=yes ;;
        -*) usage >&2 && fail "unknown option $1" ;;
        *) job=$1 ;;
    esac
    shift
done
[[ $ranks =~ ^[1-9][0-9]*$ ]] || fail "-n needs a number of processes, not '$ranks'"
[ ! -f "$called_from/$job" ] || job=$called_from/$job
[ "$build_only" = yes ] || [ -f "$job" ] || fail "there is no job file $job"

install_missing "${build_packages[@]}"
build release lop
lop=$PWD/build/release/bin/lop
[ "$build_only" = no ] || { say "the program is $lop" && exit 0; }

output=results/$(basename "$job" .toml)
prepare_mpi "$ranks"
export OMP_NUM_THREADS=$((cores / ranks > 0 ? cores / ranks : 1))
if [ -z "${LOP_DATA:-}" ] && [ -d ../shared/data ]; then
    LOP_DATA=$(cd ../shared/data && pwd)
    export LOP_DATA
fi
mkdir -p "$(dirname "$output")"
say "run: mpirun -n $ranks lop lsrtm $job --output $output (threads for each: $OMP_NUM_THREADS)"
mpirun -n "$ranks" "$lop" lsrtm "$job" --output "$output"
say "done: the results are in $output"
