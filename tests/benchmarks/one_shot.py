"""The set-up of the rows shot2d_*, the same as in one_shot.hpp, and how the peers of lop time and report them.

A program hands `report` a function that does the work once and one that returns what came out, in lop's units: records
in the unit of M q, the image as J' applied to `data`, spectra as transforms of the field times s.
"""

import argparse
import json
import os
import resource
import time

import numpy as np

SPACING = 10.0  # m
DT = 1.6e-3  # s
PEAK = 15.0  # Hz
SOURCE_DEPTH, RECEIVER_DEPTH, ANOMALY_DEPTH = 10, 20, 40  # grid points
CELL = SPACING**2  # m2: a sample of lop's sources is a measure, of the peers' a value in a cell

ROWS = ("shot2d_forward", "shot2d_gradient", "shot2d_born", "shot2d_dft10", "shot2d_dft20")


def add_options(parser):
    parser.add_argument("--grid", type=int, help="points a side (shots: 1001)")
    parser.add_argument("--steps", type=int, help="steps (shots: 1500)")
    parser.add_argument("--layers", type=int, default=40, help="cells of the absorbing layers around a shot")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--every", type=int, default=1, help="steps between those that a shot's gradient or DFT uses")
    parser.add_argument("--output", help="file for the result of a shot, as raw floats")


def parse(description, rows, orders="8"):
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", default=",".join(rows))
    parser.add_argument("--orders", default=orders)
    add_options(parser)
    return parser.parse_args()


def ricker(t):
    a = (np.pi * PEAK * (t - 1.5 / PEAK)) ** 2
    return (1 - 2 * a) * np.exp(-a)


class Setup:
    """Arrays of the shot, [x, z] and [receiver, time] as lop has them."""

    def __init__(self, order, options):
        self.order = order
        self.points = options.grid or 1001
        self.steps = options.steps or 1500
        self.layers = options.layers
        self.every = options.every
        self.middle = self.points // 2

    def velocity(self):
        """In m/s."""
        profile = 1500 + 1000 * np.arange(self.points) / (self.points - 1)
        return np.broadcast_to(profile, (self.points, self.points)).astype(np.float32)

    def wavelet(self):
        return ricker(np.arange(self.steps) * DT).astype(np.float32)

    def perturbation(self):
        """dm in s2/m2."""
        x, z = np.ogrid[: self.points, : self.points]
        r2 = (x - self.middle) ** 2 + (z - ANOMALY_DEPTH) ** 2
        return (0.1 / self.velocity() ** 2 * np.exp(-r2 / 50)).astype(np.float32)

    def data(self):
        """What the gradient migrates: as in one_shot.hpp."""
        late = np.hypot(SPACING * (np.arange(self.points) - self.middle), 800)[:, None] / 1700
        traces = ricker(np.arange(self.steps) * DT - late)
        return np.where(late > DT * (self.steps - 1) - 0.3, 0, traces).astype(np.float32)


def frequencies(row):
    count = int(row.removeprefix("shot2d_dft"))
    return 40.0 * np.arange(1, count + 1) / count


def age_of_process():
    """Seconds since this process began: field 22 of /proc/self/stat (proc(5)), in ticks since the machine did."""
    with open("/proc/self/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return time.clock_gettime(time.CLOCK_BOOTTIME) - int(fields[19]) / os.sysconf("SC_CLK_TCK")


def peak_mb():
    """Resident at most so far, in 10^6 bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 // 1_000_000


def report(program, row, setup, options, work, result, **facts):
    """Prints the row as bench_waves does: `work()` once for the first result, then as often as asked."""
    work()
    first = age_of_process()
    seconds = []
    for _ in range(options.repeat):
        begin = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begin)
    peak = peak_mb()
    values = np.ascontiguousarray(result(), dtype=np.float32)
    if options.output:
        values.tofile(options.output)
    print(json.dumps({
        "program": program, "row": row, "order": setup.order, "grid": setup.points, "layers": setup.layers,
        "ranks": 1, "threads": int(os.environ.get("OMP_NUM_THREADS", "0")), "steps": setup.steps,
        "seconds": round(float(np.median(seconds)), 3), "first_result_s": round(first, 2),
        "rss_mb": peak, "every": setup.every, "norm": float(np.linalg.norm(values.astype(np.float64))), **facts,
    }), flush=True)
