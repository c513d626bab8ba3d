/// Reverse-time migration: the adjoint of Born modelling applied to the data that M misses.
// Needs: modeling, which writes line.segy and background.h5
// Run: mpirun -n 2 ./rtm
#include <lop/core/units.hpp>
#include <lop/io/models.hpp>
#include <lop/io/picture.hpp>
#include <lop/io/records.hpp>
#include <lop/operators/wave/modeling.hpp>
#include <lop/operators/weighting.hpp>
#include <lop/seismic/wavelet.hpp>
#include <lop/testing/dot_test.hpp>

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
    const LinearOperator auto F =
        Propagator{Acoustic{m0}, {.max_frequency = wavelet.max_frequency}};
    const LinearOperator auto M = Pr * F * Ps.H();
    const LinearOperator auto J = jacobian(M, q);

    // Nothing is trusted: the pair that migrates is dot-tested first, in single precision.
    const TestReport proof = dot_test(J);
    const LinearOperator auto Ml = DataMute{d.geometry()};
    const LinearOperator auto Mr = TopMute{m0.grid(), 200_m};
    const auto rtm = Mr * J.H() * Ml * (d - M * q);

    if (session.root()) {
        std::cout << proof << '\n';
        const Grid& grid = m0.grid();
        io::write_picture("rtm.png", rtm.data(), grid.shape()[0], grid.shape()[1],
                          {.title = "reverse-time migration",
                           .x = {.step = grid.spacing(0), .label = "distance", .unit = "m"},
                           .z = {.step = grid.spacing(1), .label = "depth", .unit = "m"},
                           .colors = io::ColorMap::grey,
                           .percentile = 98});
        std::cout << "rtm.png\n";
    }
    return proof ? 0 : 1;
}
