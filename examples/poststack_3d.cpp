/// Post-stack inversion in three dimensions: the logarithm of impedance from stacked traces. Model and
/// data are scattered over the lines; only the regularisation looks over the ends of the parts.
// Run: mpirun -n 2 ./poststack_3d
// Run: ./poststack_3d
//
// More lines in y make it a job for more ranks: mpirun -n 64 ./poststack_3d 400
// A model of NumPy, [z x x] in km/s, takes the place of the layers: ./poststack_3d 10 model.npz
#include "argument.hpp"
#include <lop/algebra/blocks.hpp>
#include <lop/core/units.hpp>
#include <lop/io/npy.hpp>
#include <lop/io/picture.hpp>
#include <lop/operators/distributed.hpp>
#include <lop/operators/poststack.hpp>
#include <lop/seismic/wavelet.hpp>
#include <lop/solvers/admm.hpp>
#include <lop/solvers/cgls.hpp>

#include <algorithm>
#include <cmath>
#include <iostream>

using namespace lop;

namespace {

/// ln(impedance) over x and z, the same for every y.
struct Section {
    index_t nx, nz;
    std::vector<double> values;
    double at(index_t x, index_t z) const { return values[static_cast<std::size_t>(x * nz + z)]; }
};

/// Dipping layers, thrown by a fault.
Section layers() {
    Section section{100, 140, {}};
    for (index_t x = 0; x < section.nx; ++x)
        for (index_t z = 0; z < section.nz; ++z) {
            const double depth =
                static_cast<double>(z) - 0.15 * static_cast<double>(x) - (x > 60 ? 9.0 : 0.0);
            const double layer = std::floor((depth + 40) / 18);
            section.values.push_back(
                std::log(4e6 * (1 + 0.1 * layer + (static_cast<int>(layer) % 2 == 0 ? 0.08 : 0))));
        }
    return section;
}

/// Every third point of a model in km/s, with the density of Gardner's rule.
Section read_section(const char* path) {
    constexpr index_t every = 3;
    const auto model = io::read_npy<double>(path, "model");
    const auto [least, most] = std::minmax_element(model.values.begin(), model.values.end());
    if (model.extents.size() != 2 || model.values.empty() || !(*least > 0.1 && *most < 20))
        throw ArgumentError{
            std::string{"the model "} + path,
            {.expected = "velocities over z and x, from 0.1 to 20 km/s",
             .found = model.values.empty()
                          ? "none"
                          : counted(std::ssize(model.extents), "axis", "axes") + ", " +
                                number_words(*least) + " to " + number_words(*most)}};
    Section section{model.extents[1] / every, model.extents[0] / every, {}};
    for (index_t x = 0; x < section.nx; ++x)
        for (index_t z = 0; z < section.nz; ++z) {
            const auto at = static_cast<std::size_t>(z * every * model.extents[1] + x * every);
            const double v = 1000 * model.values[at];
            section.values.push_back(std::log(310 * std::pow(v, 1.25)));
        }
    return section;
}

/// The mean over x, smoothed along z: what is known before the inversion.
std::vector<double> trend_of(const Section& section) {
    constexpr index_t half = 15;
    std::vector<double> mean(static_cast<std::size_t>(section.nz), 0.0), smooth;
    for (index_t z = 0; z < section.nz; ++z)
        for (index_t x = 0; x < section.nx; ++x)
            mean[static_cast<std::size_t>(z)] += section.at(x, z) / static_cast<double>(section.nx);
    for (index_t z = 0; z < section.nz; ++z) {
        double sum = 0;
        for (index_t k = -half; k <= half; ++k)
            sum += mean[static_cast<std::size_t>(std::clamp<index_t>(z + k, 0, section.nz - 1))];
        smooth.push_back(sum / (2 * half + 1));
    }
    return smooth;
}

std::vector<double> sampled(const Wavelet& wavelet, double interval, index_t half) {
    std::vector<double> samples;
    for (index_t k = -half; k <= half; ++k)
        samples.push_back(wavelet(static_cast<double>(k) * interval));
    return samples;
}

}  // namespace

int main(int argc, char** argv) {
    const Session session{argc, argv};
    const auto world = session.world();
    const index_t lines = argument(argc, argv, "lines", 10);
    const Section section = argc > 2 ? read_section(argv[2]) : layers();
    const Shape shape{section.nx, lines, section.nz};
    const DistributedSpace<double> space{"ln impedance", shape, world,
                                         Partition::balanced(lines, world.size(), 1)};

    auto m = space.zeros();
    auto m0 = space.zeros();
    const auto trend = trend_of(section);
    for (index_t i = 0; i < m.size(); ++i) {
        const index_t at = m.layout()->global_index(i);
        m.data()[i] = section.at(at / (shape[1] * shape[2]), at % shape[2]);
        m0.data()[i] = trend[static_cast<std::size_t>(at % shape[2])];
    }

    const auto wavelet = sampled(ricker(20_Hz, 0), 4_ms, 20);
    const LinearOperator auto W = local(
        space, [&](const auto& part) { return PoststackModelling<double>{part.shape(), wavelet}; });
    const LinearOperator auto L = laplacian(space);
    const LinearOperator auto D = gradient(space);
    const DistributedArray<double> clean = W * m;
    const auto noise = W.range().random(7);
    const DistributedArray<double> d = clean + 0.5 * norm(clean) / norm(noise) * noise;

    const auto plain = cgls(W, d, m0, {.iterations = 30}).x;

    const LinearOperator auto WL = vstack(W, 0.5 * L);
    auto d0 = WL.range().zeros();
    d0.block<0>() = d;
    const auto smooth = cgls(WL, d0, m0, {.iterations = 50}).x;

    const auto blocky = admm(W, d, D, L1{0.006}, m0, {.iterations = 60, .penalty = 0.3}).x;

    const auto error = [&](const auto& x) { return norm(x - m) / norm(m0 - m); };
    const double errors[] = {error(plain), error(smooth), error(blocky)};
    const auto whole = gather(space, 0) * blocky;
    if (session.root()) {
        std::cout << "|m - true| / |m0 - true|: plain " << errors[0] << ", Laplacian " << errors[1]
                  << ", blocky " << errors[2] << '\n';
        std::vector<double> picture;
        for (index_t x = 0; x < shape[0]; ++x)
            for (index_t z = 0; z < shape[2]; ++z)
                picture.push_back(whole.data()[(x * shape[1] + shape[1] / 2) * shape[2] + z]);
        io::write_picture("poststack_3d.png", picture.data(), shape[0], shape[2],
                          {.title = "post-stack inversion, blocky",
                           .x = {.label = "trace"},
                           .z = {.step = 0.004, .label = "time", .unit = "s"},
                           .quantity = "ln impedance"});
    }
    return errors[2] < errors[1] && errors[1] < errors[0] ? 0 : 1;
}
