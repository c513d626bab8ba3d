/// Least-squares reverse-time migration of a line: min | Ml J Mr x - Ml (d - M q) |.
// Needs: modeling, which writes line.segy and background.h5
// Run: mpirun -n 2 ./lsrtm
#include <lop/core/units.hpp>
#include <lop/io/models.hpp>
#include <lop/io/picture.hpp>
#include <lop/io/records.hpp>
#include <lop/operators/wave/modeling.hpp>
#include <lop/operators/weighting.hpp>
#include <lop/seismic/wavelet.hpp>
#include <lop/solvers/lsqr.hpp>

#include <iostream>

using namespace lop;

int main(int argc, char** argv) {
    const Session session{argc, argv};
    const auto d = io::open_segy("line.segy", io::Distribute::by_shot);
    const auto m0 = io::read_model("background.h5");
    const auto wavelet = ricker(12_Hz);
    const auto q = point_sources(d.sources(), wavelet);

    const LinearOperator auto Ps = Projection{d.sources()};
    const LinearOperator auto Pr = Projection{d.receivers()};
    const LinearOperator auto F = Propagator{
        Acoustic{m0},
        {.space_order = 8, .boundary = Pml{.cells = 20}, .max_frequency = wavelet.max_frequency}};
    const LinearOperator auto M = Pr * F * Ps.H();
    const LinearOperator auto J = jacobian(M, q);

    const LinearOperator auto Ml = DataMute{d.geometry()};
    const LinearOperator auto Mr = TopMute{m0.grid(), 200_m} * DepthScaling{m0.grid()};
    const LinearOperator auto A = Ml * J * Mr;
    const auto b = Ml * (d - M * q);

    const auto solution = lsqr(A, b, {.iterations = 10, .progress = true});
    const auto image = Mr * solution.x;

    if (session.root()) {
        for (const Iteration& i : solution.history)
            std::cout << i.number << "  |r|/|b| = " << i.residual / solution.history[0].residual
                      << '\n';
        const Grid& grid = m0.grid();
        io::write_picture("lsrtm.png", image.data(), grid.shape()[0], grid.shape()[1],
                          {.title = "least-squares reverse-time migration",
                           .x = {.step = grid.spacing(0), .label = "distance", .unit = "m"},
                           .z = {.step = grid.spacing(1), .label = "depth", .unit = "m"},
                           .colors = io::ColorMap::grey,
                           .percentile = 98});
    }
    return solution.last().residual < 0.5 * solution.history[0].residual ? 0 : 1;
}
