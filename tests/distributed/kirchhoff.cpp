/// Kirchhoff migration with shots over ranks: laws, and the results of one rank to the bit.
#include <lop/operators/kirchhoff.hpp>

#include "parts.hpp"
#include <lop/distributed/blocks.hpp>
#include <lop/solvers/cgls.hpp>
#include <lop/testing/doctest.hpp>

#include <doctest/doctest.h>

using namespace lop;
using lop::testing::check_laws;
using parts::same_bits;

namespace {

constexpr index_t all_shots = 6;
const Grid image{{19, 23}, {10, 10}};

/// The stack of the shots of one rank of a communicator; ranks without shots have no tables either.
template <class T> auto over_ranks(const Communicator& communicator, const Partition& slots) {
    const int me = communicator.rank();
    std::vector<Point> sources, receivers;
    for (index_t s = slots.first(me); s < slots.first(me) + slots.count(me); ++s)
        sources.push_back({.x = 33.0 * static_cast<double>(s)});
    for (int r = 0; r < 7; ++r) receivers.push_back({.x = 29.0 * r});
    const TravelTimeOptions options{.spreading = Spreading::inverse_root};
    const Kirchhoff<T> mine{{image, sources, 1700, options},
                            {image, receivers, 1700, options},
                            {80, 0.004},
                            {.wavelet = {T(-0.5), T(1), T(-0.5)}, .center = 1}};
    return vstack(communicator, mine.domain(), mine.shots());
}

}  // namespace

TEST_CASE_TEMPLATE("shots over ranks model and image with the bits of one rank", T, float, double) {
    const auto world = Communicator::world();
    const auto one = over_ranks<T>(Communicator::self(), Partition::balanced(all_shots, 1));
    const auto m = one.domain().random(1);
    const auto d = one.range().random(2);
    const auto traces = parts::gather(one * m);
    const auto migrated = parts::gather(one.H() * d);
    const DistributedArray<T> data = one * m;
    const auto inverted = parts::gather(cgls(one, data, {.iterations = 8}).x);
    CHECK(traces.shape() == Shape{all_shots, 7, 80});
    CHECK(norm(traces) > 0);
    for (const auto& slots : parts::all(all_shots, world.size())) {
        CAPTURE(slots.str(world.size()));
        const auto K = over_ranks<T>(world, slots);
        check_laws(K);
        const DistributedArray<T> y = K * K.domain().random(1);
        CHECK(same_bits(parts::gather(y), traces));
        CHECK(same_bits(parts::gather(K.H() * K.range().random(2)), migrated));
        CHECK(same_bits(parts::gather(cgls(K, y, {.iterations = 8}).x), inverted));
    }
}

TEST_CASE(
    "the stack over ranks is the operator of all sources to rounding, and to the bit forward") {
    const auto world = Communicator::world();
    const auto K = over_ranks<double>(world, Partition::balanced(all_shots, world.size()));
    std::vector<Point> sources, receivers;
    for (index_t s = 0; s < all_shots; ++s) sources.push_back({.x = 33.0 * static_cast<double>(s)});
    for (int r = 0; r < 7; ++r) receivers.push_back({.x = 29.0 * r});
    const TravelTimeOptions options{.spreading = Spreading::inverse_root};
    const Kirchhoff<double> whole{{image, sources, 1700, options},
                                  {image, receivers, 1700, options},
                                  {80, 0.004},
                                  {.wavelet = {-0.5, 1, -0.5}, .center = 1}};
    const auto m = whole.domain().random(1);
    const auto d = whole.range().random(2);
    CHECK(same_bits(parts::gather(K * K.domain().random(1)), whole * m));
    const auto expected = whole.H() * d;
    const auto found = parts::gather(K.H() * K.range().random(2));
    CHECK(norm(found - expected) < 1e-13 * norm(expected));
}
