#!/usr/bin/env bash
# Installs what is missing, builds everything and runs all tests; arguments go to ctest (-L unit, -R name).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
# shellcheck source=src/cmake/setup.sh
source src/cmake/setup.sh

install_missing "${build_packages[@]}" "${test_packages[@]}"
# The warnings of the compiler that the project is written with are errors; those of others are not.
strict=OFF
[ "$(c++ -dumpversion | cut -d. -f1)" = 12 ] && strict=ON
build dev all -DLOP_WERROR=$strict
say "test"
exec ctest --test-dir build/dev --output-on-failure --no-tests=error --parallel "$(nproc)" "$@"
