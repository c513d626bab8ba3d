/// What is said through MPI: who sends how much to whom, and how often all ranks meet.
#include "parts.hpp"
#include "support/mpi_count.hpp"
#include <lop/algebra/diagonal.hpp>
#include <lop/distributed/communication.hpp>
#include <lop/distributed/stencil.hpp>
#include <lop/operators/derivative.hpp>
#include <lop/solvers/cgls.hpp>

#include <array>
#include <doctest/doctest.h>
#include <tuple>

using namespace lop;
using lop::testing::MpiCounter;
using lop::testing::MpiCounts;
using Traffic = MpiCounts::Traffic;

namespace {

template <class Work> MpiCounts counts_of(const Work& work) {
    const MpiCounter counter;
    work();
    return counter.counts();
}

/// Bytes per receiver.
std::map<int, index_t> bytes_of(const MpiCounts& counts) {
    std::map<int, index_t> bytes;
    for (const auto& [to, traffic] : counts.sent) bytes[to] = traffic.bytes;
    return bytes;
}

/// What `reader` keeps as ghosts of `owner`'s part, in bytes, from the definition of a halo.
template <class T> index_t ghost_bytes(const DistributedSpace<T>& space, const HaloOptions& options,
                                       int reader, int owner) {
    const Partition& part = space.partition();
    if (part.count(reader) == 0 || part.count(owner) == 0) return 0;
    index_t ghosts = 0;
    const index_t n = part.extent();
    for (index_t i = part.first(reader) - options.before;
         i < part.first(reader + 1) + options.after; ++i) {
        if (i >= part.first(reader) && i < part.first(reader + 1)) continue;
        const index_t index = options.ends == Ends::periodic ? (i % n + n) % n : i;
        ghosts += index >= part.first(owner) && index < part.first(owner + 1);
    }
    return ghosts * (space.size() / n) * static_cast<index_t>(sizeof(T));
}

}  // namespace

TEST_CASE("messages, started requests and collectives are counted with their bytes") {
    const auto world = Communicator::world();
    const int next = (world.rank() + 1) % world.size();
    const int before = (world.rank() + world.size() - 1) % world.size();
    std::array<double, 3> out{};
    std::array<double, 3> in{};
    const auto exchanged = counts_of([&] {
        MPI_Sendrecv(out.data(), 3, MPI_DOUBLE, next, 1, in.data(), 3, MPI_DOUBLE, before, 1,
                     world.native(), MPI_STATUS_IGNORE);
    });
    CHECK(exchanged.sent == std::map<int, Traffic>{{next, {1, 24}}});
    CHECK(exchanged.receives == 1);
    CHECK(exchanged.collectives == 0);

    std::array<MPI_Request, 2> requests{};
    const auto started = [&](int times) {
        return counts_of([&] {
            for (int k = 0; k < times; ++k) {
                MPI_Startall(2, requests.data());
                MPI_Waitall(2, requests.data(), MPI_STATUSES_IGNORE);
            }
        });
    };
    MPI_Recv_init(in.data(), 2, MPI_DOUBLE, before, 2, world.native(), &requests[0]);
    MPI_Send_init(out.data(), 2, MPI_DOUBLE, next, 2, world.native(), &requests[1]);
    CHECK(started(0).silent());
    CHECK(started(3).sent == std::map<int, Traffic>{{next, {3, 48}}});
    CHECK(started(3).receives == 3);
    for (auto& request : requests) MPI_Request_free(&request);

    const auto nobody =
        counts_of([&] { MPI_Send(out.data(), 3, MPI_DOUBLE, MPI_PROC_NULL, 1, world.native()); });
    CHECK(nobody.silent());

    const auto met = counts_of([&] {
        MPI_Allreduce(MPI_IN_PLACE, out.data(), 3, MPI_DOUBLE, MPI_SUM, world.native());
        MPI_Barrier(world.native());
    });
    CHECK(met.collectives == 2);
    CHECK(met.collective_bytes == 24);
    CHECK(met.sends() == 0);
}

TEST_CASE("a rank's messages are counted by the receiver's rank of the world") {
    const auto world = Communicator::world();
    MPI_Comm reversed = MPI_COMM_NULL;
    MPI_Comm_split(world.native(), 0, -world.rank(), &reversed);
    const auto counts = counts_of([&] {
        char byte = 0;
        const int last = world.size() - 1;  // of the world: rank 0
        if (world.rank() == last) MPI_Send(&byte, 1, MPI_BYTE, last, 1, reversed);
        if (world.rank() == 0) MPI_Recv(&byte, 1, MPI_BYTE, 0, 1, reversed, MPI_STATUS_IGNORE);
    });
    MPI_Comm_free(&reversed);
    if (world.rank() == world.size() - 1) CHECK(counts.destinations() == std::vector{0});
    else CHECK(counts.sends() == 0);
}

TEST_CASE("arithmetic of vectors sends nothing") {
    const auto world = Communicator::world();
    for (const auto& partition : parts::all(11, world.size())) {
        const DistributedSpace<double> space{"x", {11, 3}, world, partition};
        const auto counts = counts_of([&] {
            auto x = space.random(1);
            const auto y = space.random(2);
            x += 2.0 * y;
            x = cwise_product(x, y) - 0.5 * x;
            x = map([](double v) { return v * v; }, x);
            x.fill(1);
            Diagonal{y}.forward(y, x);
        });
        CHECK(counts.silent());
    }
}

TEST_CASE("an inner product and a norm meet once each, those of replicated vectors never") {
    const auto world = Communicator::world();
    const index_t once = world.size() > 1 ? 1 : 0;
    for (const auto& partition : parts::all(11, world.size())) {
        const DistributedSpace<float> space{"x", {11, 3}, world, partition};
        const auto x = space.random(1);
        const auto y = space.random(2);
        for (const auto& counts :
             {counts_of([&] { dot(x, y - 2 * x); }), counts_of([&] { norm(x); }), counts_of([&] {
                  auto z = space.zeros();
                  assign_norm2(z, x - y);
              })}) {
            CHECK(counts.collectives == once);
            CHECK(counts.sends() == 0);
            CHECK(counts.receives == 0);
        }
    }
    const DistributedSpace<float> whole{"m", {11, 3}, world};
    const auto m = whole.random(1);
    CHECK(counts_of([&] { dot(m, norm(m) * m); }).silent());
}

TEST_CASE_TEMPLATE("a halo sends the ghosts to those who keep them, and nothing else", T, float,
                   std::complex<double>) {
    const auto world = Communicator::world();
    const int me = world.rank();
    for (const auto& partition : parts::all(9, world.size(), 1))
        for (const HaloOptions options : {HaloOptions{1, 1},
                                          {2, 0},
                                          {0, 3},
                                          {12, 1},
                                          {1, 1, Ends::periodic},
                                          {11, 4, Ends::periodic}}) {
            CAPTURE(partition.str(world.size()));
            CAPTURE(options.before);
            const DistributedSpace<T> space{"x", {2, 9, 3}, world, partition};
            const Halo<T> halo{space, options};
            std::map<int, index_t> ghosts;  // that others keep of this rank's part
            std::map<int, index_t> kept;    // that this rank keeps of the parts of others
            for (int r = 0; r < world.size(); ++r) {
                if (r == me) continue;
                if (const index_t bytes = ghost_bytes(space, options, r, me)) ghosts[r] = bytes;
                if (const index_t bytes = ghost_bytes(space, options, me, r)) kept[r] = bytes;
            }
            const auto x = space.random(1);
            auto y = halo.range().zeros();
            auto back = space.zeros();
            const auto forward = counts_of([&] { halo.forward(x, y); });
            CHECK(bytes_of(forward) == ghosts);
            CHECK(forward.collectives == 0);
            const auto adjoint = counts_of([&] { halo.adjoint(y, back); });
            CHECK(bytes_of(adjoint) == kept);
            CHECK(adjoint.collectives == 0);
        }
}

TEST_CASE("a halo as wide as a stencil is one message to each neighbour") {
    const auto world = Communicator::world();
    const index_t n = 5 * world.size();
    const DistributedSpace<double> space{"x", {n, 4}, world, Partition::balanced(n, world.size())};
    const Halo<double> halo{space, {2, 2}};
    std::map<int, Traffic> expected;
    for (const int r : {world.rank() - 1, world.rank() + 1})
        if (r >= 0 && r < world.size()) expected[r] = {1, 2 * 4 * 8};
    const auto x = space.random(1);
    auto y = halo.range().zeros();
    CHECK(counts_of([&] { halo.forward(x, y); }).sent == expected);
}

TEST_CASE("several fields are one message to each neighbour") {
    const auto world = Communicator::world();
    const index_t n = 5 * world.size();
    const DistributedSpace<double> space{"x", {n, 4}, world, Partition::balanced(n, world.size())};
    const FieldsHalo<double> halo{space, 3, {2, 2}};
    std::map<int, Traffic> expected;
    for (const int r : {world.rank() - 1, world.rank() + 1})
        if (r >= 0 && r < world.size()) expected[r] = {1, 3 * 2 * 4 * 8};
    const auto x = halo.domain().random(1);
    auto y = halo.range().zeros();
    CHECK(counts_of([&] { halo.forward(x, y); }).sent == expected);
}

TEST_CASE("messages above what MPI counts go in pieces, with the same bits") {
    const auto world = Communicator::world();
    const index_t n = 6 * world.size() + 1;
    const auto rows = Partition::balanced(n, world.size());
    const DistributedSpace<double> space{"x", {n, 5}, world, rows};
    const Halo<double> halo{space, {2, 3, Ends::periodic}};
    const Redistribute<double> turned{space, Partition::balanced(5, world.size(), 1)};
    const Replicate<double> replicate{DistributedSpace<double>{"m", {7}, world}, rows};
    const auto all = [&] {
        return std::tuple{halo * space.random(1), halo.H() * halo.range().random(2),
                          turned * space.random(1), replicate.H() * replicate.range().random(3)};
    };
    const auto same = [](const auto& a, const auto& b) {
        return parts::same_bits(a.local(), b.local());
    };
    const auto whole = all();
    const std::size_t before = detail::set_message_limit(20);  // not even whole numbers of values
    // New operators: those that have run keep their requests.
    const Halo<double> cut_halo{space, {2, 3, Ends::periodic}};
    const Redistribute<double> cut{space, Partition::balanced(5, world.size(), 1)};
    CHECK(same(cut_halo * space.random(1), std::get<0>(whole)));
    CHECK(same(cut_halo.H() * halo.range().random(2), std::get<1>(whole)));
    CHECK(same(cut * space.random(1), std::get<2>(whole)));
    CHECK(same(replicate.H() * replicate.range().random(3), std::get<3>(whole)));
    auto y = cut_halo.range().zeros();
    const auto x = space.random(1);
    const auto counts = counts_of([&] { cut_halo.forward(x, y); });
    index_t pieces = 0;
    for (const auto& [to, traffic] : counts.sent) pieces += traffic.messages;
    CHECK(pieces == (world.size() == 1 ? 0 : world.size() == 2 ? 10 : 4 + 6));
    detail::set_message_limit(before);
}

// Takes 14 GiB, so that it runs only when asked for: mpirun -n 2 test_distributed --no-skip -tc="*2^31*"
TEST_CASE("messages of more than 2^31 bytes arrive whole" * doctest::skip()) {
    const auto world = Communicator::world();
    REQUIRE(world.size() == 2);
    const index_t n = (index_t{1} << 29) + 3;  // of four bytes each
    const auto value = [](index_t i) { return static_cast<float>(i % 8388593); };
    const auto fill = [&](DistributedArray<float>& x) {
        for (index_t i = 0; i < x.local().size(); ++i) x.data()[i] = value(x.box().first(0) + i);
    };
    const auto wrong = [&](const DistributedArray<float>& x) {
        index_t count = 0;
        for (index_t i = 0; i < x.local().size(); ++i)
            count += x.data()[i] != value(x.box().first(0) + i);
        return count;
    };
    const DistributedSpace<float> first{"x", {n}, world, Partition::given({n, 0})};
    SUBCASE("redistributed") {
        auto x = first.zeros();
        fill(x);
        const Redistribute<float> to_second{first, Partition::given({0, n})};
        auto y = to_second.range().zeros();
        CHECK(counts_of([&] { to_second.forward(x, y); }).sent ==
              (world.rank() == 0 ? std::map<int, Traffic>{{1, {3, 4 * n}}}
                                 : std::map<int, Traffic>{}));
        CHECK(wrong(y) == 0);
        x.fill(0);
        to_second.adjoint(y, x);
        CHECK(wrong(x) == 0);
    }
    SUBCASE("summed over the ranks") {
        const DistributedSpace<float> image{"m", {n}, world};
        const Replicate<float> replicate{image, Partition::balanced(2, 2)};
        auto each = replicate.range().zeros();
        for (index_t i = 0; i < n; ++i) each.data()[i] = value(i);
        auto sum = image.zeros();
        replicate.adjoint(each, sum);
        index_t count = 0;
        for (index_t i = 0; i < n; ++i) count += sum.data()[i] != 2 * value(i);
        CHECK(count == 0);
    }
}

namespace {

/// The derivative of a part, which says when it runs.
class Traced : public Operator<Traced, ArraySpace<double>> {
 public:
    explicit Traced(const Shape& shape)
        : Operator<Traced, ArraySpace<double>>{{"part", shape}, {"part", shape}},
          a_{this->domain(), {.axis = 0}} {}
    std::string label() const { return "Traced"; }
    void forward(const Array<double>& x, Array<double>& y) const {
        lop::testing::traced(name(), [&] { a_.forward(x, y); });
    }
    void adjoint(const Array<double>& y, Array<double>& x) const {
        lop::testing::traced(name(), [&] { a_.adjoint(y, x); });
    }

 private:
    const char* name() const { return domain().shape()[0] < 10 ? "strip" : "inner"; }
    FirstDerivative<double> a_;
};

std::vector<std::string> names(const std::vector<lop::testing::TraceEvent>& events) {
    std::vector<std::string> list;
    for (const auto& event : events) list.push_back(event.what);
    return list;
}

}  // namespace

TEST_CASE("inner rows are computed while the faces are on their way, both ways") {
    const auto world = Communicator::world();
    const index_t n = 20 * world.size();
    const DistributedSpace<double> space{"x", {n, 4}, world, Partition::balanced(n, world.size())};
    const Stencil<Traced> a{space, {Reach{0, 1, 1, 1}}, Corners::without, [](const IndexBox& box) {
                                return Traced{box.shape()};
                            }};
    const auto x = space.random(1);
    auto y = space.zeros();
    const int neighbours = (world.rank() > 0) + (world.rank() + 1 < world.size());
    std::vector<std::string> expected{"inner"};
    if (neighbours > 0) expected = {"start", "inner", "wait"};
    for (int strip = 0; strip < neighbours; ++strip) expected.push_back("strip");
    {
        const lop::testing::MpiTrace trace;
        a.forward(x, y);
        CHECK(names(trace.events()) == expected);
    }
    {
        const lop::testing::MpiTrace trace;
        a.adjoint(x, y);
        CHECK(names(trace.events()) == expected);
    }
}

namespace {

/// What the sixth step of cgls says, with what `a` itself says in it.
template <LinearOperator A> MpiCounts sixth_step(const A& a, const RangeVector<A>& b) {
    const auto run = [&](index_t iterations) {
        return counts_of([&] {
            const auto found = cgls(a, b, {.iterations = iterations, .tolerance = 0});
            CHECK(found.iterations == iterations);
        });
    };
    const MpiCounts five = run(5);
    MpiCounts six = run(6);
    for (const auto& [to, before] : five.sent) {
        six.sent[to].messages -= before.messages;
        six.sent[to].bytes -= before.bytes;
    }
    six.collectives -= five.collectives;
    return six;
}

}  // namespace

TEST_CASE("a step of cgls over scattered data for a replicated image meets twice") {
    const auto world = Communicator::world();
    const DistributedSpace<double> image{"m", {40}, world};
    const auto shots = Partition::balanced(2 * world.size() + 1, world.size());
    const Replicate<double> replicate{image, shots};
    const auto a = Diagonal{replicate.range().random(1)} * replicate;
    const auto b = a.range().random(2);
    const auto own = counts_of([&] { a.H() * (a * image.random(3)); });
    const auto step = sixth_step(a, b);
    const index_t norms = world.size() > 1 ? 2 : 0;  // of A p and of b - A x
    CHECK(step.collectives <= own.collectives + norms);
    CHECK(step.sends() == own.sends());
    CHECK(step.sent_bytes() == own.sent_bytes());
}

TEST_CASE("a step of cgls for a scattered x meets twice") {
    const auto world = Communicator::world();
    const DistributedSpace<double> space{"x", {40}, world, Partition::balanced(40, world.size())};
    const auto step = sixth_step(Diagonal{space.random(1)}, space.random(2));
    const index_t norms = world.size() > 1 ? 2 : 0;  // of p and A p; of x, b - A x and the gradient
    CHECK(step.collectives <= norms);
    CHECK(step.sends() == 0);
}
