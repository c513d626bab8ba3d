/// Times operators over ranks, the rows of peers_mpi.py: one JSON line per row.
///
/// Usage: mpirun -n 2 ./bench_distributed [--filter WORDS] [--seconds S]
///
/// A row's time is the best of what fits into S seconds (1), three at least; a repetition starts at a
/// barrier and ends when the last rank is done, as in peers_mpi.py.
#include <lop/operators/distributed.hpp>

#include <lop/algebra/eigen.hpp>
#include <lop/distributed/blocks.hpp>
#include <lop/distributed/slice.hpp>
#include <lop/operators/distributed_transforms.hpp>
#include <lop/operators/matrix_product.hpp>
#include <lop/solvers/cgls.hpp>
#include <lop/solvers/norms.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <limits>
#include <string>

using namespace lop;

namespace {

using C = std::complex<double>;

struct Timer {
    Communicator world = Communicator::world();
    std::string filter{};
    double seconds = 1;

    bool wanted(const std::string& row) const { return row.find(filter) != std::string::npos; }

    void report(const std::string& row, const std::function<void()>& run) const {
        run();
        double best = std::numeric_limits<double>::infinity();
        double spent = 0;
        int count = 0;
        while (spent < (count >= 3 ? seconds : 10 * seconds)) {
            world.barrier();
            const double start = MPI_Wtime();
            run();
            const double taken = world.max(MPI_Wtime() - start);
            best = std::min(best, taken);
            spent += taken;
            ++count;
        }
        if (world.root())
            std::printf("{\"row\": \"%s\", \"ranks\": %d, \"ms\": %.4f, \"repetitions\": %d}\n",
                        row.c_str(), world.size(), 1e3 * best, count);
        std::fflush(stdout);
    }

    /// Forward and adjoint of the operator that make() gives.
    template <class Make> void both(const std::string& row, const Make& make) const {
        if (!wanted(row)) return;
        const auto a = make();
        auto x = a.domain().random(1);
        auto y = a.range().random(2);
        report(row + "/adjoint:0", [&] { a.forward(x, y); });
        report(row + "/adjoint:1", [&] { a.adjoint(y, x); });
    }
};

DistributedSpace<double> scattered(const Timer& t, const Shape& shape, int axis = 0) {
    return {"x", shape, t.world, Partition::balanced(shape[axis], t.world.size(), axis)};
}

void vectors(const Timer& t) {
    const auto space = scattered(t, {10'000'000});
    auto x = space.random(1);
    const auto y = space.random(2);
    volatile double sink = 0;
    const auto row = [&](const std::string& name, const std::function<void()>& run) {
        if (t.wanted(name)) t.report(name, run);
    };
    row("sum", [&] { const DistributedArray<double> z = x + y; });
    row("sum in place", [&] { x += y; });
    row("dot", [&] { sink = dot(x, y); });
    row("norm 1", [&] { sink = norm1(x); });
    row("norm 2", [&] { sink = norm(x); });
    row("norm inf", [&] { sink = norm_inf(x); });
}

void exchanges(const Timer& t) {
    const Shape shape{4000, 4000};
    for (const index_t width : {1, 4}) {
        const std::string row = "halo/width:" + std::to_string(width);
        if (!t.wanted(row)) continue;
        const Halo<double> halo{scattered(t, shape), {width, width}};
        const auto x = halo.domain().random(1);
        auto y = halo.range().zeros();
        t.report(row, [&] { halo.forward(x, y); });
        // The ghosts alone, as a stencil has them.
        t.report("ghosts/width:" + std::to_string(width), [&] {
            auto flight = halo.exchange().start(x.data());
            halo.exchange().finish(*flight);
        });
    }
    for (const int from : {0, 1}) {
        const std::string row =
            "redistribute/from:" + std::to_string(from) + "/to:" + std::to_string(1 - from);
        if (!t.wanted(row)) continue;
        const Redistribute<double> r{scattered(t, shape, from), scattered(t, shape, 1 - from)};
        const auto x = r.domain().random(1);
        auto y = r.range().zeros();
        t.report(row, [&] { r.forward(x, y); });
    }
}

void derivatives(const Timer& t) {
    const auto space = scattered(t, {4000, 4000});
    for (const int points : {3, 5})
        t.both("first_derivative/order:" + std::to_string(points),
               [&] { return first_derivative(space, {.axis = 0, .points = points}); });
    t.both("second_derivative", [&] { return second_derivative(space, {.axis = 0}); });
    t.both("laplacian", [&] { return laplacian(space); });
    t.both("gradient", [&] { return gradient(space); });
}

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

std::vector<MatrixOperator<Matrix>> dense_block() {
    return {MatrixOperator<Matrix>{Matrix{Matrix::Random(500, 500)}}};
}

void blocks(const Timer& t) {
    const ArraySpace<double> part{"m", {500}};
    t.both("block_diag", [&] { return block_diagonal(t.world, dense_block()); });
    t.both("vstack", [&] { return vstack(t.world, part, dense_block()); });
    t.both("hstack", [&] { return hstack(t.world, part, dense_block()); });
    if (!t.wanted("cgls step/block_diag")) return;
    const auto a = block_diagonal(t.world, dense_block());
    const auto b = a.range().random(1);
    constexpr index_t steps = 50;
    // Steps of one run, without its start.
    const auto run = [&](index_t n) {
        return [&a, &b, n] { cgls(a, b, {.iterations = n, .tolerance = 0}); };
    };
    t.report("cgls 1 step/block_diag", run(1));
    t.report("cgls " + std::to_string(1 + steps) + " steps/block_diag", run(1 + steps));
}

void matrix_products(const Timer& t) {
    constexpr index_t n = 1000;
    const auto grid = ProcessGrid::balanced(t.world, 2);
    for (const bool summa : {false, true}) {
        const auto make = [&]<class T>(T) {
            const DistributedSpace<T> a{
                "A", {n, n}, t.world, grid.partition({n, n}, {0, summa ? 1 : -1})};
            return MatrixProduct<T>{grid, a.random(1), n};
        };
        const std::string row = summa ? "matrix_mult<summa>/" : "matrix_mult<block>/";
        t.both(row + "float64", [&] { return make(0.0); });
        t.both(row + "complex128", [&] { return make(C{}); });
    }
}

void frequencies(const Timer& t) {
    const Shape shape{100, 100, 100};
    const DistributedSpace<C> space{"G", shape, t.world, Partition::balanced(100, t.world.size())};
    t.both("fredholm/complex128/columns:10", [&] { return fredholm1(space.random(1), 10); });
    for (const index_t columns : {1, 10}) {
        const auto make = [&](const Partition& model) {
            return ScatteredMultiDimensionalConvolution<double>{
                {"m", {511, 100, columns}, t.world, model}, space.random(1)};
        };
        const std::string row = "mdc/complex128/columns:" + std::to_string(columns);
        t.both(row, [&] { return make(Partition::replicated()); });
        t.both(row + "/scattered",
               [&] { return make(Partition::balanced(100, t.world.size(), 1)); });
    }
}

void transforms(const Timer& t) {
    const auto make = [&](const Shape& shape) {
        return DistributedSpace<C>{"x", shape, t.world,
                                   Partition::balanced(shape[0], t.world.size())};
    };
    t.both("fourier_2d", [&] { return fourier_transform(make({4000, 4000}), {.axes = {0, 1}}); });
    t.both("real_fourier_2d",
           [&] { return real_fourier_transform(scattered(t, {4000, 4000}), {.axes = {0, 1}}); });
    t.both("fourier_3d",
           [&] { return fourier_transform(make({200, 200, 200}), {.axes = {0, 1, 2}}); });
    t.both("real_fourier_3d", [&] {
        return real_fourier_transform(scattered(t, {200, 200, 200}), {.axes = {0, 1, 2}});
    });
}

}  // namespace

int main(int argc, char** argv) {
    const Session session{argc, argv};
    Timer timer;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (std::strcmp(argv[i], "--filter") == 0) timer.filter = argv[i + 1];
        if (std::strcmp(argv[i], "--seconds") == 0) timer.seconds = std::atof(argv[i + 1]);
    }
    vectors(timer);
    exchanges(timer);
    derivatives(timer);
    blocks(timer);
    matrix_products(timer);
    frequencies(timer);
    transforms(timer);
}
