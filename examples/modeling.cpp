/// Shot records over the built-in section, written as SEG-Y beside a smooth background model.
// Run: mpirun -n 2 ./modeling
#include <lop/operators/wave/modeling.hpp>

#include <lop/core/units.hpp>
#include <lop/io/models.hpp>
#include <lop/io/records.hpp>
#include <lop/seismic/wavelet.hpp>

#include <iostream>

using namespace lop;

int main(int argc, char** argv) {
    const Session session{argc, argv};

    const Grid grid{Shape{201, 101}, {12.5, 12.5}};
    const auto m = Model<float>::from_velocity(grid, synthetic_velocity(grid));

    const TimeAxis time{.samples = 401, .interval = 4_ms};
    const auto shots = line_of_points({100, 0, 12.5}, {2400, 0, 12.5}, 8);
    const auto spread = line_of_points({0, 0, 25}, {2500, 0, 25}, 101);
    const Geometry sources = shots_at(shots, time);
    const Geometry receivers = fixed_spread(spread, sources.shot_count(), time);
    const auto wavelet = ricker(12_Hz);
    const auto q = point_sources(sources, wavelet);

    const LinearOperator auto Ps = Projection{sources};
    const LinearOperator auto Pr = Projection{receivers};
    const LinearOperator auto F = Propagator{
        Acoustic{m},
        {.space_order = 8, .boundary = Pml{.cells = 20}, .max_frequency = wavelet.max_frequency}};
    const LinearOperator auto M = Pr * F * Ps.H();

    const ShotRecords d{sources, receivers, M * q};
    io::write_segy("line.segy", d);
    io::write_model("background.h5", m.smoothed(60_m, 200_m));

    const double size = norm(d);
    if (session.root())
        std::cout << M.describe() << "\nline.segy: " << sources.shot_count()
                  << " shots, |d| = " << size << "\nbackground.h5: " << grid.str() << '\n';
}
