"""The counterparts of linear_solvers.cpp and sparse_solvers.cpp.

Each returns what the C++ program wrote: the iterates, the solution or a value. Where not told otherwise the two
recurrences are the same in exact arithmetic, and the matrices are well conditioned: rounding grows with the square of
the condition and the number of iterations, 1e2 x 1e1 x 1e-16, and is given three digits more.
"""

import numpy as np
import pylops
import scipy.sparse.linalg as scipy_linalg

from registry import Registry

SOLVERS = Registry()
add = SOLVERS.add

COUNT = 8  # iterations of linear_solvers.cpp
SOFT_COUNT = 30  # iterations of ista and fista in sparse_solvers.cpp


def matrix(m):
    return pylops.MatrixMult(m, dtype=m.dtype)


def collect(start, run):
    """The start and every iterate that `run` shows to its callback."""
    seen = [np.array(start)]
    run(lambda x, *_: seen.append(np.array(x)))
    return np.array(seen)


def zeros_of(c):
    return np.zeros(c.A.shape[1], dtype=c.A.dtype)


def systems(suffix):
    def cg(start, damp=0.0):
        return lambda c: collect(start(c), lambda look: pylops.optimization.basic.cg(
            matrix(c.A), c.b, x0=start(c).copy(), niter=COUNT, damp=damp, tol=0, callback=look))

    def minres(c):
        a, b = c.A, c.b
        if np.iscomplexobj(a):
            a = np.block([[a.real, -a.imag], [a.imag, a.real]])
            b = np.concatenate([b.real, b.imag])
        seen = collect(np.zeros_like(b), lambda look: scipy_linalg.minres(
            a, b, rtol=1e-300, maxiter=COUNT, callback=look))
        return seen if a is c.A else seen[:, : b.size // 2] + 1j * seen[:, b.size // 2 :]

    def gmres(c):
        # SciPy shows an iterate at the end of a cycle only.
        seen = collect(zeros_of(c), lambda look: scipy_linalg.gmres(
            c.A, c.b, rtol=0, atol=0, restart=4, maxiter=4, callback=look, callback_type="x"))
        return np.array([np.full_like(c.b, np.nan) if k % 4 else seen[k // 4] for k in range(17)])

    add("cg" + suffix, "cg", cg(zeros_of))
    add("cg from a start" + suffix, "cg", cg(lambda c: c.start))
    add("cg damped" + suffix, "cg", cg(zeros_of, 0.5), "damp = shift(A, damp)")
    add("minres" + suffix, "scipy.minres", minres,
        "complex, as the real system [Re A, -Im A; Im A, Re A], for SciPy's is real: the same iterates" if suffix else "")
    add("bicgstab" + suffix, "scipy.bicgstab", lambda c: collect(zeros_of(c), lambda look: scipy_linalg.bicgstab(
        c.A, c.b, rtol=0, atol=0, maxiter=COUNT, callback=look)))

    add("gmres" + suffix, "scipy.gmres", gmres, "compared at the end of each cycle")


def least_squares(suffix):
    basic = pylops.optimization.basic

    def cgls(start, damp=0.0):
        return lambda c: collect(start(c), lambda look: basic.cgls(
            matrix(c.A), c.b, x0=start(c).copy(), niter=COUNT, damp=damp, tol=0, callback=look))

    def lsqr(start, damp=0.0):
        return lambda c: collect(start(c), lambda look: basic.lsqr(
            matrix(c.A), c.b, x0=start(c).copy(), niter=COUNT, damp=damp, atol=0, btol=0, conlim=0, callback=look))

    def lsmr(damp=0.0):
        # SciPy shows no iterates: as many runs as there are.
        return lambda c: np.array([zeros_of(c)] + [scipy_linalg.lsmr(
            c.A, c.b, damp=damp, atol=0, btol=0, conlim=0, maxiter=k)[0] for k in range(1, COUNT + 1)])

    for name, solver in (("cgls", cgls), ("lsqr", lsqr)):
        add(name + suffix, name, solver(zeros_of))
        add(f"{name} from a start" + suffix, name, solver(lambda c: c.start))
        add(f"{name} damped" + suffix, name, solver(zeros_of, 1.5))
    add("lsmr" + suffix, "scipy.lsmr", lsmr())
    add("lsmr damped" + suffix, "scipy.lsmr", lsmr(1.5))


def compositions():
    optimization = pylops.optimization.leastsquares
    exact = dict(iter_lim=COUNT, atol=0, btol=0, conlim=0)
    add("regularized_inversion", "regularized_inversion", lambda c: optimization.regularized_inversion(
        matrix(c.A), c.b, [matrix(c.R)], dataregs=[c.d], epsRs=[c.eps], **exact)[0],
        "lsqr(vstack(A, eps R), [b; eps d])")
    add("normal_equations_inversion", "normal_equations_inversion",
        lambda c: optimization.normal_equations_inversion(
            matrix(c.A), c.b, [matrix(c.R)], dataregs=[c.d], epsRs=[c.eps], engine="pylops", niter=COUNT,
            tol=0)[0],
        "cg(A'A + eps^2 R'R, A'b + eps^2 R'd)")
    # The condition of A P is 140, not 10: two digits less.
    add("preconditioned_inversion", "preconditioned_inversion", lambda c: optimization.preconditioned_inversion(
        matrix(c.A), c.b, matrix(c.P), **exact)[0],
        "P lsqr(A P, b)", 1e-8)


def spectra():
    def power(c):
        np.random.seed(1)
        return pylops.optimization.eigs.power_iteration(matrix(c.A), niter=2000, tol=0, dtype="float64")[0]

    at_convergence = 1e-9  # residuals of 1e-10; eigenvalues are better than that, by its square
    add("power_iteration", "power_iteration", power, "", at_convergence)
    add("estimate_norm", "LinearOperator", lambda c: matrix(c.A).eigs(1, symmetric=False, niter=1000)[0],
        "eigs(symmetric=False) are singular values", at_convergence)
    add("singular_values", "LinearOperator", lambda c: matrix(c.A).eigs(
        1, symmetric=False, which="SM", uselobpcg=False)[0], "the smallest one", at_convergence)
    add("condition_number", "LinearOperator", lambda c: matrix(c.A).cond(), "", at_convergence)
    add("lanczos", "LinearOperator", lambda c: matrix(c.A).eigs(1, symmetric=True, which="SM", niter=10000)[0].real,
        "the smallest one", at_convergence)
    add("trace", "trace_hutchinson", lambda c: pylops.utils.estimators.trace_hutchinson(
        matrix(c.A), neval=12, sampler="rademacher"), "signs give the trace of a diagonal operator exactly")


def sparse(suffix):
    sparsity = pylops.optimization.sparsity
    note = "PyLops' eps is twice the weight here: its misfit has no 1/2"

    def soft(solver, start, eps=0.5, **more):
        return lambda c: collect(start(c), lambda look: solver(
            matrix(c.A), c.b, x0=start(c).copy(), niter=SOFT_COUNT, eps=eps, alpha=0.125, tol=0, callback=look, **more))

    for name in ("ista", "fista"):
        solver = getattr(sparsity, name)
        add(name + suffix, name, soft(solver, zeros_of), note)
        add(f"{name} from a start" + suffix, name, soft(solver, lambda c: c.start), note)
    add("ista hard" + suffix, "ista", soft(sparsity.ista, zeros_of, 0.03125, threshkind="hard"), "threshkind hard = L0")


def analysis():
    sparsity = pylops.optimization.sparsity

    def build(solver):
        def coefficients(c):
            seen = collect(zeros_of(c), lambda look: solver(
                matrix(c.A), c.b, niter=SOFT_COUNT, SOp=matrix(c.S).H, eps=0.5, alpha=0.125, tol=0, callback=look))
            return seen @ c.S.T

        return coefficients

    for name in ("ista", "fista"):
        add(f"{name} of a transform", name, build(getattr(sparsity, name)),
            "SOp = S' for an orthogonal S: iterates on A S' here; compared in coefficients")


def pursuits():
    sparsity = pylops.optimization.sparsity

    def omp(normalise):
        def build(c):
            seen = [np.zeros(c.A.shape[1])]
            look = lambda x, cols: seen.append(np.bincount(cols, x, c.A.shape[1]))
            sparsity.omp(matrix(c.A), c.b, niter_outer=6, niter_inner=100, sigma=0, normalizecols=normalise,
                         callback=look)
            return np.array(seen)

        return build

    # PyLops solves on the columns by SciPy's lsqr, to its tolerance of 1e-6 that omp does not pass on.
    add("omp", "omp", omp(False), "", 1e-5)
    add("omp of unit columns", "omp", omp(True), "", 1e-5)

    def spgl1(**bound):
        def build(c):
            given = {key: getattr(c, name) for key, name in bound.items()}
            return sparsity.spgl1(matrix(c.A), c.b, opt_tol=1e-9, bp_tol=1e-9, dec_tol=1e-9, iter_lim=10000,
                                  **given)[0]

        return build

    # Two methods that end at a gap of 1e-10, of which the distance to the minimiser is the root at worst.
    add("spgl1", "spgl1", spgl1(sigma="noise"), "at the solution", 1e-5)
    add("spgl1 lasso", "spgl1", spgl1(tau="radius"), "at the solution", 1e-5)


def splittings():
    def bregman(c):
        # PyLops: rho = eps / mu and weight = eps^2 / mu; here rho = 1/2 and the weight 1/8.
        return collect(zeros_of(c), lambda look: pylops.optimization.sparsity.splitbregman(
            matrix(c.A), c.b, [matrix(c.L)], niter_outer=20, niter_inner=1, mu=0.5, epsRL1s=[0.25], tol=1e-150, tau=1,
            callback=look, iter_lim=200, atol=1e-15, btol=1e-15))

    def admm(c):
        import pyproximal

        return collect(zeros_of(c), lambda look: pyproximal.optimization.primal.ADMML2(
            pyproximal.L1(0.25), matrix(c.A), c.b, matrix(c.L), x0=zeros_of(c), tau=2.0, niter=20, callback=look,
            iter_lim=200, atol=1e-15, btol=1e-15))

    # Inner systems are solved to rounding, so that the two stay together.
    add("split_bregman", "splitbregman", bregman, "penalty = eps / mu, weight = eps^2 / mu, niter_inner = 1")
    add("admm", "pyproximal.ADMML2", admm, "penalty = 1 / tau")

    def irls(c):
        seen = []
        pylops.optimization.sparsity.irls(matrix(c.A), c.b, nouter=5, threshR=True, epsR=c.floor, epsI=0,
                                          tolIRLS=0, callback=lambda x: seen.append(x.copy()), iter_lim=1000,
                                          atol=1e-15, btol=1e-15)
        return np.array(seen)

    add("irls", "irls", irls, "lop weighs by the data first, PyLops not: lop starts from PyLops' first iterate; "
        "epsR = epsilon |b|_inf, threshR")


def proximal_solvers():
    def gradient(acceleration):
        def build(c):
            import pyproximal

            return collect(c.start, lambda look: pyproximal.optimization.primal.ProximalGradient(
                pyproximal.L2(Op=matrix(c.A), b=c.b), pyproximal.L1(0.25), x0=c.start.copy(), tau=0.125,
                niter=SOFT_COUNT, acceleration=acceleration, callback=look))

        return build

    add("proximal_gradient", "pyproximal.ProximalGradient", gradient(None))
    add("proximal_gradient accelerated", "pyproximal.ProximalGradient", gradient("fista"))

    def primal_dual(c):
        import pyproximal

        return collect(c.start, lambda look: pyproximal.optimization.primaldual.PrimalDual(
            pyproximal.L2(sigma=0.25), pyproximal.L1(g=c.b), matrix(c.A), c.start.copy(), tau=0.25, mu=0.25, niter=50,
            callback=look))

    add("primal_dual", "pyproximal.PrimalDual", primal_dual,
        "steps 0.98 ratio / |K| and 0.98 / (ratio |K|) are tau and mu; F = |x - b|_1")


for ending in ("", " complex"):
    systems(ending)
    least_squares(ending)
    sparse(ending)
compositions()
spectra()
analysis()
pursuits()
splittings()
proximal_solvers()
