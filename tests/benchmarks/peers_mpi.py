#!/usr/bin/env python3
"""Times PyLops-MPI on rows of distributed operators: one JSON line per row, for a table beside lop's.

Usage: OMP_NUM_THREADS=1 mpirun -n 2 python peers_mpi.py [--filter REGEX] [--seconds S] [--list]

A row's time is the best of what fits into S seconds (1), three at least unless these take ten times as long; a
repetition starts at a barrier and ends when the last rank is done. A row has: row, ranks, extent (global, in words),
dtype, ms, repetitions, others; or row, ranks and skipped, with the reason, where this number of ranks or the installed
version cannot run it. others is how many processors other programs kept busy meanwhile (null where the system does not
say): more than a tenth, and the row was disturbed. The first line names the versions, the last one the load of the
machine before and after. Matrix products need a square number of ranks: 1 or 4.

PyLops-MPI gets what is best for it: replicated vectors are not broadcast again (UNSAFE_BROADCAST), transforms in time
are SciPy's, and both ways of the products per frequency (matmul:0 and matmul:1) are timed.

Needs mpi4py, pylops and pylops-mpi in the Python that runs it, and mpi4py-fft for the Fourier transforms.
"""

import argparse
import json
import math
import os
import re
import sys
from importlib.metadata import PackageNotFoundError, version

import numpy as np
import pylops
import pylops_mpi
from mpi4py import MPI
from pylops_mpi import DistributedArray, Partition
from pylops_mpi.optimization.cls_basic import CGLS

WORLD = MPI.COMM_WORLD
RANK, RANKS = WORLD.Get_rank(), WORLD.Get_size()
COUNT = 10_000_000  # elements of the vectors
EXTENT = (4000, 4000)
CUBE = (200, 200, 200)
BLOCK = 500  # rows and columns of the dense block of each rank
MATRIX = 1000  # rows, columns and columns of the other factor
FREQUENCIES, SOURCES, RECEIVERS, TIMES = 100, 100, 100, 511


def random_values(shape, dtype):
    """Standard normal numbers, of another seed on each rank."""
    random = np.random.default_rng(1 + RANK)
    values = random.standard_normal(shape)
    if np.issubdtype(dtype, np.complexfloating):
        values = values + 1j * random.standard_normal(shape)
    return values.astype(dtype)


def scattered(shape, dtype="float64", **how):
    x = DistributedArray(global_shape=shape, dtype=dtype, **how)
    x[:] = random_values(x.local_shape, dtype)
    return x


def replicated(size, dtype):
    x = DistributedArray(global_shape=size, dtype=dtype, partition=Partition.UNSAFE_BROADCAST)
    x[:] = WORLD.bcast(random_values(size, dtype) if RANK == 0 else None)
    return x


def apply(op, x, adjoint):
    """What to time: forward on x, or adjoint on what forward makes of x."""
    if adjoint:
        y = op.matvec(x)
        return lambda: op.rmatvec(y)
    return lambda: op.matvec(x)


def part_of(count):
    """How many of `count` this rank has: the first ranks have one more."""
    return count // RANKS + (RANK < count % RANKS)


def square_side():
    side = math.isqrt(RANKS)
    if side * side != RANKS:
        raise NotImplementedError("needs a square number of ranks")
    return side


def vectors():
    def row(what):
        def make():
            x, y = scattered(COUNT), scattered(COUNT)
            return {"sum": lambda: x + y, "sum in place": lambda: x.iadd(y), "dot": lambda: x.dot(y),
                    "norm 1": lambda: x.norm(1), "norm 2": lambda: x.norm(2), "norm inf": lambda: x.norm(np.inf)}[what]
        return make

    for what in ("sum", "sum in place", "dot", "norm 1", "norm 2", "norm inf"):
        yield what, COUNT, "float64", row(what)


def exchanges():
    def halo(width):
        return lambda: apply(pylops_mpi.MPIHalo(EXTENT, width, proc_grid_shape=(RANKS, 1)),
                             scattered(EXTENT[0] * EXTENT[1]), 0)

    def ghosts(width):
        x = scattered(EXTENT)
        return lambda: x.add_ghost_cells(cells_front=width, cells_back=width)

    def redistribute(start, end):
        x = scattered(EXTENT, axis=start)
        return lambda: x.redistribute(axis=end)

    for width in (1, 4):
        yield f"halo/width:{width}", EXTENT, "float64", halo(width)
        yield f"add_ghost_cells/width:{width}", EXTENT, "float64", lambda width=width: ghosts(width)
    for start, end in ((0, 1), (1, 0)):
        yield f"redistribute/from:{start}/to:{end}", EXTENT, "float64", (
            lambda start=start, end=end: redistribute(start, end))


def derivatives():
    operators = {
        "first_derivative/order:3": lambda: pylops_mpi.MPIFirstDerivative(EXTENT, order=3),
        "first_derivative/order:5": lambda: pylops_mpi.MPIFirstDerivative(EXTENT, order=5),
        "second_derivative": lambda: pylops_mpi.MPISecondDerivative(EXTENT),
        "laplacian": lambda: pylops_mpi.MPILaplacian(EXTENT, axes=(0, 1)),
        "gradient": lambda: pylops_mpi.MPIGradient(EXTENT),
    }
    for name, make in operators.items():
        for adjoint in (0, 1):
            yield f"{name}/adjoint:{adjoint}", EXTENT, "float64", (
                lambda make=make, adjoint=adjoint: apply(make(), scattered(EXTENT[0] * EXTENT[1]), adjoint))


def dense_block():
    return pylops.MatrixMult(random_values((BLOCK, BLOCK), "float64"))


def blocks():
    size = RANKS * BLOCK
    stacks = {
        "block_diag": lambda: (pylops_mpi.MPIBlockDiag([dense_block()]), scattered(size)),
        "vstack": lambda: (pylops_mpi.MPIVStack([dense_block()]), replicated(BLOCK, "float64")),
        "hstack": lambda: (pylops_mpi.MPIHStack([dense_block()]), scattered(size)),
    }
    extent = f"{BLOCK} x {BLOCK} on each rank"
    for name, make in stacks.items():
        for adjoint in (0, 1):
            yield f"{name}/adjoint:{adjoint}", extent, "float64", (
                lambda make=make, adjoint=adjoint: apply(*make(), adjoint))

    def cgls_step():
        solver = CGLS(pylops_mpi.MPIBlockDiag([dense_block()]))
        x = solver.setup(scattered(size), scattered(size).zeros_like(), tol=0)
        return lambda: solver.step(x)

    yield "cgls step/block_diag", extent, "float64", cgls_step


def matrix_products():
    def make(kind, dtype, adjoint):
        side = square_side()
        part = math.ceil(MATRIX / side)
        row, column = divmod(RANK, side)

        def rows_of(index):
            return min(MATRIX, (index + 1) * part) - index * part

        if kind == "summa":  # tiles of all three matrices
            a, size = (rows_of(row), rows_of(column)), rows_of(row) * rows_of(column)
        else:  # rows of A, columns of the factor, each on as many ranks as the side is long
            a, size = (rows_of(column), MATRIX), MATRIX * rows_of(row)
        op = pylops_mpi.MPIMatrixMult(random_values(a, dtype), MATRIX, kind=kind, dtype=dtype)
        x = scattered(sum(WORLD.allgather(size)), dtype, local_shapes=WORLD.allgather(size))
        return apply(op, x, adjoint)

    extent = f"{MATRIX} x {MATRIX} x {MATRIX}"
    for kind in ("block", "summa"):
        for dtype in ("float64", "complex64", "complex128"):
            for adjoint in (0, 1):
                yield f"matrix_mult<{kind}>/{dtype}/adjoint:{adjoint}", extent, dtype, (
                    lambda kind=kind, dtype=dtype, adjoint=adjoint: make(kind, dtype, adjoint))


def frequencies():
    def kernel(dtype):
        return random_values((part_of(FREQUENCIES), SOURCES, RECEIVERS), dtype)

    def fredholm(dtype, columns, matmul, adjoint):
        op = pylops_mpi.signalprocessing.MPIFredholm1(kernel(dtype), columns, saveGt=True, usematmul=matmul,
                                                      dtype=dtype)
        return apply(op, replicated(FREQUENCIES * RECEIVERS * columns, dtype), adjoint)

    def mdc(dtype, columns, matmul, adjoint):
        op = pylops_mpi.waveeqprocessing.MPIMDC(kernel(dtype), TIMES, columns, FREQUENCIES, fftengine="scipy",
                                                usematmul=matmul)
        return apply(op, replicated(TIMES * RECEIVERS * columns, op.dtype), adjoint)

    for name, make, columns_of, extra in (("fredholm", fredholm, (10,), ""), ("mdc", mdc, (1, 10), f"{TIMES} times, ")):
        for dtype in ("complex64", "complex128"):
            for columns in columns_of:
                extent = f"{extra}{FREQUENCIES} frequencies, {SOURCES} x {RECEIVERS}, {columns} columns"
                for matmul in (0, 1):
                    for adjoint in (0, 1):
                        yield f"{name}/{dtype}/columns:{columns}/matmul:{matmul}/adjoint:{adjoint}", extent, dtype, (
                            lambda make=make, dtype=dtype, columns=columns, matmul=matmul, adjoint=adjoint:
                            make(dtype, columns, bool(matmul), adjoint))


def transforms():
    def make(name, extent, adjoint, **how):
        op = getattr(pylops_mpi.signalprocessing, name)(extent, axes=tuple(range(len(extent))), **how)
        dtype = "float64" if how.get("real") else "complex128"
        return apply(op, scattered(math.prod(extent), dtype), adjoint)

    rows = (("fourier_2d", "MPIFFT2D", EXTENT, dict(dtype="complex128")),
            ("real_fourier_2d", "MPIFFT2D", EXTENT, dict(real=True, dtype="float64")),
            ("fourier_3d", "MPIFFTND", CUBE, dict(dtype="complex128")),
            ("real_fourier_3d", "MPIFFTND", CUBE, dict(real=True, dtype="float64")))
    for row, name, extent, how in rows:
        for adjoint in (0, 1):
            yield f"{row}/adjoint:{adjoint}", extent, how["dtype"], (
                lambda name=name, extent=extent, adjoint=adjoint, how=how: make(name, extent, adjoint, **how))


GROUPS = (vectors, exchanges, derivatives, blocks, matrix_products, frequencies, transforms)


def work_of_others():
    """Processor seconds that the machine has spent on all but these ranks, where it counts them (Linux)."""
    own = os.times()
    own = WORLD.allreduce(own.user + own.system)
    try:
        with open("/proc/stat") as counts:
            ticks = [int(word) for word in counts.readline().split()[1:]]
    except OSError:
        return None
    user, nice, system, _, _, interrupts, soft_interrupts, stolen = ticks[:8]
    busy = user + nice + system + interrupts + soft_interrupts + stolen
    return busy / os.sysconf("SC_CLK_TCK") - own


def best_time(run, seconds):
    """Milliseconds of the best run, of its slowest rank; the number of runs; the processors that others kept busy."""
    run()
    best, spent, count = np.inf, 0.0, 0
    before, begin = work_of_others(), MPI.Wtime()
    while spent < (seconds if count >= 3 else 10 * seconds):
        WORLD.Barrier()
        start = MPI.Wtime()
        run()
        taken = WORLD.allreduce(MPI.Wtime() - start, op=MPI.MAX)
        best, spent, count = min(best, taken), spent + taken, count + 1
    after = work_of_others()
    others = None if after is None else round(max(0.0, (after - before) / (MPI.Wtime() - begin)), 2)
    return 1e3 * best, count, others


def say(**what):
    if RANK == 0:
        print(json.dumps(what), flush=True)


def version_of(package):
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--filter", default="")
    parser.add_argument("--seconds", type=float, default=1)
    parser.add_argument("--list", action="store_true")
    arguments = parser.parse_args()
    load = os.getloadavg()[0]
    packages = ("pylops-mpi", "pylops", "mpi4py", "mpi4py-fft", "numpy", "scipy")
    say(**{package: version_of(package) for package in packages}, mpi=MPI.Get_library_version().split(",")[0],
        threads=os.environ.get("OMP_NUM_THREADS"))
    for group in GROUPS:
        for row, extent, dtype, make in group():
            if not re.search(arguments.filter, row):
                continue
            if arguments.list:
                say(row=row)
                continue
            run, problem = None, None
            try:
                run = make()
            except Exception as refusal:  # of every rank, for no row sends anything before it knows its size
                problem = f"{type(refusal).__name__}: {refusal}"
            problem = next(filter(None, WORLD.allgather(problem)), None)
            if problem:
                say(row=row, ranks=RANKS, skipped=problem)
                continue
            milliseconds, count, others = best_time(run, arguments.seconds)
            words = " x ".join(map(str, extent)) if isinstance(extent, tuple) else str(extent)
            say(row=row, ranks=RANKS, extent=words, dtype=dtype, ms=round(milliseconds, 4), repetitions=count,
                others=others)
    say(load_before=load, load_after=os.getloadavg()[0])


if __name__ == "__main__":
    sys.exit(main())
