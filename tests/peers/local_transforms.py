"""The counterparts of transforms.cpp that take more than a line: wavelets, windows, Radon, seismic."""

import numpy as np
import pylops
import pylops.avo
import pylops.signalprocessing as signal
import pylops.waveeqprocessing as waveeq

from operators import OPERATORS

add = OPERATORS.add


def realigned(dims, axes, levels, shift):
    """Where the coefficients of PyLops' wavelet transform lie in lop's, as a permutation.

    PyWavelets starts its filter of L values L/2 - 1 samples before lop does, at every level, on lines
    taken as periodic. The starts add up to (2^levels - 1)(L/2 - 1) samples, by which the input is
    rolled; and the bands of level j lag behind by (2^(levels - j) - 1)(L/2 - 1) of their samples.
    """
    places = np.arange(np.prod(dims)).reshape(dims)
    rolled = places.copy()
    for level in range(1, levels + 1):
        by = (2 ** (levels - level) - 1) * shift
        for band in range(1, 2 ** len(axes)):
            box = [slice(None)] * len(dims)
            for i, axis in enumerate(axes):
                n = dims[axis] >> level
                box[axis] = slice(n, 2 * n) if band >> i & 1 else slice(0, n)
            box = tuple(box)
            rolled[box] = np.roll(places[box], [by] * len(axes), axis=axes)
    return pylops.Restriction(places.size, rolled.ravel())


def wavelet(transform, wavelet_name, axes, levels):
    def build(c):
        import pywt

        shift = pywt.Wavelet(wavelet_name).dec_len // 2 - 1
        op = transform(c.dims, axes, wavelet_name, levels)
        for axis in axes:
            op = op * pylops.Roll(c.dims, axis=axis, shift=-(2**levels - 1) * shift)
        return realigned(c.dims, axes, levels, shift) * op

    return build


def wavelets():
    note = "PyWavelets' periodised filters start L/2 - 1 samples earlier at each level: rolled back"

    def one(dims, axes, name, levels):
        return signal.DWT(dims, axis=axes[0], wavelet=name, level=levels)

    def two(dims, axes, name, levels):
        return signal.DWT2D(dims, axes=axes, wavelet=name, level=levels)

    def three(dims, axes, name, levels):
        return signal.DWTND(dims, axes=axes, wavelet=name, level=levels)

    for name, levels in (("haar", 3), ("db2", 2), ("db4", 1), ("db5", 3), ("sym5", 2)):
        # PyWavelets' tables of symlets are good to 1e-12 of their values.
        add("WaveletTransform " + name, "DWT", wavelet(one, name, (1,), levels), note,
            1e-11 if name.startswith("sym") else 0)
    add("WaveletTransform two axes", "DWT2D", wavelet(two, "db3", (0, 1), 2), note)
    add("WaveletTransform three axes", "DWTND", wavelet(three, "db2", (0, 1, 2), 2), note)


def windows():
    tapers = {"none": None, "hann": "hanning", "root hann": "cosinesqrt"}
    note = "over an identity on one window; PyLops' cosinesqrt is the root of its hanning"

    def sliding(name, peer, taper, size, overlap):
        def build(c):
            number = len(size)
            window = c.dims[number:]
            dims = tuple(n * s for n, s in zip(c.dims, size)) + window[number:]
            arguments = {"nop": window} if number > 1 else {}
            one = slice(None) if number > 1 else 0
            return getattr(signal, peer)(pylops.Identity(int(np.prod(window))), dims, c.dimsd,
                                         size[one], overlap[one], tapertype=tapers[taper],
                                         **arguments)

        add(f"SlidingWindows {taper} {name}", peer, build, note)

    for taper in tapers:
        sliding("of a line", "Sliding1D", taper, (8,), (3,))
        sliding("along one axis of two", "Sliding2D", taper, (8,), (3,))
        sliding("along two axes", "Patch2D", taper, (8, 10), (3, 4))
        sliding("along two axes of three", "Sliding3D", taper, (8, 10), (3, 4))
        sliding("along three axes", "Patch3D", taper, (8, 10, 6), (3, 4, 2))


def seismic():
    def radon(kind, unitless):
        def build(c):
            dt = c.interval
            dh = abs(c.offsets[1] - c.offsets[0])
            times = dt * np.arange(c.x.shape[1])
            return signal.Radon2D(times, c.offsets, unitless(c.parameters, dh, dt), kind=kind,
                                  centeredh=False)

        return build

    add("Radon linear", "Radon2D", radon("linear", lambda p, dh, dt: p))
    add("Radon parabolic", "Radon2D", radon("parabolic", lambda p, dh, dt: p * dh),
        "PyLops' p is p dh here, dh the first interval of the offsets")
    add("Radon hyperbolic", "Radon2D", radon("hyperbolic", lambda v, dh, dt: v * dt**2 / dh**2),
        "PyLops' p is v dt^2 / dh^2 here")

    for name in ("Fredholm1", "Fredholm1 complex"):
        add(name, "Fredholm1",
            lambda c: signal.Fredholm1(c.kernel, nz=c.dims[2], saveGt=False, dtype=c.kernel.dtype))
    add("MultiDimensionalConvolution", "MDC",
        lambda c: waveeq.MDC(c.kernel, nt=10, nv=2, dt=0.004, dr=10.0, twosided=False))
    add("MultiDimensionalConvolution two sided", "MDC",
        lambda c: waveeq.MDC(c.kernel, nt=9, nv=2, twosided=True, prescaled=True))
    for kind in ("centered", "forward"):
        add("PoststackModelling " + kind, "PoststackLinearModelling",
            lambda c, kind=kind: 0.5 * pylops.avo.PoststackLinearModelling(
                c.wavelet, c.dims[0], spatdims=c.dims[1:], kind=kind),
            "lop's D is half the derivative, the reflectivity of small contrasts: half of PyLops'")


for group in (wavelets, windows, seismic):
    group()
