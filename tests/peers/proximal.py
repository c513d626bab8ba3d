"""The counterparts of proximal.cpp: pyproximal's proximal operators. A case is y = prox(x) and the value at x."""

import numpy as np

from registry import Registry

PROXIMAL = Registry()


def add(case, name, build, note="", tolerance=0, dual=False, value=True):
    """`build(pyproximal, case)` makes the function; `dual`: the prox of its conjugate; `value`: it knows its own."""

    def evaluate(c):
        import pyproximal

        f = build(pyproximal, c)
        tau = c.tau
        x = c.x.ravel()
        y = (f.proxdual if dual else f.prox)(x.copy(), tau)
        return y.ravel(), f(x) if value and hasattr(c, "value") else None

    PROXIMAL.add(case, f"pyproximal.{name}", evaluate, note, tolerance)


add("L1", "L1", lambda p, c: p.L1(0.5))
add("L1 complex", "L1", lambda p, c: p.L1(0.5))
add("L2", "Euclidean", lambda p, c: p.Euclidean(2.0))
add("L2 to nothing", "Euclidean", lambda p, c: p.Euclidean(100.0))
add("SquaredL2", "L2", lambda p, c: p.L2(sigma=2.0))
add("Translated", "L2", lambda p, c: p.L2(sigma=2.0, b=c.b), "L2(b = b) is Translated{SquaredL2{}, b}")
add("Multiple", "L1", lambda p, c: 1.5 * p.L1(0.5))
add("L0", "L0", lambda p, c: p.L0(np.sqrt(2 * 0.5 * c.tau) / c.tau),
    "pyproximal's threshold is tau sigma; the minimiser's is sqrt(2 tau weight). Its value has no weight",
    value=False)
add("Box", "Box", lambda p, c: p.Box(-0.5, 0.75), "of indicators the prox alone is compared", value=False)
add("NonNegative", "Box", lambda p, c: p.Box(lower=0.0), value=False)
add("ConjugateOf", "ProxOperator", lambda p, c: p.L1(0.5), "proxdual", dual=True)
add("ConjugateOf of a length", "ProxOperator", lambda p, c: p.Euclidean(2.0), "proxdual", dual=True)
add("L21", "VStack", lambda p, c: p.VStack([p.Euclidean(0.5)] * 3, nn=[8] * 3), "blocks are the groups: VStack of Euclidean")
add("SeparableSum", "VStack", lambda p, c: p.VStack([p.L1(0.5), p.Euclidean(2.0), p.L2(sigma=1.0)], nn=[8] * 3))
add("JointL1", "L21", lambda p, c: p.L21(3, 0.5))
add("NuclearNorm", "Nuclear", lambda p, c: p.Nuclear(c.dims, 0.5))
# lop stops at a duality gap of 1e-9 |x|; pyproximal is given iterations for as much.
add("TotalVariation", "TV", lambda p, c: p.TV(c.dims, 0.5, niter=20000, rtol=0.0), "", 1e-6)
add("TotalVariation of a line", "TV", lambda p, c: p.TV(c.dims, 0.5, niter=20000, rtol=0.0), "", 1e-6)

add("OntoBox", "Box", lambda p, c: p.Box(-0.5, 0.75))
add("OntoL2Ball", "EuclideanBall", lambda p, c: p.EuclideanBall(np.zeros_like(c.x), 2.0))
add("Around", "EuclideanBall", lambda p, c: p.EuclideanBall(c.center, 2.0))
# pyproximal finds thresholds by bisection, to xtol.
add("OntoL1Ball", "L1Ball", lambda p, c: p.L1Ball(c.x.size, 3.0, maxiter=200, xtol=1e-14), "", 1e-10)
add("OntoSimplex", "Simplex", lambda p, c: p.Simplex(c.x.size, 3.0, maxiter=200, xtol=1e-14), "", 1e-10)
add("OntoHyperplane", "AffineSet", lambda p, c: p.AffineSet(row(c.normal), np.array([c.offset]), niter=10),
    "an affine set of one row")
add("OntoHalfSpace", "HalfSpace", lambda p, c: p.HalfSpace(c.normal, c.offset))
add("OntoCardinality", "L0Ball", lambda p, c: p.L0Ball(5))
# pyproximal solves by SciPy's cg at its tolerance of 1e-5.
add("OntoAffine", "AffineSet", lambda p, c: p.AffineSet(matrix(c.A), c.b, niter=100), "pyproximal solves to 1e-5", 1e-4)
add("OntoIntersection", "GenericIntersectionProx",
    lambda p, c: p.GenericIntersectionProx(
        [lambda x: np.clip(x, -0.5, 0.75),
         lambda x: x + (2.5 - c.normal @ x) / (c.normal @ c.normal) * c.normal], niter=10000, tol=1e-14), "", 1e-10)


def matrix(m):
    import pylops

    return pylops.MatrixMult(m, dtype=m.dtype)


def row(normal):
    return matrix(normal[np.newaxis, :])
