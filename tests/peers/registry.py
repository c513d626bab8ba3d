"""What is compared: the counterpart of each case, under the name that the C++ program gave it."""

from dataclasses import dataclass
from typing import Any, Callable

import numpy as np


class Case:
    """The arrays and numbers of one case as attributes; arrays with the mark `complex` are joined to complex numbers."""

    def __init__(self, group):
        for key, number in group.attrs.items():
            setattr(self, key, float(number))
        for key, dataset in group.items():
            values = dataset[()]
            if "complex" in dataset.attrs:
                values = np.ascontiguousarray(values).view(np.complex128)[..., 0]
            setattr(self, key, values)

    @property
    def dims(self):
        return self.x.shape

    @property
    def dimsd(self):
        return self.y.shape


@dataclass
class Counterpart:
    names: tuple  # of PyLops (or "scipy.", "pyproximal." names), by which docs/pylops.md lists them
    build: Callable[[Case], Any]
    note: str = ""  # how the two conventions map onto each other
    tolerance: float = 0  # 0: that of its kind


class Registry(dict):
    """Counterparts by the name of the case."""

    def add(self, case, names, build, note="", tolerance=0):
        assert case not in self, f"{case} is registered twice"
        names = (names,) if isinstance(names, str) else tuple(names)
        self[case] = Counterpart(names, build, note, tolerance)


def relative_error(found, expected):
    """The largest difference over the largest magnitude of what the peer computes."""
    found = np.asarray(found).ravel()
    expected = np.asarray(expected).ravel()
    if found.shape != expected.shape:
        return np.inf
    scale = np.max(np.abs(expected), initial=0)
    return np.max(np.abs(found - expected), initial=0) / (scale if scale > 0 else 1)
