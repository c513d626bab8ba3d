"""Devito on the wave rows of lop's benchmarks: points per second, in single precision.

Usage: peers_waves.py [--rows acoustic3d,acoustic2d,density3d,elastic3d,shot2d_forward,shot2d_gradient,shot2d_born,
                      shot2d_dft10,shot2d_dft20] [--orders 4,8,16] [--grid N] [--steps N] [--layers N] [--repeat N]
                      [--every N] [--output FILE]
Threads by OMP_NUM_THREADS. Prints one JSON object a row; `first_result_s` counts from the start of the process and includes
the generation and compilation of code, `seconds` and `gpts` do not. Points of acoustic3d and so on count the grid, which has
no absorbing layers there; the rows shot2d_* are those of one_shot.py, with damping layers around.
"""

import json
import os
import time

os.environ.setdefault("DEVITO_LANGUAGE", "openmp")
os.environ.setdefault("DEVITO_LOGGING", "ERROR")
os.environ.setdefault("DEVITO_ARCH", "gcc")

import devito
import numpy as np
from devito import (Eq, Function, Grid, Operator, SparseTimeFunction, TensorTimeFunction, TimeFunction,
                    VectorTimeFunction, diag, div, grad, solve)

import devito_one_shot
import one_shot


def make_grid(dimension, n):
    return Grid(shape=(n,) * dimension, extent=(10.0 * (n - 1),) * dimension, dtype=np.float32)


def points(grid, field, steps, dt):
    """A source in the middle and a hundred receivers, as the benchmarks of lop have them."""
    middle = 5.0 * (grid.shape[0] - 1)
    source = SparseTimeFunction(name="src", grid=grid, npoint=1, nt=steps + 2)
    source.coordinates.data[:] = middle
    source.data[0, :] = 1.0
    receivers = SparseTimeFunction(name="rec", grid=grid, npoint=100, nt=steps + 2)
    receivers.coordinates.data[:] = middle
    receivers.coordinates.data[:, 0] = np.linspace(0, 2 * middle, 100)
    return source.inject(field=field.forward, expr=source * dt**2) + receivers.interpolate(expr=field)


def acoustic(dimension, n, order, steps):
    grid = make_grid(dimension, n)
    u = TimeFunction(name="u", grid=grid, time_order=2, space_order=order)
    m = Function(name="m", grid=grid, space_order=0)
    m.data[:] = 1 / 2.0**2
    damp = Function(name="damp", grid=grid, space_order=0)
    update = Eq(u.forward, solve(m * u.dt2 - u.laplace + damp * u.dt, u.forward))
    return Operator([update] + points(grid, u, steps, 1.0)), 1.0


def density(dimension, n, order, steps):
    grid = make_grid(dimension, n)
    u = TimeFunction(name="u", grid=grid, time_order=2, space_order=order)
    m = Function(name="m", grid=grid, space_order=0)
    m.data[:] = 1 / 2.0**2
    b = Function(name="b", grid=grid, space_order=order)
    b.data[:] = 1
    damp = Function(name="damp", grid=grid, space_order=0)
    update = Eq(u.forward, solve(m * b * u.dt2 - div(b * grad(u, shift=0.5), shift=-0.5) + damp * u.dt, u.forward))
    return Operator([update] + points(grid, u, steps, 1.0)), 1.0


def elastic(dimension, n, order, steps):
    grid = make_grid(dimension, n)
    v = VectorTimeFunction(name="v", grid=grid, space_order=order, time_order=1)
    tau = TensorTimeFunction(name="t", grid=grid, space_order=order, time_order=1)
    fields = [Function(name=name, grid=grid, space_order=0) for name in ("b", "lam", "mu", "damp")]
    b, lam, mu, damp = fields
    for field, value in zip(fields, (1.0, 1.0, 1.0, 1.0)):
        field.data[:] = value
    momentum = Eq(v.forward, damp * (v + grid.stepping_dim.spacing * b * div(tau)))
    rate = grad(v.forward) + grad(v.forward).transpose(inner=False)
    stress = Eq(tau.forward,
                damp * (tau + grid.stepping_dim.spacing * (lam * diag(div(v.forward)) + mu * rate)))
    source = SparseTimeFunction(name="src", grid=grid, npoint=1, nt=steps + 2)
    source.coordinates.data[:] = 5.0 * (n - 1)
    source.data[0, :] = 1.0
    inject = [source.inject(field=tau.forward[k, k], expr=source) for k in range(dimension)]
    return Operator([momentum, stress] + inject), 0.3


ROWS = {
    "acoustic3d": (3, 336, acoustic),
    "acoustic2d": (2, 2081, acoustic),
    "density3d": (3, 336, density),
    "elastic3d": (3, 200, elastic),
}


def measure(row, order, options):
    dimension, n, build = ROWS[row]
    n = options.grid or n
    steps = options.steps or max(10, 1_000_000_000 // n**dimension)
    operator, dt = build(dimension, n, order, steps)
    operator.apply(time_M=2, dt=dt)
    first = one_shot.age_of_process()
    seconds = []
    for _ in range(options.repeat):
        begin = time.perf_counter()
        operator.apply(time_m=1, time_M=steps, dt=dt)
        seconds.append(time.perf_counter() - begin)
    median = float(np.median(seconds))
    print(json.dumps({
        "program": "devito", "row": row, "order": order, "grid": n,
        "threads": int(os.environ.get("OMP_NUM_THREADS", "0")), "seconds": round(median, 3),
        "gpts": round(n**dimension * steps / median * 1e-9, 3), "first_result_s": round(first, 1),
        "rss_mb": one_shot.peak_mb(), "version": devito.__version__,
    }), flush=True)


def main():
    options = one_shot.parse(__doc__, (*ROWS, *one_shot.ROWS), orders="4,8,16")
    for row in options.rows.split(","):
        for order in map(int, options.orders.split(",")):
            (devito_one_shot.measure if row in one_shot.ROWS else measure)(row, order, options)


if __name__ == "__main__":
    main()
