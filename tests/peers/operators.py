"""The counterparts of basic.cpp and transforms.cpp: PyLops' operators on the same shapes."""

import numpy as np
import pylops
import pylops.signalprocessing as signal

from registry import Registry

OPERATORS = Registry()
add = OPERATORS.add

KINDS = ("forward", "backward", "centered")


def indexing():
    for axis in range(3):
        at = f" axis {axis}"
        add("Restriction" + at, "Restriction",
            lambda c, axis=axis: pylops.Restriction(c.dims, [4, 0, 2], axis=axis))
        add("Flip" + at, "Flip", lambda c, axis=axis: pylops.Flip(c.dims, axis=axis))
        add("Roll" + at, "Roll", lambda c, axis=axis: pylops.Roll(c.dims, axis=axis, shift=-2))
        add("AxisSum" + at, "Sum", lambda c, axis=axis: pylops.Sum(c.dims, axis=axis))
        add("Symmetrize" + at, "Symmetrize", lambda c, axis=axis: pylops.Symmetrize(c.dims, axis=axis))
    add("Restriction repeated", "Restriction", lambda c: pylops.Restriction(c.dims, [3, 1, 3], axis=1))
    add("Restriction complex", "Restriction",
        lambda c: pylops.Restriction(c.dims, [7, 1], axis=-1, dtype="complex128"))
    add("Restriction masked", "Restriction",
        lambda c: pylops.Restriction(c.x.size, c.places.astype(int)),
        "the places of the mask, of the flattened array")
    add("Window", "Pad", lambda c: pylops.Pad(c.dimsd, ((1, 1), (0, 0), (3, 4))).H, "Window = Pad.H")
    add("Pad", "Pad", lambda c: pylops.Pad(c.dims, ((1, 0), (0, 2), (3, 1))))
    add("TransposeAxes", "Transpose", lambda c: pylops.Transpose(c.dims, (2, 0, 1)))
    add("Spread", "Sum", lambda c: pylops.Sum(c.dimsd, axis=1).H, "Spread = Sum.H")
    for name, peer in (("RealPart", "Real"), ("ImagPart", "Imag"), ("ConjugateValues", "Conj")):
        add(name, peer, lambda c, peer=peer: getattr(pylops, peer)(c.dims, dtype="complex128"))


def weights():
    add("Diagonal", "Diagonal", lambda c: pylops.Diagonal(c.weights))
    add("Diagonal complex", "Diagonal", lambda c: pylops.Diagonal(c.weights, dtype="complex128"))
    for axis in range(3):
        add(f"AxisDiagonal axis {axis}", "Diagonal",
            lambda c, axis=axis: pylops.Diagonal(c.weights, dims=c.dims, axis=axis))


def derivatives():
    first, second = pylops.FirstDerivative, pylops.SecondDerivative
    for kind in KINDS:
        for axis in range(3):
            add(f"FirstDerivative {kind} axis {axis}", "FirstDerivative",
                lambda c, kind=kind, axis=axis: first(c.dims, axis=axis, sampling=0.5, kind=kind))
            add(f"SecondDerivative {kind} axis {axis}", "SecondDerivative",
                lambda c, kind=kind, axis=axis: second(c.dims, axis=axis, sampling=0.5, kind=kind))
        add(f"Laplacian {kind}", "Laplacian",
            lambda c, kind=kind: pylops.Laplacian(c.dims, axes=(0, 2), weights=(2, -3),
                                                  sampling=(0.5, 0.25), kind=kind))
        add(f"Gradient {kind}", "Gradient",
            lambda c, kind=kind: pylops.Gradient(c.dims, sampling=(0.5, 1, 0.25), kind=kind))
    for axis in range(3):
        add(f"FirstDerivative edge axis {axis}", "FirstDerivative",
            lambda c, axis=axis: first(c.dims, axis=axis, edge=True))
        for edge in (False, True):
            add(f"FirstDerivative 5 points{' edge' if edge else ''} axis {axis}", "FirstDerivative",
                lambda c, axis=axis, edge=edge: first(c.dims, axis=axis, edge=edge, order=5))
        add(f"SecondDerivative edge axis {axis}", "SecondDerivative",
            lambda c, axis=axis: second(c.dims, axis=axis, edge=True))
    add("FirstDerivative complex", "FirstDerivative", lambda c: first(c.dims, dtype="complex128"))
    add("Laplacian edge", "Laplacian",
        lambda c: pylops.Laplacian(c.dims, axes=(0, 1, 2), weights=(1, 1, 1), sampling=(1, 1, 1),
                                   edge=True),
        "all axes here, the last two in PyLops unless named")
    add("Gradient edge", "Gradient", lambda c: pylops.Gradient(c.dims, edge=True))
    directional = pylops.FirstDirectionalDerivative
    add("FirstDirectionalDerivative", "FirstDirectionalDerivative",
        lambda c: directional(c.dims, c.direction, sampling=(0.5, 1, 0.25), kind="centered"))
    add("FirstDirectionalDerivative field", "FirstDirectionalDerivative",
        lambda c: directional(c.dims, c.direction, edge=True, kind="centered"))
    add("SecondDirectionalDerivative", "SecondDirectionalDerivative",
        lambda c: pylops.SecondDirectionalDerivative(c.dims, c.direction))


def integrals_and_averages():
    for kind in ("full", "half", "trapezoidal"):
        for axis in range(3):
            for removed, words in ((False, ""), (True, " without the first")):
                add(f"CausalIntegration {kind} axis {axis}{words}", "CausalIntegration",
                    lambda c, kind=kind, axis=axis, removed=removed: pylops.CausalIntegration(
                        c.dims, axis=axis, sampling=0.5, kind=kind, removefirst=removed))
    for axis in range(3):
        add(f"Smoothing1D axis {axis}", "Smoothing1D",
            lambda c, axis=axis: pylops.Smoothing1D(5, c.dims, axis=axis))
    add("Smoothing2D", "Smoothing2D", lambda c: pylops.Smoothing2D((3, 5), c.dims, axes=(0, 2)))
    add("Smoothing1D along all axes", "SmoothingND",
        lambda c: pylops.SmoothingND((3, 5, 7), c.dims, axes=(0, 1, 2)),
        "SmoothingND = the product of Smoothing1D along each axis")
    add("PolynomialRegression", "Regression", lambda c: pylops.Regression(c.places, 3))
    add("LinearRegression", "LinearRegression", lambda c: pylops.LinearRegression(c.places))


def algebra():
    def matrix(m):
        return pylops.MatrixMult(m, dtype=m.dtype)

    add("MatrixOperator", "MatrixMult", lambda c: matrix(c.A))
    add("MatrixOperator complex", "MatrixMult", lambda c: matrix(c.Z))
    add("MatrixOperator on columns", "MatrixMult", lambda c: pylops.MatrixMult(c.A, otherdims=(3,)),
        "otherdims = kron(M, Identity)")
    add("kron", "Kronecker", lambda c: pylops.Kronecker(matrix(c.A), matrix(c.C)))
    add("vstack", "VStack", lambda c: pylops.VStack([matrix(c.A), matrix(c.C)]))
    add("vstack of a list", "VStack", lambda c: pylops.VStack([matrix(c.A), matrix(c.B)]))
    add("vstack of a multiple", "RegularizedOperator",
        lambda c: pylops.optimization.cls_leastsquares.RegularizedOperator(matrix(c.A), [matrix(c.C)], [0.75]))
    add("hstack", "HStack", lambda c: pylops.HStack([matrix(c.A), matrix(c.D)]))
    add("block", "Block",
        lambda c: pylops.Block([[matrix(c.A), matrix(c.D)], [matrix(c.B), matrix(c.D)]]),
        "Block = vstack of hstacks")
    add("block_diagonal", "BlockDiag",
        lambda c: pylops.BlockDiag([matrix(c.A), matrix(c.C), matrix(c.D)]))
    add("Identity", "Identity", lambda c: pylops.Identity(c.x.size))
    add("Zero", "Zero", lambda c: pylops.Zero(c.y.size, c.x.size))
    add("product", "LinearOperator", lambda c: matrix(c.C) * matrix(c.S))
    add("sum", "LinearOperator", lambda c: matrix(c.A) + 2.5 * matrix(c.B) - matrix(c.A))
    add("adjoint", "LinearOperator", lambda c: matrix(c.A).H)
    add("pow", "LinearOperator", lambda c: matrix(c.S) ** 3)
    add("conj", "LinearOperator", lambda c: matrix(c.Z).conj())
    add("transpose", "LinearOperator", lambda c: matrix(c.Z).T)
    add("real", "LinearOperator", lambda c: 0.5 * (matrix(c.Z) + matrix(c.Z).conj()),
        "(A + conj(A)) / 2 on complex vectors; toreal() is its like on real ones")
    add("imag", "LinearOperator", lambda c: -0.5j * (matrix(c.Z) - matrix(c.Z).conj()),
        "(A - conj(A)) / 2i on complex vectors; toimag() is its like on real ones")
    add("make_operator", "FunctionOperator",
        lambda c: pylops.FunctionOperator(lambda x: 3 * x, lambda y: 3 * y, c.x.size, c.x.size))


def fourier():
    norms = {"ortho": "ortho", "none": "none", "by n": "1/n"}
    for name, norm in norms.items():
        add(f"FourierTransform {name}", "FFT",
            lambda c, norm=norm: signal.FFT(c.dims, axis=1, nfft=10, norm=norm, dtype="complex128"))
        add(f"RealFourierTransform {name}", "FFT",
            lambda c, norm=norm: signal.FFT(c.dims, axis=1, nfft=10, norm=norm, real=True))
    add("FourierTransform shifted", "FFT",
        lambda c: signal.FFT(c.dims, axis=2, norm="ortho", ifftshift_before=True,
                             fftshift_after=True, dtype="complex128"))
    add("FourierTransform two axes", "FFT2D",
        lambda c: signal.FFT2D(c.dims, axes=(0, 2), nffts=(8, 9), norm="ortho", fftshift_after=True,
                               dtype="complex128"))
    add("FourierTransform three axes", "FFTND",
        lambda c: signal.FFTND(c.dims, axes=(0, 1, 2), norm="ortho", dtype="complex128"))
    add("RealFourierTransform two axes", "FFT2D",
        lambda c: signal.FFT2D(c.dims, axes=(0, 2), nffts=(8, 9), norm="ortho", real=True))
    add("RealFourierTransform three axes", "FFTND",
        lambda c: signal.FFTND(c.dims, axes=(0, 1, 2), norm="ortho", real=True,
                               ifftshift_before=True, fftshift_after=(True, True, False)))


def convolutions():
    for length in (5, 6):
        for axis in range(3):
            add(f"Convolution1D of {length} axis {axis}", "Convolve1D",
                lambda c, axis=axis: signal.Convolve1D(c.dims, c.filter, offset=2, axis=axis))
    add("Convolution1D by Fourier", "Convolve1D",
        lambda c: signal.Convolve1D(c.dims, c.filter, offset=35))
    add("ConvolutionND two axes", "Convolve2D",
        lambda c: signal.Convolve2D(c.dims, c.filter, offset=(1, 2), axes=(0, 2)),
        "the offset is the filter's middle here, zero in PyLops unless given")
    add("ConvolutionND three axes", "ConvolveND",
        lambda c: signal.ConvolveND(c.dims, c.filter, offset=(0, 1, 3), axes=(0, 1, 2)))
    for axis in (1, 2):
        add(f"NonStationaryConvolution1D axis {axis}", "NonStationaryConvolve1D",
            lambda c, axis=axis: signal.NonStationaryConvolve1D(c.dims, c.filters, (1, 3, 5), axis=axis))


def interpolation():
    for name in ("nearest", "linear", "sinc"):
        note = "half_width = 0: the plain sinc of all samples" if name == "sinc" else ""
        for axis in range(3):
            add(f"Interpolation1D {name} axis {axis}", "Interp",
                lambda c, name=name, axis=axis: signal.Interp(
                    c.dims, c.positions, axis=axis, kind=name)[0], note)
    for axis in range(3):
        add(f"Interpolation1D spline axis {axis}", "InterpCubicSpline",
            lambda c, axis=axis: signal.InterpCubicSpline(c.dims, c.positions, axis=axis))
        add(f"Shift axis {axis}", "Shift",
            lambda c, axis=axis: signal.Shift(c.dims, 0.3, axis=axis, nfft=13, sampling=0.25,
                                              real=True, dtype="float64"))
    add("Bilinear", "Bilinear", lambda c: signal.Bilinear(np.array([c.first, c.second]), c.dims))
    add("Shift complex", "Shift", lambda c: signal.Shift(c.dims, 0.3, axis=1, dtype="complex128"))
    add("Shift of every line", "Shift",
        lambda c: signal.Shift(c.dims, c.shifts.reshape(c.dims[:-1]), axis=-1, real=True,
                               dtype="float64"))


def filters():
    def filtered(c):
        transform = signal.FFT(c.dims, axis=1, nfft=15, norm="ortho", real=True)
        return transform.H * pylops.Diagonal(c.response, dims=transform.dimsd, axis=1,
                                             dtype="complex128") * transform

    for name in ("FrequencyFilter", "BandPass"):
        add(name, ("FFT", "Diagonal"), filtered, "FFT.H * Diagonal(response) * FFT")
    add("TimeGain", "Diagonal",
        lambda c: pylops.Diagonal((0.25 + 0.5 * np.arange(c.dims[1])) ** 1.5, dims=c.dims, axis=1))


for group in (indexing, weights, derivatives, integrals_and_averages, algebra, fourier, convolutions,
              interpolation, filters):
    group()
