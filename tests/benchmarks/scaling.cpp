/// What is lost when a stencil's array is shared out: weak scaling of the derivative and the Laplacian,
/// what one message costs, and when a rank does what.
///
/// Usage: mpirun -n N ./bench_scaling [--seconds S] [--rows R]
///
/// Every rank has R x 4000 doubles: 2000 rows, which no cache holds, unless fewer are asked for.
/// Three things are timed in turns, application by application, for S seconds (5): the local operator
/// on rank 0 while the others rest; the local operator on every rank's part at once, which shares the
/// memory's bandwidth and sends nothing; and the operator over ranks. Times are medians, each taken by
/// the slowest rank. Weak scaling is the first over the third; of that, the second over the third is
/// what sharing out costs, and the first over the second what the memory has to give.
#include "../support/mpi_count.hpp"
#include <lop/operators/distributed.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <thread>

using namespace lop;

namespace {

constexpr index_t columns = 4000;

double median(std::vector<double> times) {
    const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
    std::nth_element(times.begin(), middle, times.end());
    return *middle;
}

/// Until the slowest rank is done, in ms.
double time_ms(const Communicator& world, const std::function<void()>& run) {
    world.barrier();
    const double start = MPI_Wtime();
    run();
    return 1e3 * world.max(MPI_Wtime() - start);
}

template <class Over, class Part> void compare(const Communicator& world, double seconds,
                                               const char* name, const Over& over,
                                               const Part& part) {
    const auto x = over.domain().random(1);
    auto y = over.range().zeros();
    const auto local = [&] { part.forward(x.local(), y.local()); };
    const std::function<void()> ways[] = {[&] {
                                              if (world.root()) local();
                                          },
                                          local, [&] { over.forward(x, y); }};
    std::vector<double> times[3];
    for (const auto& way : ways) way();
    // In the order 0 1 2, 0 2 1, ..: each of the latter as often after the first as after the other.
    double spent = 0;
    for (int turn = 0; spent < 1e3 * seconds; ++turn)
        for (const int w : {0, 1 + turn % 2, 2 - turn % 2}) {
            times[w].push_back(time_ms(world, ways[w]));
            spent += times[w].back();
        }
    const double one = median(times[0]), all = median(times[1]), shared = median(times[2]);
    if (world.root())
        std::printf(
            "%-18s one rank %.3f ms, all at once %.3f, over ranks %.3f: weak scaling %.3f; "
            "sharing out %.3f, memory %.3f\n",
            name, one, all, shared, one / shared, all / shared, one / all);
}

/// The time of a message there and back, halved, between ranks 0 and 1.
void messages(const Communicator& world, double seconds) {
    if (world.size() < 2) return;
    for (const index_t bytes : {index_t{8}, index_t{32000}, index_t{8'000'000}}) {
        std::vector<char> buffer(static_cast<std::size_t>(bytes));
        const int count = static_cast<int>(bytes);
        const auto there_and_back = [&] {
            if (world.rank() > 1) return;
            const int peer = 1 - world.rank();
            for (int way = 0; way < 2; ++way)
                if (world.rank() == way)
                    MPI_Send(buffer.data(), count, MPI_CHAR, peer, 0, world.native());
                else
                    MPI_Recv(buffer.data(), count, MPI_CHAR, peer, 0, world.native(),
                             MPI_STATUS_IGNORE);
        };
        std::vector<double> times;
        for (double spent = 0; spent < 200 * seconds; spent += times.back())
            times.push_back(time_ms(world, there_and_back));
        const double ms = median(times) / 2;
        if (world.root())
            std::printf("message of %7.0f kB %8.4f ms, %6.2f GB/s\n",
                        1e-3 * static_cast<double>(bytes), ms,
                        1e-6 * static_cast<double>(bytes) / ms);
    }
}

/// The derivative of a part, which enters itself into the trace.
class Traced : public Operator<Traced, ArraySpace<double>> {
 public:
    explicit Traced(const ArraySpace<double>& part)
        : Operator<Traced, ArraySpace<double>>{part, part}, a_{part, {.axis = 0}} {}
    std::string label() const { return "Traced"; }
    void forward(const Array<double>& x, Array<double>& y) const {
        testing::traced(domain().shape()[0] < 10 ? "rows at the cut" : "inner rows",
                        [&] { a_.forward(x, y); });
    }
    void adjoint(const Array<double>& y, Array<double>& x) const { a_.adjoint(y, x); }

 private:
    FirstDerivative<double> a_;
};

/// What rank 0 does while its neighbour sends its face some time too late.
void trace(const Communicator& world, const DistributedSpace<double>& space) {
    const Stencil<Traced> a{space, {Reach{0, 1, 1, 1}}, Corners::without, [](const IndexBox& box) {
                                return Traced{{"part", box.shape()}};
                            }};
    const auto x = space.random(1);
    auto y = space.zeros();
    a.forward(x, y);
    for (const int late : {0, 2, 20}) {
        world.barrier();
        const testing::MpiTrace trace;
        const double start = MPI_Wtime();
        if (world.rank() == 1) std::this_thread::sleep_for(std::chrono::milliseconds{late});
        a.forward(x, y);
        const double end = MPI_Wtime();
        if (!world.root()) continue;
        std::printf("rank 0, the face of rank 1 is sent %d ms late:\n", late);
        for (const auto& event : trace.events())
            std::printf("    %-16s %8.3f to %8.3f ms\n", event.what.c_str(),
                        1e3 * (event.begin - start), 1e3 * (event.end - start));
        std::printf("    done             %8.3f ms\n", 1e3 * (end - start));
    }
}

}  // namespace

int main(int argc, char** argv) {
    const Session session{argc, argv};
    const auto world = session.world();
    double seconds = 5;
    index_t rows = 2000;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (std::strcmp(argv[i], "--seconds") == 0) seconds = std::atof(argv[i + 1]);
        if (std::strcmp(argv[i], "--rows") == 0) rows = std::atol(argv[i + 1]);
    }

    const Shape shape{rows * world.size(), columns};
    const DistributedSpace<double> space{"x", shape, world,
                                         Partition::balanced(shape[0], world.size())};
    const ArraySpace<double> part{"part", {rows, columns}};
    if (world.root())
        std::printf("%d ranks, %ld x %ld doubles on each\n", world.size(), static_cast<long>(rows),
                    static_cast<long>(columns));
    compare(world, seconds, "first derivative", first_derivative(space, {.axis = 0}),
            FirstDerivative<double>{part, {.axis = 0}});
    compare(world, seconds, "laplacian", laplacian(space), Laplacian<double>{part});
    messages(world, seconds);
    trace(world, space);
}
