"""deepwave on the rows of one shot of lop's benchmarks (one_shot.py), in single precision, on the processor.

Usage: peers_deepwave.py [--rows shot2d_forward,shot2d_gradient,shot2d_born] [--orders 2,4,6,8] [--grid N] [--steps N]
                         [--layers N] [--repeat N] [--every N] [--output FILE]
Threads by OMP_NUM_THREADS; since 0.1 they share a shot. The gradient is autograd's, with every N-th step kept. Prints one
JSON object a row.
"""

import os
from importlib.metadata import version

import deepwave
import torch

import one_shot
from one_shot import CELL, DT, PEAK, SPACING

ROWS = ("shot2d_forward", "shot2d_gradient", "shot2d_born")


class Shot:
    def __init__(self, setup):
        n = setup.points
        self.setup = setup
        self.v = torch.from_numpy(setup.velocity().copy())
        self.spread = torch.stack([torch.arange(n), torch.full((n,), one_shot.RECEIVER_DEPTH)], dim=1)[None]
        self.arguments = {  # lap u - u_tt / v^2 = the source
            "source_amplitudes": -torch.from_numpy(setup.wavelet())[None, None],
            "source_locations": torch.tensor([[[setup.middle, one_shot.SOURCE_DEPTH]]]),
            "accuracy": setup.order, "pml_width": setup.layers, "pml_freq": PEAK,
        }
        self.out = None

    def records(self, v, **kwargs):
        return deepwave.scalar(v, SPACING, DT, receiver_locations=self.spread, **self.arguments, **kwargs)[-1]

    def record(self):
        return self.out[0].numpy() / CELL

    def forward(self):
        def work():
            with torch.no_grad():
                self.out = self.records(self.v)

        return work, self.record

    def born(self):
        # The scattering potential is the change of velocity: dm = -2 dv / v^3.
        dv = -0.5 * torch.from_numpy(self.setup.perturbation()) * self.v**3

        def work():
            with torch.no_grad():
                self.out = deepwave.scalar_born(self.v, SPACING, DT, dv=dv, sc_receiver_locations=self.spread,
                                                **self.arguments)[-1]

        return work, self.record

    def gradient(self):
        v = self.v.clone().requires_grad_()
        data = torch.from_numpy(self.setup.data())[None]

        def work():
            v.grad = None
            self.records(v, model_gradient_sampling_interval=self.setup.every).backward(data)

        def image():
            return (-0.5 * v.grad * self.v**3).numpy() / CELL

        return work, image


def measure(row, order, options):
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    setup = one_shot.Setup(order, options)
    work, result = getattr(Shot(setup), row.removeprefix("shot2d_"))()
    one_shot.report("deepwave", row, setup, options, work, result, version=version("deepwave"),
                    torch=torch.__version__)


def main():
    options = one_shot.parse(__doc__, ROWS)
    for row in options.rows.split(","):
        for order in map(int, options.orders.split(",")):
            measure(row, order, options)


if __name__ == "__main__":
    main()
