"""Devito on the rows of one shot (one_shot.py): by the solver and the operators of its own seismic examples."""

import devito
import numpy as np
from devito import (ConditionalDimension, DefaultDimension, Eq, Function, Inc, Operator, TimeFunction, cos, sin)
from examples.seismic import AcquisitionGeometry, SeismicModel
from examples.seismic.acoustic import AcousticWaveSolver
from examples.seismic.acoustic.operators import iso_stencil

import one_shot
from one_shot import CELL, DT, SPACING


class Shot:
    """Lengths in m, times in ms, velocities in km/s, as those examples have them. The layers are their damping, and all
    arrays are made beforehand and used again, which spares Devito the first touch of what it saves."""

    def __init__(self, setup):
        n = setup.points
        self.setup = setup
        self.model = SeismicModel(origin=(0, 0), spacing=(SPACING, SPACING), shape=(n, n), space_order=setup.order,
                                  vp=setup.velocity() / 1000, nbl=setup.layers, bcs="damp", dt=1000 * DT)
        along = SPACING * np.arange(n)
        spread = np.stack([along, np.full(n, SPACING * one_shot.RECEIVER_DEPTH)], axis=1)
        source = np.array([[SPACING * setup.middle, SPACING * one_shot.SOURCE_DEPTH]])
        end = 1000 * DT * (setup.steps - 1.5)  # rounded up to a step
        geometry = AcquisitionGeometry(self.model, spread, source, t0=0, tn=end, f0=one_shot.PEAK / 1000,
                                       src_type="Ricker")
        assert geometry.nt == setup.steps and np.isclose(self.model.critical_dt, 1000 * DT)
        self.solver = AcousticWaveSolver(self.model, geometry, space_order=setup.order)
        self.source, self.records = geometry.src, geometry.rec
        self.source.data[:, 0] = setup.wavelet()

    def field(self, name, **kwargs):
        return TimeFunction(name=name, grid=self.model.grid, time_order=2, space_order=self.setup.order, **kwargs)

    def inside(self, values):
        cells = self.setup.layers
        return values[..., cells:-cells, cells:-cells] if cells else values

    def around(self, name, values):
        """A function of the model's values, zero in the layers."""
        function = Function(name=name, grid=self.model.grid, space_order=0)
        self.inside(function.data)[:] = values
        return function

    def record(self):
        return np.array(self.records.data).T / CELL

    def forward(self):
        u = self.field("u")

        def work():
            u.data[:] = 0
            self.solver.forward(src=self.source, rec=self.records, u=u, **self.times())

        return work, self.record

    def born(self):
        # In s2/m2 there, ms2/m2 = s2/km2 here.
        dm = self.around("dm", 1e6 * self.setup.perturbation())
        u, U = self.field("u"), self.field("U")

        def work():
            u.data[:] = 0
            U.data[:] = 0
            self.solver.jacobian(dm, src=self.source, rec=self.records, u=u, U=U, **self.times())

        return work, self.record

    def gradient(self):
        """The forward run that keeps every step, and the adjoint that images u v_tt."""
        grad = Function(name="grad", grid=self.model.grid)
        data = self.solver.geometry.new_rec(name="rec")
        data.data[:] = self.setup.data().T
        u, v = self.field("u", save=self.setup.steps), self.field("v")

        def work():
            grad.data[:] = 0
            v.data[:] = 0
            self.solver.forward(src=self.source, rec=self.records, u=u, save=True)
            self.solver.jacobian_adjoint(data, u, v=v, grad=grad)

        # m in s2/m2 there, s2/km2 here.
        return work, lambda: 1e6 * self.inside(np.array(grad.data)) / CELL

    def times(self):
        """As many steps as lop takes; where every step is saved there is no room for the last one's result."""
        return {"dt": 1000 * DT, "time_m": 1, "time_M": self.setup.steps - 1}

    def combed(self):
        """A time axis of every k-th step."""
        return ConditionalDimension("t_comb", parent=self.model.grid.time_dim, factor=self.setup.every)

    def gradient_on_comb(self):
        """The same with every k-th step kept and imaged."""
        s, time = self.setup, self.model.grid.time_dim
        comb = self.combed()
        u, v = self.field("u"), self.field("v")
        kept = self.field("kept", save=(s.steps + s.every - 1) // s.every, time_dim=comb)
        grad = Function(name="grad", grid=self.model.grid)
        data = self.solver.geometry.new_rec(name="data")
        data.data[:] = s.data().T
        m, dt = self.model.m, self.model.grid.stepping_dim.spacing
        forward = Operator(iso_stencil(u, self.model, "OT2")
                           + self.source.inject(field=u.forward, expr=self.source * dt**2 / m)
                           + self.records.interpolate(expr=u) + [Eq(kept, u)],
                           subs=self.model.spacing_map, name="ForwardComb")
        adjoint = Operator(iso_stencil(v, self.model, "OT2", forward=False)
                           + data.inject(field=v.backward, expr=data * dt**2 / m)
                           + [Inc(grad, -s.every * kept * v.dt2)],
                           subs=self.model.spacing_map, name="GradientComb")

        def work():
            for function in (u, v, grad):
                function.data[:] = 0
            forward.apply(**self.times(), **self.model.physical_params())
            adjoint.apply(**self.times(), **self.model.physical_params())

        return work, lambda: 1e6 * self.inside(np.array(grad.data)) / CELL

    def spectra(self, row):
        """Running sums for each frequency in the time loop."""
        s, grid = self.setup, self.model.grid
        values = one_shot.frequencies(row) / 1000  # 1/ms
        f = DefaultDimension(name="f", default_value=len(values))
        table = Function(name="table", dimensions=(f,), shape=values.shape)
        table.data[:] = 2 * np.pi * values
        shape = (len(values),) + grid.shape
        re, im = (Function(name=name, dimensions=(f,) + grid.dimensions, shape=shape) for name in ("re", "im"))
        u = self.field("u")
        m, dt = self.model.m, grid.stepping_dim.spacing
        step, condition = grid.time_dim, {}
        if s.every > 1:
            step, condition = s.every * self.combed(), {"implicit_dims": [self.combed()]}
        phase = table * step * dt
        sums = [Inc(re, s.every * cos(phase) * u, **condition), Inc(im, -s.every * sin(phase) * u, **condition)]
        operator = Operator(iso_stencil(u, self.model, "OT2")
                            + self.source.inject(field=u.forward, expr=self.source * dt**2 / m)
                            + self.records.interpolate(expr=u) + sums,
                            subs=self.model.spacing_map, name="ForwardDft")

        def work():
            for function in (u, re, im):
                function.data[:] = 0
            operator.apply(**self.times(), **self.model.physical_params())

        return work, lambda: DT / CELL * np.stack([self.inside(np.array(x.data)) for x in (re, im)], axis=1)

    def row(self, name):
        if name.startswith("shot2d_dft"):
            return self.spectra(name)
        if name == "shot2d_gradient" and self.setup.every > 1:
            return self.gradient_on_comb()
        return getattr(self, name.removeprefix("shot2d_"))()


def measure(row, order, options):
    setup = one_shot.Setup(order, options)
    work, result = Shot(setup).row(row)
    one_shot.report("devito", row, setup, options, work, result, version=devito.__version__)
