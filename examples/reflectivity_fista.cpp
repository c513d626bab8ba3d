/// Reflectivity from traces by sparsity: min 1/2 |W r - d|^2 + lambda |r|_1 by FISTA, traces scattered.
// Run: mpirun -n 2 ./reflectivity_fista
//
// More traces make it a job for more ranks: mpirun -n 64 ./reflectivity_fista 100000
#include "argument.hpp"
#include <lop/core/units.hpp>
#include <lop/operators/distributed.hpp>
#include <lop/seismic/wavelet.hpp>
#include <lop/solvers/cgls.hpp>
#include <lop/solvers/norms.hpp>
#include <lop/solvers/proximal_gradient.hpp>

#include <cmath>
#include <iostream>

using namespace lop;

int main(int argc, char** argv) {
    const Session session{argc, argv};
    const auto world = session.world();
    const index_t traces = argument(argc, argv, "traces", 60);
    const Shape shape{traces, 400};  // samples of 4 ms
    const DistributedSpace<double> space{"reflectivity", shape, world,
                                         Partition::balanced(shape[0], world.size())};

    // One sample in twenty-five reflects, each with a strength of its own.
    auto r = space.random(1);
    const auto chance = space.random(2);
    for (index_t i = 0; i < r.size(); ++i)
        if (std::abs(chance.data()[i]) < 2.05) r.data()[i] = 0;

    std::vector<double> wavelet;
    for (int k = -15; k <= 15; ++k) wavelet.push_back(ricker(30_Hz, 0)(k * 4_ms));
    const LinearOperator auto W = convolution_1d(space, wavelet, {.offset = 15});
    const auto noise = space.random(3);
    const DistributedArray<double> d = W * r + 0.05 * noise;

    const double lambda = 0.1 * norm_inf(W.H() * d) / 3;
    const auto sparse = fista(W, d, L1{lambda}, {.iterations = 200});
    const auto least = cgls(W, d, {.iterations = 200});

    const auto error = [&](const auto& x) { return norm(x - r) / norm(r); };
    const double errors[] = {error(sparse.x), error(least.x)};
    if (session.root())
        std::cout << "|r - true| / |true|: sparse " << errors[0] << ", least squares " << errors[1]
                  << '\n';
    return errors[0] < 0.7 * errors[1] ? 0 : 1;
}
