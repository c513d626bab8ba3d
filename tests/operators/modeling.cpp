/// Laws of modelling and Born modelling: fusion, exact adjoints, derivatives, equal bits on ranks.
#include <lop/core/error.hpp>
#include <lop/operators/wave/spectra.hpp>
#include <lop/operators/weighting.hpp>
#include <lop/testing/doctest.hpp>

#include <cmath>
#include <complex>
#include <doctest/doctest.h>
#include <numbers>

using namespace lop;
using lop::testing::check_laws;

namespace {

/// Asked for when MPI runs: a constant at namespace scope would be made before that.
Communicator world() { return Communicator::world(); }

/// A medium that varies from point to point.
template <Scalar T> Model<T> rough_model(const Grid& grid) {
    auto v = ArraySpace<T>{"velocity", grid.shape()}.random(11);
    for (T& value : v) value = static_cast<T>(2000 + 150 * std::tanh(value));
    return Model<T>::from_velocity(grid, v, world());
}

struct Case {
    int dimension = 2;
    int order = 8;
    bool free_surface = false;
    bool inside = false;
    Interpolation interpolation = Interpolation::sinc;
    int shots_at_once = 1;
};

Grid small_grid(const Case& c) {
    // Inside, the layers' cells belong to the model, which then has to hold them and the stencil.
    const index_t n = 23 + (c.inside ? 12 : 0);
    if (c.dimension == 2) return {Shape{n + 4, n}, {10, 12}, {100, 50}};
    return {Shape{n + 1, n, n + 2}, {10, 12, 11}};
}

/// Three shots of two sources and four receivers, off the grid and on it, all over the model: near
/// every edge, and so inside the layer where that lies inside.
std::pair<Geometry, Geometry> scattered_points(const Grid& grid, TimeAxis time) {
    std::vector<std::vector<Point>> sources, receivers;
    const auto place = [&](std::uint64_t seed) {
        Point p;
        const auto along = [&](int axis) {
            const double u = random_uniform(99, 8 * seed + static_cast<std::uint64_t>(axis));
            return grid.origin(axis) + u * (grid.last(axis) - grid.origin(axis));
        };
        p.x = along(0);
        p.z = along(grid.dimension() - 1);
        if (grid.dimension() == 3) p.y = along(1);
        return p;
    };
    for (std::uint64_t shot = 0; shot < 3; ++shot) {
        sources.push_back({place(10 * shot), place(10 * shot + 1)});
        receivers.push_back({place(10 * shot + 2), place(10 * shot + 3), place(10 * shot + 4)});
        receivers.back().push_back({grid.origin(0), grid.dimension() == 3 ? grid.last(1) : 0,
                                    grid.last(grid.dimension() - 1)});
    }
    return {Geometry{sources, time, world()}, Geometry{receivers, time, world()}};
}

template <Scalar T> Modeling<T> small_modeling(const Case& c, TimeAxis time = {25, 0.004}) {
    const Grid grid = small_grid(c);
    const auto [sources, receivers] = scattered_points(grid, time);
    const Projection<T> Ps{sources, {c.interpolation}};
    const Projection<T> Pr{receivers, {c.interpolation}};
    const Propagator<T> F{Acoustic{rough_model<T>(grid)},
                          {.space_order = c.order,
                           .boundary = {.cells = c.inside ? 5 : 6, .inside = c.inside},
                           .free_surface = c.free_surface,
                           .shots_at_once = c.shots_at_once}};
    return Pr * F * Ps.H();
}

template <Scalar T> void check_pair(const Case& c) {
    CAPTURE(c.dimension);
    CAPTURE(c.order);
    CAPTURE(c.free_surface);
    CAPTURE(c.inside);
    const auto M = small_modeling<T>(c);
    const auto q = M.domain().random(5);
    const auto J = jacobian(M, q, {.every = 3});
    const auto Jf = jacobian(M, q, {.every = 2, .frequencies = {5, 12, 30}});
    const auto J16 = jacobian(M, q, {.every = 2, .storage = History::Storage::half});
    lop::testing::check_reports({dot_test(M), dot_test(J), dot_test(jacobian(M, q)), dot_test(J16),
                                 dot_test(Jf),
                                 dot_test(jacobian(M, q, {.every = 2, .reversal = true}))});
}

}  // namespace

TEST_CASE("modelling and Born modelling are exactly adjoint, layers and free surface included") {
    for (const int order : {2, 4, 8, 16})
        for (const bool free_surface : {false, true})
            for (const bool inside : {false, true}) {
                const Case c{
                    .dimension = 2, .order = order, .free_surface = free_surface, .inside = inside};
                check_pair<double>(c);
                check_pair<float>(c);
            }
}

TEST_CASE("the same in three dimensions") {
    for (const bool inside : {false, true}) {
        const Case c{.dimension = 3, .order = 4, .free_surface = !inside, .inside = inside};
        check_pair<double>(c);
        check_pair<float>(c);
    }
}

TEST_CASE("modelling, its Jacobian and weighted products obey the laws of linear operators") {
    const auto M = small_modeling<double>({});
    const auto J = jacobian(M, M.domain().random(5), {.every = 2});
    check_laws(M);
    check_laws(J);
    const DepthScaling<double> Mr{M.medium().grid()};
    const Diagonal Ml{J.range().random(3), "Ml"};
    check_laws(Ml * J * Mr);
}

TEST_CASE(
    "a Jacobian with little memory for its history is the same to the bit, and says what it does") {
    const auto M = small_modeling<float>({});
    const auto q = M.domain().random(5);
    const auto J = jacobian(M, q, {.every = 2});
    const auto d = J.range().random(6);
    const auto image = J.H() * d;
    CHECK(J.history().find("forward runs more") == std::string::npos);
    std::size_t before = J.history_bytes();
    for (const std::size_t memory : {before / 2, before / 4, before / 8}) {
        CAPTURE(memory);
        const auto little = jacobian(M, q, {.every = 2, .memory = memory});
        CAPTURE(little.history());
        CHECK(little.history_bytes() <= memory);
        CHECK(little.history().find("forward runs more") != std::string::npos);
        CHECK(dot_test(little));
        const auto same = little.H() * d;
        CHECK(std::equal(image.data(), image.data() + image.size(), same.data()));
    }
    CHECK_THROWS_WITH_AS(jacobian(M, q, {.memory = 1}), doctest::Contains("room for one increment"),
                         ArgumentError);
}

TEST_CASE_TEMPLATE("shots that run together give the bits of one after the other", T, float,
                   double) {
    for (const int dimension : {2, 3}) {
        const Case one{.dimension = dimension, .order = 4};
        const auto M = small_modeling<T>(one);
        const auto q = M.domain().random(5);
        const auto d = M.range().random(6);
        const auto dm = M.medium().space().random(7);
        for (const int shots : {2, 3, 8}) {
            CAPTURE(shots);
            const auto together =
                small_modeling<T>({.dimension = dimension, .order = 4, .shots_at_once = shots});
            CHECK(norm(together * q - M * q) == 0);
            CHECK(norm(together.H() * d - M.H() * d) == 0);
            for (const History& history :
                 {History{.every = 3}, History{.every = 2, .memory = 400'000},
                  History{.every = 2, .storage = History::Storage::half},
                  History{.every = 2, .frequencies = {5, 12}},
                  History{.every = 2, .reversal = true}}) {
                if (dimension == 3 && history.every == 2) continue;
                const auto J = jacobian(M, q, history);
                const auto Jt = jacobian(together, q, history);
                CHECK(norm(Jt * dm - J * dm) == 0);
                CHECK(norm(Jt.H() * d - J.H() * d) == 0);
            }
        }
    }
    for (const int shots : {0, 9})
        CHECK_THROWS_WITH_AS(small_modeling<T>({.shots_at_once = shots}),
                             doctest::Contains("shots_at_once"), ArgumentError);
}

TEST_CASE("a Jacobian keeps its history in 16 bits, says so, and counts them") {
    const auto M = small_modeling<float>({});
    const auto q = M.domain().random(5);
    const auto full = jacobian(M, q);
    const auto J = jacobian(M, q, {.storage = History::Storage::half});
    CHECK(J.history().find("in 16 bits") != std::string::npos);
    CHECK(full.history().find("in 16 bits") == std::string::npos);
    CHECK(J.history_bytes() < 0.55 * full.history_bytes());
    const auto d = full.range().random(6);
    const auto image = full.H() * d;
    const auto rounded = J.H() * d;
    const double error = norm(rounded - image) / norm(image);
    CAPTURE(error);  // 2.3e-5
    CHECK(error > 0);
    CHECK(error <= std::exp2(-15));
    // Less memory, as for any history: the same bits.
    const auto little =
        jacobian(M, q, {.memory = J.history_bytes() / 2, .storage = History::Storage::half});
    CHECK(little.history().find("forward runs more") != std::string::npos);
    const auto same = little.H() * d;
    CHECK(std::equal(rounded.data(), rounded.data() + rounded.size(), same.data()));
}

TEST_CASE("a Jacobian at some frequencies keeps no steps, and says how many frequencies") {
    const auto M = small_modeling<float>({});
    const auto q = M.domain().random(5);
    const auto J = jacobian(M, q, {.frequencies = {5, 12.5, 30}});
    CHECK(J.history().find("3 frequencies of ") == 0);
    CHECK(J.every() == 1);  // max_frequency is not known
    const auto less = jacobian(M, q, {.every = 4, .frequencies = {5, 12.5}});
    // Two frames a frequency, and 16 on their way.
    CHECK(J.history_bytes() * 20 == less.history_bytes() * 22);
    CHECK_THROWS_WITH_AS(jacobian(M, q, {.storage = History::Storage::half, .frequencies = {5}}),
                         doctest::Contains("in 16 bits"), ArgumentError);
    CHECK_THROWS_WITH_AS(jacobian(M, q, {.storage = History::Storage::half, .reversal = true}),
                         doctest::Contains("one of these"), ArgumentError);
    CHECK_THROWS_WITH_AS(jacobian(M, q, {.frequencies = {5}, .reversal = true}),
                         doctest::Contains("one of these"), ArgumentError);
    CHECK_THROWS_WITH_AS(jacobian(M, q, {.memory = 1000, .frequencies = {5}}),
                         doctest::Contains("1 frequency in"), ArgumentError);
}

TEST_CASE("a comb for frequencies is free of alias with what it meets") {
    const Propagator<float> F{Acoustic{rough_model<float>(small_grid({}))}, {.max_frequency = 40}};
    // 1.25 (f + 40) samples a second.
    CHECK(F.comb({}, 0.001) == 10);
    CHECK(F.comb({.frequencies = {5, 10}}, 0.001) == 16);
    CHECK(F.comb({.frequencies = {5, 40}}, 0.001) == 10);
    CHECK(F.comb({.every = 3, .frequencies = {5, 10}}, 0.001) == 3);
}

TEST_CASE("the fused product equals its three factors, applied one by one") {
    const TimeAxis time{9, 0.004};
    const Case c{.inside = true};
    const Grid grid = small_grid(c);
    const auto [sources, receivers] = scattered_points(grid, time);
    const Projection<double> Ps{sources};
    const Projection<double> Pr{receivers};
    const Propagator<double> F{Acoustic{rough_model<double>(grid)},
                               {.boundary = {.cells = 5, .inside = true}}};
    const auto M = Pr * F * Ps.H();
    static_assert(std::same_as<decltype(M), const Modeling<double>>);
    static_assert(std::same_as<decltype(Pr * (F * Ps.H())), Modeling<double>>);
    static_assert(std::same_as<decltype(Ps * F.H() * Pr.H()), Adjoint<Modeling<double>>>);
    static_assert(std::same_as<decltype(M.H().H()), Modeling<double>>);

    const auto B = F.bound(sources, M.steps());
    const auto q = M.domain().random(1);
    const auto d = M * q;
    const auto unfused = Pr.bound(B) * (B * (Ps.bound(B).H() * q));
    CHECK(norm(d - unfused) <= 1e-13 * norm(d));
    lop::testing::check_reports({dot_test(B), dot_test(Pr.bound(B)), dot_test(Ps.bound(B)),
                                 dot_test(Pr * B), dot_test(B * Ps.H())});
}

TEST_CASE("the spectra of a modelling are the transform of its wavefields") {
    const TimeAxis time{9, 0.004};
    const Case c{.inside = true};  // layers in the model: the grid is all there is
    const auto M = small_modeling<double>(c, time);
    const auto q = M.domain().random(1);
    const auto [sources, receivers] = scattered_points(small_grid(c), time);
    const auto B = M.propagator().bound(sources, M.steps());
    const auto field = B * (Projection<double>{sources}.bound(B).H() * q);
    const index_t size = M.medium().grid().size();
    const index_t steps = M.steps().samples;
    const std::vector<double> frequencies{0, 7, 31.5};
    for (const index_t every : {1, 3}) {
        CAPTURE(every);
        const Spectra U{M, frequencies, every};
        const auto u = U * q;
        const double h = static_cast<double>(every) * M.steps().interval;
        double error = 0, largest = 0;
        const double* found = u.data();
        for (index_t shot = 0; shot < sources.last_shot() - sources.first_shot(); ++shot)
            for (const double f : frequencies) {
                for (index_t x = 0; x < size; ++x) {
                    std::complex<double> sum;
                    for (index_t n = 0; n < steps; n += every) {
                        const double t = static_cast<double>(n) * M.steps().interval;
                        sum += field.data()[(shot * steps + n) * size + x] *
                               std::polar(h, -2 * std::numbers::pi * f * t);
                    }
                    error =
                        std::max(error, std::abs(sum - std::complex{found[x], found[size + x]}));
                    largest = std::max(largest, std::abs(sum));
                }
                found += 2 * size;
            }
        CHECK(error <= 1e-13 * largest);
    }
}

TEST_CASE_TEMPLATE("spectra have an exact adjoint", T, float, double) {
    for (const Case& c : {Case{.free_surface = true}, Case{.order = 4, .inside = true},
                          Case{.dimension = 3, .order = 4}}) {
        const auto M = small_modeling<T>(c);
        lop::testing::check_reports(
            {dot_test(Spectra{M, {3, 12.5, 40}}), dot_test(Spectra{M, {3, 12.5, 40}, 4})});
    }
    const auto M = small_modeling<T>({});
    CHECK_THROWS_WITH_AS((Spectra{M, {3, 1e5}}), doctest::Contains("at 100000 Hz"), ArgumentError);
}

TEST_CASE("an operator that is not bound says what it waits for") {
    const auto [sources, receivers] = scattered_points(small_grid({}), {9, 0.004});
    const Propagator<float> F{Acoustic{rough_model<float>(small_grid({}))}};
    CHECK_THROWS_WITH_AS(F.domain(), doctest::Contains("write Pr * F * Ps.H()"), GeometryError);
    CHECK_THROWS_WITH_AS(Projection<float>{sources}.domain(),
                         doctest::Contains("P has no wavefields"), GeometryError);
}

TEST_CASE("J is the derivative of M with respect to m") {
    for (const bool free_surface : {false, true}) {
        const auto M = small_modeling<double>({.free_surface = free_surface}, {60, 0.004});
        const auto q = M.domain().random(5);
        const auto& m = M.medium().parameters();
        auto dm = M.medium().space().random(8);
        dm *= 0.05 / norm(dm) * norm(m);
        const auto J = jacobian(M, q);
        const auto report = taylor_test([&](const auto& x) { return M.at(x) * q; }, J, m, dm);
        INFO(report.str());
        CHECK(report.pass);
    }
}

TEST_CASE("a derivative with a sign error or a missing factor fails the Taylor test") {
    const auto M = small_modeling<double>({}, {40, 0.004});
    const auto q = M.domain().random(5);
    const auto& m = M.medium().parameters();
    auto dm = M.medium().space().random(8);
    dm *= 0.05 / norm(dm) * norm(m);
    const auto wrong = 1.01 * jacobian(M, q);
    CHECK_FALSE(taylor_test([&](const auto& x) { return M.at(x) * q; }, wrong, m, dm).pass);
}

TEST_CASE("shots over ranks carry the bits of one rank") {
    const auto M = small_modeling<float>({});
    const auto q = M.domain().random(5);
    const auto J = jacobian(M, q);
    const auto image = J.H() * J.range().random(6);
    const auto d = M * q;

    // The same shots, all of them on this rank alone.
    const Communicator self = Communicator::self();
    const auto alone = [&](const Geometry& g) {
        std::vector<std::vector<Point>> shots;
        for (index_t s = 0; s < g.shot_count(); ++s) shots.push_back(g.points(s));
        return Geometry{shots, g.time(), self};
    };
    const auto [sources, receivers] = scattered_points(small_grid({}), {25, 0.004});
    const auto model = Model<float>::from_slowness_squared(M.medium().grid(),
                                                           M.medium().parameters().local(), self);
    const Projection<float> Ps{alone(sources)};
    const Projection<float> Pr{alone(receivers)};
    const Propagator<float> F{Acoustic{model}, M.propagator().options()};
    const auto M1 = Pr * F * Ps.H();
    const auto q1 = M1.domain().random(5);
    const auto J1 = jacobian(M1, q1);
    const auto image1 = J1.H() * J1.range().random(6);
    CHECK(std::equal(image.data(), image.data() + image.size(), image1.data()));
    const auto d1 = M1 * q1;
    const auto first = receivers.first_trace(receivers.first_shot()) * receivers.time().samples;
    CHECK(std::equal(d.data(), d.data() + d.size(), d1.data() + first));
    CHECK(norm2(d) == norm2(d1));
}

TEST_CASE("every shot is told as it is done, with the propagations that it took") {
    const Grid grid = small_grid({});
    const auto [sources, receivers] = scattered_points(grid, {9, 0.004});
    index_t told = 0;
    const Propagator<float> F{Acoustic{rough_model<float>(grid)},
                              {.after_shot = [&](index_t propagations) { told += propagations; }}};
    const auto M = Projection<float>{receivers} * F * Projection<float>{sources}.H();
    const index_t own = sources.last_shot() - sources.first_shot();
    const auto q = M.domain().random(1);
    const auto J = jacobian(M, q);
    const auto d = M * q;
    CHECK(told == own);
    const auto image = J.H() * d;
    CHECK(told == 3 * own);
}

TEST_CASE("points outside the model, unlike shots and unstable steps are refused in words") {
    const Grid grid = small_grid({});
    const auto [sources, receivers] = scattered_points(grid, {9, 0.004});
    const Propagator<float> F{Acoustic{rough_model<float>(grid)}};
    const Projection<float> Ps{sources};
    const Projection<float> outside{
        shots_at({{0, 0, 0}, {150, 0, 60}, {150, 0, 60}}, {9, 0.004}, world())};
    CHECK_THROWS_WITH_AS(outside * F * Ps.H(),
                         doctest::Contains("a receiver of shot 0 outside the model"),
                         GeometryError);
    const Projection<float> fewer{shots_at({{150, 0, 60}}, {9, 0.004}, world())};
    CHECK_THROWS_WITH_AS(fewer * F * Ps.H(), doctest::Contains("unlike shots"), GeometryError);
    const Projection<float> early{sources.with_time({9, 0.004, -0.01})};
    CHECK_THROWS_WITH_AS(Projection<float>{receivers} * F * early.H(),
                         doctest::Contains("before time zero"), GeometryError);
    const Propagator<float> hasty{Acoustic{rough_model<float>(grid)},
                                  {.time_step = 0.01, .max_frequency = 20}};
    CHECK_THROWS_WITH_AS(Projection<float>{receivers} * hasty * Ps.H(),
                         doctest::Contains("time step"), StabilityError);
    const Propagator<float> coarse{Acoustic{rough_model<float>(grid)}, {.max_frequency = 100}};
    CHECK_THROWS_WITH_AS(Projection<float>{receivers} * coarse * Ps.H(),
                         doctest::Contains("points a wavelength at 100 Hz"), StabilityError);
}
