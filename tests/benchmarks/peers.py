#!/usr/bin/env python3
"""Times lop beside PyLops on the rows of bench_operators and bench_solvers, in turns.

Usage: peers.py [FOLDER [--rounds N] [--filter REGEX]]

FOLDER holds the benchmarks (build/native/benchmarks): each round runs a row of lop and then its peer, and the table
gives the medians of N rounds (5). Without it, PyLops alone is timed, once. Threads of both by OMP_NUM_THREADS. Needs
pylops in the Python that runs it.

A round counts where the memory bandwidth before and after it differs by 10 % or less. PyLops gets what is best for it:
SciPy's transforms with as many workers as there are threads, and an lsqr without variances.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import time
import warnings

import numpy as np
import pylops
import pylops.optimization.basic as basic
import pylops.signalprocessing as signal
import pylops.waveeqprocessing as waves

EXTENT = (4000, 4000)
ITERATIONS = 100
THREADS = int(os.environ.get("OMP_NUM_THREADS", os.cpu_count()))
TYPES = {"float": ("float32", "complex64"), "double": ("float64", "complex128")}


def operators():
    """Rows of bench_operators: name -> a function that makes the operator."""
    rows = {}
    for scalar, (real, cplx) in TYPES.items():
        fft = dict(axes=(0, 1), norm="ortho", engine="scipy", workers=THREADS)
        single = {
            "gradient": lambda real=real: pylops.Gradient(EXTENT, dtype=real),
            "laplacian": lambda real=real: pylops.Laplacian(EXTENT, dtype=real),
            "real_fourier_2d": lambda real=real, fft=fft: signal.FFT2D(EXTENT, real=True, dtype=real, **fft),
            "fourier_2d": lambda cplx=cplx, fft=fft: signal.FFT2D(EXTENT, dtype=cplx, **fft),
            "kirchhoff": lambda real=real: kirchhoff(real),
        }
        for adjoint in (0, 1):
            for name, make in single.items():
                kind = cplx if name == "fourier_2d" else real
                rows[f"{name}<{scalar}>/adjoint:{adjoint}"] = make, kind, adjoint
            for axis in (0, 1):
                at = f"<{scalar}>/axis:{axis}/adjoint:{adjoint}"
                rows["first_derivative" + at] = (
                    lambda real=real, axis=axis: pylops.FirstDerivative(EXTENT, axis=axis, dtype=real), real, adjoint)
                rows["second_derivative" + at] = (
                    lambda real=real, axis=axis: pylops.SecondDerivative(EXTENT, axis=axis, dtype=real), real, adjoint)
            for side in (5, 31):
                rows[f"convolution_2d<{scalar}>/side:{side}/adjoint:{adjoint}"] = (
                    lambda real=real, side=side: convolution(real, side), real, adjoint)
    return rows


def convolution(real, side):
    kernel = np.random.default_rng(3).standard_normal((side, side)).astype(real)
    return signal.Convolve2D(EXTENT, kernel, offset=(side // 2, side // 2), dtype=real)


def kirchhoff(real):
    """By numba (pip install numba), with as many threads as NUMBA_NUM_THREADS says before the first import."""
    warnings.simplefilter("ignore", FutureWarning)  # of single tables for pairs, which are not used
    axis = 5.0 * np.arange(200)
    points = [np.vstack([np.linspace(0, axis[-1], n), np.zeros(n)]) for n in (20, 40)]
    return waves.Kirchhoff(axis, axis, 0.004 * np.arange(500), *points, 1500.0, np.ones(1), 0, mode="analytic",
                           engine="numba", dtype=real)


def time_operator(make, kind, adjoint):
    """Milliseconds of one application: the best of what fits into a second, three at least."""
    op = make()
    x = np.random.default_rng(1).standard_normal(op.shape[1]).astype(kind)
    if adjoint:
        x = op.matvec(x)
    apply = op.rmatvec if adjoint else op.matvec
    apply(x)
    best, begin, count = np.inf, time.perf_counter(), 0
    while count < 3 or time.perf_counter() - begin < 1:
        start = time.perf_counter()
        apply(x)
        best = min(best, time.perf_counter() - start)
        count += 1
    return 1e3 * best


def solvers():
    """Rows of bench_solvers: name -> (operator, solver)."""
    random = np.random.default_rng(1)

    def dense(n):
        return pylops.MatrixMult(random.standard_normal((n, n)))

    def over_derivative(n):
        return pylops.VStack([dense(n), pylops.FirstDerivative(n)])

    def diagonal(n):
        return pylops.Diagonal(np.arange(1.0, n + 1))

    def cgls(op, b):
        return basic.cgls(op, b, x0=np.zeros(op.shape[1]), niter=ITERATIONS, tol=0)[2]

    def lsqr(op, b):
        return basic.lsqr(op, b, x0=np.zeros(op.shape[1]), niter=ITERATIONS, atol=0, btol=0, conlim=0,
                          calc_var=False)[2]

    rows = {}
    for name, make, n in (("with_dense", dense, 1000), ("with_dense_over_derivative", over_derivative, 500),
                          ("with_diagonal", diagonal, 1000)):
        rows[f"{name}<Cgls>/unknowns:{n}"] = (make, n, cgls)
        rows[f"{name}<Lsqr>/unknowns:{n}"] = (make, n, lsqr)
    return rows


def time_solver(make, n, solve):
    """Microseconds of an iteration, of the best of what fits into a second."""
    op = make(n)
    b = np.random.default_rng(2).standard_normal(op.shape[0])
    best, begin, count = np.inf, time.perf_counter(), 0
    while count < 3 or time.perf_counter() - begin < 1:
        start = time.perf_counter()
        done = solve(op, b)
        best = min(best, (time.perf_counter() - start) / done)
        count += 1
    return 1e6 * best


def time_lop(folder, program, row, counter):
    """What Google Benchmark reports of one row, and whether the bandwidth held."""
    run = subprocess.run(
        [os.path.join(folder, program), f"--benchmark_filter=^{re.escape(row)}/real_time$", "--benchmark_format=json"],
        capture_output=True, text=True, check=True)
    result = json.loads(run.stdout)["benchmarks"][0]
    steady = "run again" not in run.stderr
    return result[counter], result.get("of_bound"), steady


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--filter", default="")
    arguments = parser.parse_args()
    print(f"PyLops {pylops.__version__}, NumPy {np.__version__}, {THREADS} threads, "
          f"load {os.getloadavg()[0]:.2f} before")
    print(f"{'row':52} {'unit':>6} {'lop':>10} {'PyLops':>10} {'ratio':>7} {'of bound':>9}")
    groups = [("bench_operators", operators(), time_operator, "real_time", "ms"),
              ("bench_solvers", solvers(), time_solver, "us_per_iteration", "us")]
    for program, rows, time_peer, counter, unit in groups:
        for row, how in sorted(rows.items()):
            if not re.search(arguments.filter, row):
                continue
            ours, theirs, bounds = [], [], []
            for _ in range(arguments.rounds if arguments.folder else 1):
                if arguments.folder:
                    value, bound, steady = time_lop(arguments.folder, program, row, counter)
                    if not steady:
                        continue
                    ours.append(value)
                    bounds.append(bound or 0)
                theirs.append(time_peer(*how))
            if not theirs:
                print(f"{row:52} the bandwidth changed in every round")
                continue
            peer = statistics.median(theirs)
            if not ours:
                print(f"{row:52} {unit:>6} {'':>10} {peer:10.2f}")
                continue
            lop = statistics.median(ours)
            bound = statistics.median(bounds)
            print(f"{row:52} {unit:>6} {lop:10.2f} {peer:10.2f} {peer / lop:7.1f} {bound if bound else '':>9.2}"
                  f"{'' if len(ours) >= min(5, arguments.rounds) else f'  ({len(ours)} rounds)'}", flush=True)
    print(f"load {os.getloadavg()[0]:.2f} after")


if __name__ == "__main__":
    sys.exit(main())
