#!/usr/bin/env python3
"""Compares lop with PyLops: the operators, the solvers, and the table in docs/pylops.md.

Usage: compare.py PROGRAM RESULTS.h5 [--table docs/pylops.md --include include] [--case WORDS]

Runs PROGRAM, which writes what lop computes into RESULTS.h5, feeds the same inputs through PyLops (and SciPy,
pyproximal, spgl1, PyWavelets where these are the peers) and prints a table. Exit code 0: all agree; 1: something does
not; 77: PyLops or h5py is not installed. Rows whose own optional package is absent are skipped, and counted.

Tolerances, of the largest difference over the largest value: operators 1e-12; solvers 1e-10 unless solvers.py gives
another one, with its reason.
"""

import argparse
import logging
import subprocess
import sys
import warnings

INSTALL = "pip install 'pylops>=2.8' h5py pyproximal spgl1 PyWavelets curvelets"
OPERATOR_TOLERANCE = 1e-12
SOLVER_TOLERANCE = 1e-10

try:
    import h5py
    import numpy as np
    import pylops
except ImportError as missing:
    print(f"skipped: {missing}; for the comparison with PyLops: {INSTALL},\n"
          "and configure with -DLOP_PEER_PYTHON=<the python that has them>")
    sys.exit(77)

import catalogue
import gathers  # noqa: F401  (registers its operators)
import local_transforms  # noqa: F401  (registers its operators)
from operators import OPERATORS
from proximal import PROXIMAL
from registry import Case, relative_error
from solvers import SOLVERS


def norm_words(values):
    return f"{np.linalg.norm(np.nan_to_num(np.asarray(values).ravel())):.6g}"


def operator_errors(case, counterpart):
    """Forward and adjoint: the norms of both results, and the larger error."""
    op = counterpart.build(case)
    y = op.matvec(case.x.ravel())
    w = op.rmatvec(case.z.ravel())
    error = max(relative_error(case.y, y), relative_error(case.w, w))
    return f"{norm_words(case.y)} {norm_words(case.w)}", f"{norm_words(y)} {norm_words(w)}", error


def solver_errors(case, counterpart):
    """Iterates (of which the peer may not show some: NaN), a solution, or a value."""
    expected = np.asarray(counterpart.build(case))
    found = next(getattr(case, key) for key in ("iterates", "x", "value") if hasattr(case, key))
    found = np.asarray(found)
    if found.ndim == 2 and found.shape == expected.shape:
        shown = ~np.isnan(expected).any(axis=1)
        errors = [relative_error(a, b) for a, b in zip(found[shown], expected[shown])]
        return norm_words(found[-1]), norm_words(expected[-1]), max(errors)
    return norm_words(found), norm_words(expected), relative_error(found, expected)


def proximal_errors(case, counterpart):
    """The prox, and the value where both know it."""
    y, value = counterpart.build(case)
    error = relative_error(case.y, y)
    if value is None:
        return norm_words(case.y), norm_words(y), error
    error = max(error, relative_error(case.value, value))
    return f"{norm_words(case.y)} {case.value:.6g}", f"{norm_words(y)} {value:.6g}", error


class Comparison:
    def __init__(self, only):
        self.only = only
        self.failed = []
        self.skipped = {}
        self.compared = set()
        self.count = 0

    def row(self, name, lop, peer, error, verdict):
        print(f"{name:50} {lop:>20} {peer:>20} {error:>8} {verdict}")

    def one(self, name, group, counterpart, errors, tolerance):
        tolerance = counterpart.tolerance or tolerance
        case = Case(group)
        try:
            lop, peer, error = errors(case, counterpart)
        except ImportError as missing:
            reason = str(missing).strip().splitlines()[0]
            self.skipped.setdefault(reason, []).append(name)
            self.compared.update(counterpart.names)  # would be, where its package is installed
            self.row(name, "", "", "-", "skipped")
            return
        except Exception as problem:  # the peer refuses what lop computes
            self.failed.append(f"{name}: {type(problem).__name__}: {problem}")
            self.row(name, "", "", "-", "FAILED")
            return
        self.count += 1
        self.compared.update(counterpart.names)
        agrees = error <= tolerance
        self.row(name, lop, peer, f"{error:.1e}", "" if agrees else f"FAILED, limit {tolerance:.0e}")
        if not agrees:
            self.failed.append(f"{name}: differs by {error:.1e}, limit {tolerance:.0e}")

    def section(self, title, groups, counterparts, errors, tolerance):
        """Every case of lop has a peer, and every peer its case."""
        print(f"\n{title}")
        self.row("name", "lop", "peer", "error", "")
        names = set(groups) | set(counterparts)
        for name in sorted(name for name in names if self.only in name):
            if name not in counterparts:
                self.failed.append(f"{name}: lop wrote it, and no peer is registered")
            elif name not in groups:
                self.failed.append(f"{name}: a peer is registered, and lop did not write it")
            else:
                self.one(name, groups[name], counterparts[name], errors, tolerance)
        notes = {}
        for name, counterpart in sorted(counterparts.items()):
            if counterpart.note and self.only in name:
                notes.setdefault(counterpart.note, []).append(name)
        if notes:
            print("\nConventions that differ:")
        for note, cases in notes.items():
            print(f"  {cases[0]}{' and alike' if len(cases) > 1 else ''}: {note}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("results")
    parser.add_argument("--table")
    parser.add_argument("--include")
    parser.add_argument("--case", default="")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    subprocess.run([arguments.program, arguments.results], check=True)

    print(f"PyLops {pylops.__version__}, NumPy {np.__version__}")
    comparison = Comparison(arguments.case)
    with h5py.File(arguments.results) as file:
        comparison.section("Operators: |A x| and |A' z|", file["operators"], OPERATORS,
                           operator_errors, OPERATOR_TOLERANCE)
        comparison.section("Proximal operators and projections: |prox(x)| and f(x)", file["proximal"], PROXIMAL,
                           proximal_errors, OPERATOR_TOLERANCE)
        comparison.section("Solvers: the norm of what they end with", file["solvers"], SOLVERS, solver_errors, SOLVER_TOLERANCE)
    print(f"\n{comparison.count} compared")
    for reason, names in comparison.skipped.items():
        print(f"{len(names)} skipped: {reason}")
    if arguments.table and not arguments.case:
        comparison.failed += catalogue.check(arguments.table, arguments.include, comparison.compared)
    for failure in comparison.failed:
        print(f"FAILED {failure}")
    return 1 if comparison.failed else 0


if __name__ == "__main__":
    sys.exit(main())
