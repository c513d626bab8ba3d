"""The counterparts of gathers.cpp: angle gathers, reflection, chirp Radon transforms, curvelets, diffractions."""

import numpy as np
import pylops
import pylops.avo
import pylops.signalprocessing as signal
import pylops.waveeqprocessing as waves
from pylops.avo.avo import zoeppritz_element, zoeppritz_pp, zoeppritz_scattering
from pylops.signalprocessing._chirpradon2d import _chirp_radon_2d
from pylops.signalprocessing._chirpradon3d import _chirp_radon_3d

from operators import OPERATORS

add = OPERATORS.add


def angles():
    functions = {"aki richards": ("akirich", "akirichards"), "fatti": ("fatti", "fatti")}
    note = "angles in degrees in PyLops, radians here"
    for name, (peer, function) in functions.items():
        for words in ("", " changing ratio"):
            add(f"AvoModelling {name}{words}", ("AVOLinearModelling", function),
                lambda c, peer=peer: pylops.avo.AVOLinearModelling(
                    c.degrees, c.ratio, nt0=c.dims[0], spatdims=c.dims[2:], linearization=peer), note)
        for kind in ("centered", "forward"):
            add(f"PrestackModelling {name} {kind}", "PrestackLinearModelling",
                lambda c, peer=peer, kind=kind: pylops.avo.PrestackLinearModelling(
                    c.wavelet, c.degrees, c.ratio, nt0=c.dims[0], spatdims=c.dims[2:],
                    linearization=peer, kind=kind), note)


def scattering():
    """The matrix, of which two functions give elements."""

    def build(c):
        media = (*c.upper, *c.lower)
        matrix = np.squeeze(zoeppritz_scattering(*media, c.degrees))
        elements = {"PdPu": (0, 0), "PdSu": (1, 0)}
        for element, place in elements.items():
            assert np.isclose(np.squeeze(zoeppritz_element(*media, c.degrees, element)), matrix[place])
        assert np.isclose(np.squeeze(zoeppritz_pp(*media, c.degrees)), matrix[0, 0])
        return pylops.MatrixMult(matrix.astype("complex128"), dtype="complex128")

    for angle in range(5):
        add(f"zoeppritz angle {angle}", ("zoeppritz_scattering", "zoeppritz_element", "zoeppritz_pp"), build)


class Pair(pylops.LinearOperator):
    """A linear map and its transpose, given as functions of arrays."""

    def __init__(self, dims, dimsd, forward, adjoint):
        super().__init__(dtype="float64", dims=dims, dimsd=dimsd)
        self.functions = forward, adjoint

    def _matvec(self, x):
        return self.functions[0](x.reshape(self.dims)).ravel()

    def _rmatvec(self, x):
        return self.functions[1](x.reshape(self.dimsd)).ravel()


def chirps():
    note = "PyLops' forward is the slant stack, here the adjoint; its axes start half a place earlier for odd numbers"
    inverse = "PyLops' inverse method is the adjoint of the one here, which inverts the map in the other direction"

    def plane(c):
        """PyLops' operator on axes of these steps."""
        n, samples = c.dims
        op = signal.ChirpRadon2D(c.interval * np.arange(samples), c.dx * np.arange(n),
                                 c.dp * c.dx * n / (2 * c.interval))
        return lambda mode, x: _chirp_radon_2d(x, op.dt, op.dh, op.pmax, mode=mode)

    def volume(c):
        ny, nx, samples = c.dims
        dy, dx, dq, dp = c.steps
        # The first of PyLops' largest slopes works along x, the second along y.
        op = signal.ChirpRadon3D(c.interval * np.arange(samples), dy * np.arange(ny), dx * np.arange(nx),
                                 (dp * dx * nx / (2 * c.interval), dq * dy * ny / (2 * c.interval)))
        return lambda mode, x: _chirp_radon_3d(x, op.dt, op.dy, op.dx, op.pmax, mode=mode)

    def transform(run):
        def build(c):
            apply = run(c)
            return Pair(c.dims, c.dimsd, lambda x: apply("a", x), lambda y: apply("f", y))

        return build

    def inversion(run):
        """The method, and its transpose from its matrix."""

        def build(c):
            apply = run(c)
            unit = np.eye(int(np.prod(c.dims)))
            matrix = np.stack([apply("i", e.reshape(c.dims)).ravel() for e in unit])
            return pylops.MatrixMult(matrix)

        return build

    for size in ("8 x 15", "7 x 12"):
        add(f"ChirpRadon2D {size}", "ChirpRadon2D", transform(plane), note)
        add(f"ApproximateInverseChirpRadon2D {size}", "ChirpRadon2D", inversion(plane), inverse)
        add(f"ChirpRadon3D {size}", "ChirpRadon3D", transform(volume), note)
        add(f"ApproximateInverseChirpRadon3D {size}", "ChirpRadon3D", inversion(volume), inverse)


def curvelets():
    """PyLops keeps the other side of a real array's spectrum, and counts wedges from the other end."""

    def build_with(options):
        def build(c):
            import curvelets  # noqa: F401  (PyLops' own dependency: the row is skipped without it)

            # Without a threshold, so that the windows are those of the formula.
            arguments = {"window_overlap": 1 / 16, "window_threshold": 1e-300} | options
            transform = signal.UDCT(c.dims, **arguments).transform

            def forward(x):
                bands = [wedge for scale in transform.forward(x) for axis in scale for wedge in reversed(axis)]
                return np.conj(np.concatenate([band.ravel() for band in bands]))

            def adjoint(y):
                shapes = transform.coefficient_shapes()
                rest = np.conj(y)
                coefficients = []
                for scale in shapes:
                    coefficients.append([])
                    for axis in scale:
                        wedges = []
                        for shape in reversed(axis):
                            size = int(np.prod(shape))
                            wedges.insert(0, rest[:size].reshape(shape))
                            rest = rest[size:]
                        coefficients[-1].append(wedges)
                return transform.backward(coefficients)

            return Pair(c.dims, c.dimsd, forward, adjoint)

        return build

    note = "the conjugates: PyLops keeps the other side of the spectrum, and counts wedges from the other end"
    three = {"num_scales": 3, "wedges_per_direction": 3}
    for name, options in {
            "image": three,
            "image four scales": {"num_scales": 4, "wedges_per_direction": 3},
            "volume": three}.items():
        add(f"CurveletTransform {name}", "UDCT", build_with(options), note)


def diffractions():
    """PyLops has its axes in the order y, x, z, and its tables with the points last."""

    def build(c, z, x, sources, receivers, **arguments):
        t = c.interval * np.arange(c.dimsd[-1])
        return waves.Kirchhoff(z, x, t, sources, receivers, c.velocity, c.wavelet, int(c.center), engine="numpy",
                               **arguments)

    def rays(c):
        if len(c.dims) == 2:
            return build(c, c.axis1, c.axis0, c.sources, c.receivers, mode="analytic")
        return build(c, c.axis2, c.axis1, c.sources, c.receivers, y=c.axis0, mode="analytic")

    def tables(c):
        places = [np.zeros((2, len(table))) for table in (c.sources, c.receivers)]
        times = tuple(table.reshape(len(table), -1).T for table in (c.sources, c.receivers))
        return build(c, np.arange(c.dims[1]), np.arange(c.dims[0]), *places, mode="byot", trav=times)

    note = "PyLops has y before x, its tables have the points last, and it drops what falls on the last sample"
    add("Kirchhoff plane", "Kirchhoff", rays, note)
    add("Kirchhoff volume", "Kirchhoff", rays, note)
    add("Kirchhoff tables", "Kirchhoff", tables, note)


angles()
scattering()
chirps()
curvelets()
diffractions()
