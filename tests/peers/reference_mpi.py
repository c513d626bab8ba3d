#!/usr/bin/env python3
"""Writes what PyLops-MPI computes on small distributed problems into one HDF5 file, for lop to compute again.

Usage: mpirun -n 4 python reference_mpi.py ANSWERS.h5 [PART]

PART: only what functions write whose names have it, as matrix_products.

Inputs are drawn whole, from fixed seeds, and scattered, so that the file is the same up to rounding on 1, 2, 3 and 4
ranks, but for the local extents and the halos that it records; the products of matrices need a square number of ranks
(1 or 4) and are left out on others. What the installed version lacks is left out as well, and printed.

Needs mpi4py, h5py, pylops and pylops-mpi in the Python that runs it, and mpi4py-fft for the Fourier transforms.

The file is laid out as that of peer_results. A group is a case. Arrays lie in C order, gathered from all ranks; complex
numbers lie along an axis of two more, and the attribute "complex" of the dataset says so. Numbers are attributes of the
group. Attributes of the file: ranks, and the versions of the packages.

Every operator has, where no more is told:
    x, y            a model, and y = A x, in the extents of the operator
    z, w            data, and w = A' z
    adjoint_error   | <y, z> - <x, w> | / ( |y| |z| ): above rounding where the two are not adjoint to each other

operators/first_derivative/KIND[ order N][ edge]/RANK-D
                    MPIFirstDerivative along axis 0: forward, backward or centered with 3 or 5 points, with the edges
                    zero or (edge) of reduced order; of 19, 17 x 5 and 17 x 3 x 5 numbers; attribute sampling
operators/second_derivative/KIND[ edge]/RANK-D
                    MPISecondDerivative, alike; centered alone knows edges
operators/laplacian/KIND[ edge]
                    MPILaplacian of 17 x 5, axes (0, 1), weights (1, 2); attributes sampling_0, sampling_1, weight_0,
                    weight_1
operators/gradient/KIND[ edge]
                    MPIGradient of 17 x 5: y and z are 2 x 17 x 5, the derivative along axis 0 first; attributes
                    sampling_0, sampling_1
operators/block_diag, operators/vstack, operators/hstack[ complex]
                    MPIBlockDiag, MPIVStack and MPIHStack of 5 dense blocks, block_0 to block_4, each its matrix; the
                    first ranks hold one block more
operators/fredholm[ saved][ conjugate]/columns N
                    MPIFredholm1 over 9 frequencies: kernel is 9 x 5 x 3, x is 9 x 3 x N, y is 9 x 5 x N; saved: with
                    the adjoint of the kernel kept
operators/mdc[ one-sided][ prescaled]/columns N
                    MPIMDC: kernel is 9 x 5 x 3 (of the 10 frequencies of 19 times), x is 19 x 3 x N and real, y is
                    19 x 5 x N; attributes dt, dr; twosided expects the time zero of x in its middle
operators/matrix_mult KIND[ complex]
                    MPIMatrixMult, block or summa: matrix is 9 x 7, x is 7 x 5, y = matrix * x is 9 x 5
operators/fourier_2d[ real][ by n], operators/fourier_3d[ real]
                    MPIFFT2D of 17 x 7 over axes (0, 1), and MPIFFTND of 9 x 7 x 5 over all; of a real model the last
                    axis has half of the frequencies, all but the first of them times sqrt(2); by n: norm="1/n"

solvers/cgls[ damped][ complex]
                    cgls with the block diagonal of block_0 to block_4 (taller than wide), data b, from zero: iterates
                    has a row per iteration, the start first, cost the norm of the residual of each; attribute damp
solvers/cg          cg with a block diagonal of positive definite blocks, alike
solvers/poststack, solvers/poststack damped, solvers/poststack regularized
                    cgls with a block diagonal of PoststackLinearModelling, one block a rank: traces are 11 x 3 x 21
                    (slow axis, fast axis, time), A x is the convolution with `wavelet` (its middle is its
                    zero) of the centered derivative in time; 30 iterations from zero; regularized: stacked above
                    sqrt(epsilon) times the Laplacian of axes (0, 1), whose data are zero; truth, b, iterates and cost;
                    attributes damp, epsilon. Of the first two, the iterates up to the tenth and from the 28th are the
                    same on any number of ranks, to 1e-11; between them rounding decides, by up to 3e-3

arrays/norms[ complex]
                    x is 17 x 5, scattered over axis 0: attributes norm_0, norm_1, norm_2, norm_3, norm_inf,
                    norm_minus_inf of all of x; along_0_2, along_1_2 and alike are the norms along one axis
arrays/dots[ complex]
                    x, y of 37: dot and vdot, each a list of one number
arrays/redistribute FROM to TO
                    x is 7 x 5 x 9; counts_before and counts_after are how many indices of the scattered axis each rank
                    has; local_N what rank N has after
arrays/ravel AXIS   x is 7 x 5, scattered over AXIS; y its ravel(), gathered: of axis 1 this is rank after rank, and not
                    the order of x; counts the number of elements of each rank
arrays/halo WIDTH   x is 16 x 5, scattered over axis 0 by MPIHalo: local_N is the block of rank N with its halos; back
                    is what MPIHalo's adjoint makes of these: x, not the sum of halos
"""

import contextlib
import math
import sys
import warnings
from importlib.metadata import PackageNotFoundError, version

import h5py
import numpy as np
import pylops
import pylops_mpi
from mpi4py import MPI
from pylops.avo.poststack import PoststackLinearModelling
from pylops_mpi import DistributedArray, Partition, StackedDistributedArray

WORLD = MPI.COMM_WORLD
RANK, RANKS = WORLD.Get_rank(), WORLD.Get_size()
BLOCKS = 5
ITERATIONS = 8  # of cgls and cg with dense blocks
POSTSTACK = (11, 3, 21)  # slow axis, fast axis, times
POSTSTACK_ITERATIONS = 30


def normal(seed, shape, dtype=float):
    """The same standard normal numbers on every rank."""
    random = np.random.default_rng(seed)
    values = random.standard_normal(shape)
    return values + 1j * random.standard_normal(shape) if dtype is complex else values


def part(count):
    """The indices of 0 .. count - 1 that this rank has: the first ranks have one more."""
    sizes = [count // RANKS + (rank < count % RANKS) for rank in range(RANKS)]
    begin = sum(sizes[:RANK])
    return range(begin, begin + sizes[RANK])


def scattered(values, sizes=None):
    """A flat array scattered over the ranks; of `sizes` elements, or as PyLops-MPI splits axis 0 of `values`."""
    if sizes is None:
        row = values.size // values.shape[0]
        sizes = WORLD.allgather(len(part(values.shape[0])) * row)
    return DistributedArray.to_dist(np.ascontiguousarray(values).ravel(), local_shapes=[(size,) for size in sizes])


def replicated(values):
    return DistributedArray.to_dist(np.ascontiguousarray(values).ravel(), partition=Partition.BROADCAST)


class Answers:
    """The file, of which rank 0 alone has one."""

    def __init__(self, path):
        self.file = h5py.File(path, "w") if RANK == 0 else None
        self.count = 0
        self.left_out = []

    def begin(self, name, **numbers):
        self.count += 1
        if self.file:
            group = self.file.create_group(name)
            for key, number in numbers.items():
                group.attrs[key] = float(number)

    def put(self, name, **arrays):
        if not self.file:
            return
        for key, values in arrays.items():
            values = np.ascontiguousarray(values)
            if np.iscomplexobj(values):
                values = np.stack([values.real, values.imag], axis=-1)
                self.file[name].create_dataset(key, data=values).attrs["complex"] = 1
            else:
                self.file[name].create_dataset(key, data=values.astype(float))

    def attempt(self, name, write):
        """What one rank refuses is left out by all; what only some refuse while others wait is not asked for."""
        problem = None
        try:
            write(name)
        except (AttributeError, NotImplementedError, NameError) as lack:
            problem = f"{name}: {type(lack).__name__}: {lack}"
        problem = next(filter(None, WORLD.allgather(problem)), None)
        if problem:
            self.left_out.append(problem)
            if self.file and name in self.file:
                del self.file[name]


def apply(answers, name, op, x, z, into_model, into_data, numbers=None, **arrays):
    """Records A x and A' z; `into_model` and `into_data` distribute an array as the operator wants it."""
    y = op.matvec(into_model(x)).asarray()
    w = op.rmatvec(into_data(z)).asarray()
    gap = abs(np.vdot(y.real, z.real) + np.vdot(y.imag, z.imag) - np.vdot(x.real, w.real) - np.vdot(x.imag, w.imag))
    error = gap / (np.linalg.norm(y) * np.linalg.norm(z))
    answers.begin(name, adjoint_error=error, **(numbers or {}))
    answers.put(name, x=x, y=y.reshape(z.shape), z=z, w=w.reshape(x.shape), **arrays)


# Operators


def derivatives(answers):
    shapes = {"1-D": (19,), "2-D": (17, 5), "3-D": (17, 3, 5)}
    variants = [(kind, 3, False) for kind in ("forward", "backward", "centered")]
    variants += [("centered", 3, True), ("centered", 5, False), ("centered", 5, True)]
    for kind, order, edge in variants:
        for words, shape in shapes.items():
            x, z = normal(11, shape), normal(12, shape)
            points = f" order {order}" if kind == "centered" else ""
            ending = f"{kind}{points}{' edge' if edge else ''}/{words}"
            op = pylops_mpi.MPIFirstDerivative(shape, sampling=0.7, kind=kind, edge=edge, order=order)
            apply(answers, "operators/first_derivative/" + ending, op, x, z, scattered, scattered, {"sampling": 0.7})
            if order == 3:
                op = pylops_mpi.MPISecondDerivative(shape, sampling=0.7, kind=kind, edge=edge)
                ending = f"{kind}{' edge' if edge else ''}/{words}"
                apply(answers, "operators/second_derivative/" + ending, op, x, z, scattered, scattered,
                      {"sampling": 0.7})


def laplacians_and_gradients(answers):
    shape = (17, 5)
    for kind, edge in (("centered", False), ("centered", True), ("forward", False), ("backward", False)):
        x, z = normal(13, shape), normal(14, shape)
        ending = kind + (" edge" if edge else "")
        samplings = {"sampling_0": 0.7, "sampling_1": 1.3}
        op = pylops_mpi.MPILaplacian(shape, axes=(0, 1), weights=(1, 2), sampling=(0.7, 1.3), edge=edge, kind=kind)
        apply(answers, "operators/laplacian/" + ending, op, x, z, scattered, scattered,
              {"weight_0": 1, "weight_1": 2, **samplings})
        op = pylops_mpi.MPIGradient(shape, sampling=(0.7, 1.3), edge=edge, kind=kind)
        apply(answers, "operators/gradient/" + ending, op, x, normal(15, (2, *shape)), scattered,
              lambda z: StackedDistributedArray([scattered(z[0]), scattered(z[1])]), samplings)


def dense_blocks(seed, rows, columns, dtype=float):
    """Blocks of the matrices, of heights and widths that differ where these are lists."""
    return [normal(seed + i, (rows[i % len(rows)], columns[i % len(columns)]), dtype) for i in range(BLOCKS)]


def mine(blocks):
    return [pylops.MatrixMult(blocks[i], dtype=blocks[i].dtype) for i in part(BLOCKS)]


def sizes(blocks, axis):
    """How many rows (0) or columns (1) the blocks of each rank have."""
    return WORLD.allgather(sum(blocks[i].shape[axis] for i in part(BLOCKS)))


def named(blocks):
    return {f"block_{i}": block for i, block in enumerate(blocks)}


def stacks(answers):
    for suffix, dtype in (("", float), (" complex", complex)):
        blocks = dense_blocks(20, (3, 5, 4), (2, 3), dtype)
        rows, columns = sizes(blocks, 0), sizes(blocks, 1)
        apply(answers, "operators/block_diag" + suffix, pylops_mpi.MPIBlockDiag(mine(blocks)),
              normal(31, sum(columns), dtype), normal(32, sum(rows), dtype),
              lambda x: scattered(x, columns), lambda z: scattered(z, rows), **named(blocks))

        blocks = dense_blocks(40, (3, 5, 4), (3,), dtype)
        rows = sizes(blocks, 0)
        apply(answers, "operators/vstack" + suffix, pylops_mpi.MPIVStack(mine(blocks)),
              normal(51, 3, dtype), normal(52, sum(rows), dtype),
              replicated, lambda z: scattered(z, rows), **named(blocks))

        blocks = dense_blocks(60, (4,), (3, 2, 5), dtype)
        columns = sizes(blocks, 1)
        apply(answers, "operators/hstack" + suffix, pylops_mpi.MPIHStack(mine(blocks)),
              normal(71, sum(columns), dtype), normal(72, 4, dtype),
              lambda x: scattered(x, columns), replicated, **named(blocks))


def frequencies(answers):
    count, rows, columns, times = 9, 5, 3, 19
    kernel = normal(80, (count, rows, columns), complex)
    local = kernel[part(count).start : part(count).stop]
    for many in (1, 2):
        x, z = normal(81, (count, columns, many), complex), normal(82, (count, rows, many), complex)
        for suffix, saved, conjugate in (("", False, False), (" saved", True, False), (" conjugate", True, True)):
            def fredholm(name):
                op = pylops_mpi.signalprocessing.MPIFredholm1(local, many, saveGt=saved, dtype="complex128")
                apply(answers, name, op.conj() if conjugate else op, x, z, replicated, replicated, kernel=kernel)

            answers.attempt(f"operators/fredholm{suffix}/columns {many}", fredholm)

        x, z = normal(83, (times, columns, many)), normal(84, (times, rows, many))
        variants = (("", True, False), (" one-sided", False, False), (" prescaled", True, True))
        for suffix, twosided, prescaled in variants:
            def mdc(name):
                op = pylops_mpi.waveeqprocessing.MPIMDC(local, times, many, count, dt=0.5, dr=2.0, twosided=twosided,
                                                        prescaled=prescaled)
                apply(answers, name, op, x, z, replicated, replicated, {"dt": 0.5, "dr": 2.0}, kernel=kernel)

            answers.attempt(f"operators/mdc{suffix}/columns {many}", mdc)


def matrix_products(answers):
    side = math.isqrt(RANKS)
    if side * side != RANKS:
        answers.left_out.append(f"operators/matrix_mult: {RANKS} ranks are not a square number")
        return
    row, column = divmod(RANK, side)

    def cut(count, index):
        step = math.ceil(count / side)
        return slice(index * step, min(count, (index + 1) * step))

    class Cut:
        """The product, with matrices in and out: scattered as `pieces` says, and joined again."""

        def __init__(self, op, pieces):
            self.op, self.pieces = op, pieces

        def run(self, what, values):
            local = np.ascontiguousarray(values[self.pieces(*values.shape)]).ravel()
            shapes = [(size,) for size in WORLD.allgather(local.size)]
            v = DistributedArray(sum(size for size, in shapes), local_shapes=shapes, dtype=values.dtype)
            v[:] = local
            return what(v)

        def joined(self, v, rows, columns):
            whole = np.zeros((rows, columns), v.dtype)
            for piece, local in WORLD.allgather((self.pieces(rows, columns), v.local_array)):
                whole[piece] = local.reshape(whole[piece].shape)
            return whole

    for suffix, dtype in (("", float), (" complex", complex)):
        matrix = normal(90, (9, 7), dtype)
        x, z = normal(91, (7, 5), dtype), normal(92, (9, 5), dtype)
        for kind in ("block", "summa"):
            if kind == "summa":
                local = matrix[cut(9, row), cut(7, column)]
                pieces = lambda rows, columns: (cut(rows, row), cut(columns, column))
            else:
                local = matrix[cut(9, column)]
                pieces = lambda rows, columns: (slice(None), cut(columns, row))
            op = pylops_mpi.MPIMatrixMult(local, 5, kind=kind, dtype=matrix.dtype)
            cutter = Cut(op, pieces)
            y = cutter.joined(cutter.run(op.matvec, x), 9, 5)
            w = cutter.joined(cutter.run(op.rmatvec, z), 7, 5)
            name = f"operators/matrix_mult {kind}{suffix}"
            gap = abs(np.vdot(y, z) - np.vdot(x, w)) / (np.linalg.norm(y) * np.linalg.norm(z))
            answers.begin(name, adjoint_error=gap)
            answers.put(name, x=x, y=y, z=z, w=w, matrix=matrix)


def transforms(answers):
    def record(name, class_name, shape, real, norm):
        def write(name):
            dtype = "float64" if real else "complex128"
            op = getattr(pylops_mpi.signalprocessing, class_name)(
                shape, axes=tuple(range(len(shape))), real=real, norm=norm, dtype=dtype)
            range_shape = tuple(int(n) for n in op.dimsd)
            x, z = normal(95, shape, float if real else complex), normal(96, range_shape, complex)
            apply(answers, name, op, x, z, scattered, scattered)

        answers.attempt(name, write)

    for suffix, norm in (("", "none"), (" by n", "1/n")):
        record("operators/fourier_2d" + suffix, "MPIFFT2D", (17, 7), False, norm)
        record("operators/fourier_2d real" + suffix, "MPIFFT2D", (17, 7), True, norm)
    record("operators/fourier_3d", "MPIFFTND", (9, 7, 5), False, "none")
    record("operators/fourier_3d real", "MPIFFTND", (9, 7, 5), True, "none")


# Solvers


def iterates_of(solve, start):
    """Every iterate, the start first, and the norms of the residuals."""
    seen = [start.asarray().copy()]
    result = solve(lambda x: seen.append(x.asarray().copy()))
    return np.array(seen), np.asarray(result[-1])


def dense_solvers(answers):
    for suffix, dtype in (("", float), (" complex", complex)):
        blocks = dense_blocks(120, (7, 6), (3, 4), dtype)
        rows, columns = sizes(blocks, 0), sizes(blocks, 1)
        op = pylops_mpi.MPIBlockDiag(mine(blocks))
        b = normal(131, sum(rows), dtype)
        start = scattered(np.zeros(sum(columns), dtype), columns)
        for words, damp in (("", 0.0), (" damped", 0.5)):
            iterates, cost = iterates_of(lambda look: pylops_mpi.cgls(
                op, scattered(b, rows), x0=start, niter=ITERATIONS, damp=damp, tol=0, callback=look), start)
            name = f"solvers/cgls{words}{suffix}"
            answers.begin(name, damp=damp)
            answers.put(name, b=b, iterates=iterates, cost=cost, **named(blocks))

    roots = dense_blocks(140, (9,), (5,))
    blocks = [root.T @ root for root in roots]
    widths = sizes(blocks, 1)
    b = normal(151, sum(widths))
    start = scattered(np.zeros(sum(widths)), widths)
    iterates, cost = iterates_of(lambda look: pylops_mpi.cg(
        pylops_mpi.MPIBlockDiag(mine(blocks)), scattered(b, widths), x0=start, niter=ITERATIONS, tol=0,
        callback=look), start)
    answers.begin("solvers/cg")
    answers.put("solvers/cg", b=b, iterates=iterates, cost=cost, **named(blocks))


def poststack(answers):
    slow, fast, times = POSTSTACK
    wavelet = pylops.utils.wavelets.ricker(np.arange(6) * 0.004, 20)[0]
    local = (len(part(slow)), fast, times)
    traces_last = pylops.Transpose(local, axes=(2, 0, 1))
    model = PoststackLinearModelling(wavelet, nt0=times, spatdims=local[:2])
    op = pylops_mpi.MPIBlockDiag([traces_last.H * model * traces_last])
    truth = np.cumsum(normal(160, POSTSTACK), axis=-1) * 0.1
    b = op.matvec(scattered(truth)).asarray().reshape(POSTSTACK) + 1e-3 * normal(161, POSTSTACK)
    start = scattered(np.zeros(POSTSTACK))
    epsilon = 0.01
    laplacian = math.sqrt(epsilon) * pylops_mpi.MPILaplacian(POSTSTACK, axes=(0, 1))
    regularized = pylops_mpi.MPIStackedVStack([op, laplacian])
    data = StackedDistributedArray([scattered(b), scattered(np.zeros(POSTSTACK))])
    for name, which, right, damp in (("solvers/poststack", op, scattered(b), 0.0),
                                     ("solvers/poststack damped", op, scattered(b), 0.1),
                                     ("solvers/poststack regularized", regularized, data, 0.0)):
        iterates, cost = iterates_of(lambda look: pylops_mpi.cgls(
            which, right, x0=start, niter=POSTSTACK_ITERATIONS, damp=damp, tol=0, callback=look), start)
        answers.begin(name, damp=damp, epsilon=epsilon if which is regularized else 0)
        answers.put(name, wavelet=wavelet, truth=truth, b=b, iterates=iterates.reshape(-1, *POSTSTACK), cost=cost)


# Distributed arrays


def norms_and_dots(answers):
    orders = {"0": 0, "1": 1, "2": 2, "3": 3, "inf": np.inf, "minus_inf": -np.inf}
    for suffix, dtype in (("", float), (" complex", complex)):
        x = normal(170, (17, 5), dtype)
        x[2], x[11, 3] = 0, 0
        scattered_x = DistributedArray.to_dist(x, axis=0)
        name = "arrays/norms" + suffix
        answers.begin(name, **{f"norm_{words}": scattered_x.norm(order) for words, order in orders.items()})
        answers.put(name, x=x)
        for words, order in orders.items():
            for axis in (0, 1):
                along = np.asarray(scattered_x.norm(order, axis=axis))
                answers.put(name, **{f"along_{axis}_{words}": along.ravel()})
        x, y = normal(171, 37, dtype), normal(172, 37, dtype)
        left, right = DistributedArray.to_dist(x), DistributedArray.to_dist(y)
        name = "arrays/dots" + suffix
        answers.begin(name)
        answers.put(name, x=x, y=y, dot=[left.dot(right)], vdot=[left.dot(right, vdot=True)])


def locals_of(x):
    return {f"local_{rank}": values for rank, values in enumerate(WORLD.allgather(x))}


def layouts(answers):
    x = normal(180, (7, 5, 9))
    for start in range(3):
        for end in range(3):
            def redistribute(name):
                before = DistributedArray.to_dist(x, axis=start)
                after = before.redistribute(axis=end)
                answers.begin(name)
                answers.put(name, x=x, counts_before=[shape[start] for shape in before.local_shapes],
                            counts_after=[shape[end] for shape in after.local_shapes], **locals_of(after.local_array))

            if start != end:
                answers.attempt(f"arrays/redistribute {start} to {end}", redistribute)

    x = normal(181, (7, 5))
    for axis in range(2):
        flat = DistributedArray.to_dist(x, axis=axis).ravel()
        name = f"arrays/ravel {axis}"
        answers.begin(name)
        answers.put(name, x=x, y=flat.asarray(), counts=[shape[0] for shape in flat.local_shapes])

    shape = (16, 5)  # MPIHalo has blocks of ceil(16 / ranks) rows, which is as scattered() has them on 1, 2 and 4 ranks
    x = normal(182, shape)
    for width in (1, 2):
        def halo(name):
            op = pylops_mpi.MPIHalo(shape, width, proc_grid_shape=(RANKS, 1))
            y = op.matvec(scattered(x, WORLD.allgather(int(np.prod(op.local_dims)))))
            answers.begin(name)
            answers.put(name, x=x, back=op.rmatvec(y).asarray().reshape(shape),
                        **locals_of(y.local_array.reshape(op.local_extent)))

        answers.attempt(f"arrays/halo {width}", halo)


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    wanted = sys.argv[2] if len(sys.argv) == 3 else ""
    warnings.simplefilter("ignore")
    answers = Answers(sys.argv[1])
    for write in (derivatives, laplacians_and_gradients, stacks, frequencies, matrix_products, transforms,
                  dense_solvers, poststack, norms_and_dots, layouts):
        if wanted in write.__name__:
            write(answers)
    if answers.file:
        answers.file.attrs["ranks"] = RANKS
        for package in ("pylops-mpi", "pylops", "mpi4py", "mpi4py-fft", "numpy", "scipy"):
            with contextlib.suppress(PackageNotFoundError):
                answers.file.attrs[package] = version(package)
        answers.file.close()
        print(f"{answers.count} cases of PyLops-MPI {pylops_mpi.__version__} on {RANKS} ranks")
        for problem in answers.left_out:
            print(f"left out {problem}")


if __name__ == "__main__":
    main()
