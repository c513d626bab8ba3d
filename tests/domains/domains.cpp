/// Shots that ranks share: the bits of a shot on one rank, and exactly adjoint.
#include "operators/wave/domain.hpp"
#include "operators/wave/setup.hpp"
#include "operators/wave/threads.hpp"
#include "support/rough.hpp"
#include "support/team.hpp"
#include "waves/declared.hpp"
#include <lop/core/error.hpp>
#include <lop/distributed/communication.hpp>
#include <lop/operators/wave/equations.hpp>
#include <lop/operators/wave/extended.hpp>
#include <lop/operators/wave/modeling.hpp>
#include <lop/operators/wave/snapshots.hpp>
#include <lop/operators/wave/spectra.hpp>
#include <lop/testing/doctest.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <doctest/doctest.h>
#include <span>
#include <string>
#include <vector>

using namespace lop;

namespace {

Communicator world() { return Communicator::world(); }

/// Process grids of all ranks: everybody on one shot, and two shots at a time.
std::vector<std::vector<int>> groups() {
    std::vector<std::vector<int>> all{{1, world().size()}};
    if (world().size() > 1 && world().size() % 2 == 0) all.push_back({2, world().size() / 2});
    return all;
}

struct Setting {
    int dimension = 2;
    int order = 8;
    bool inside = false;
    bool free_surface = false;
    index_t cells = 4;
    bool sponge = false;
    index_t extent = 0;  ///< along x; 0: as below
    index_t samples = 12;
};

std::string name(const Setting& s) {
    return std::to_string(s.dimension) + "-D, order " + std::to_string(s.order) +
           (s.inside ? ", layers inside" : "") + (s.free_surface ? ", free surface" : "");
}

/// Long enough along x that each of four ranks holds what a stencil of order 16 reads.
Grid grid_of(const Setting& s) {
    const index_t n = s.extent > 0 ? s.extent : s.inside ? 60 : 52;
    if (s.dimension == 2) return {Shape{n, s.inside ? 29 : 21}, {10, 12}, {100, 0}};
    const index_t side = std::max<index_t>(s.order / 2 + 3, 7) + (s.inside ? 8 : 0);
    return {Shape{n, side, side + 1}, {10, 12, 11}};
}

enum class Waves { acoustic, fourth_order, density, elastic, lossy };

constexpr Waves all_waves[]{Waves::acoustic, Waves::fourth_order, Waves::density, Waves::elastic,
                            Waves::lossy};

template <Scalar T> WaveMedium<T> medium(Waves waves, const Grid& grid, const Communicator& ranks) {
    const auto model = [&] {
        return Model<T>::from_velocity(grid, rough<T>(grid, 1500, 3000, 1), ranks);
    };
    const auto rho = [&] { return rough<T>(grid, 1000, 2500, 2); };
    switch (waves) {
        case Waves::acoustic: return Acoustic<T>{model()};
        case Waves::fourth_order: return Acoustic<T>{model(), wave::TimeOrder::four};
        case Waves::density: return AcousticDensity<T>{model(), rho()};
        case Waves::elastic:
            return Elastic<T>{grid, rough<T>(grid, 2000, 3000, 1), rough<T>(grid, 0, 1300, 3),
                              rho(), ranks};
        default:
            return ViscoAcoustic<T>{model(), rho(), rough<T>(grid, 20, 90, 4), 15, {5.0, 40.0}};
    }
}

/// The same medium over the ranks of a partition.
template <Scalar T>
WaveMedium<T> cut(const WaveMedium<T>& whole, const Partition& partition) {
    const DistributedSpace<T> space{"medium", whole.parameters().shape(), world(), partition};
    return {whole.equation(), whole.grid(),
            Redistribute<T>{whole.space(), space} * whole.parameters(), whole.settings()};
}

/// Two shots of one and two sources and five receivers, anywhere: some lie where ranks meet.
std::pair<std::vector<std::vector<Point>>, std::vector<std::vector<Point>>> points(
    const Grid& grid) {
    const auto place = [&](std::uint64_t seed) {
        Point p;
        const auto along = [&](int axis) {
            const double u = random_uniform(7, 8 * seed + static_cast<std::uint64_t>(axis));
            return grid.origin(axis) + u * (grid.last(axis) - grid.origin(axis));
        };
        p.x = along(0);
        p.z = along(grid.dimension() - 1);
        if (grid.dimension() == 3) p.y = along(1);
        return p;
    };
    std::vector<std::vector<Point>> sources{{place(1)}, {place(2), place(3)}}, receivers(2);
    for (std::uint64_t r = 0; r < 10; ++r) receivers[r % 2].push_back(place(10 + r));
    receivers[0].push_back(sources[0][0]);
    return {sources, receivers};
}

template <Scalar T> struct Shots {
    Modeling<T> M;
    DistributedArray<T> q;
    Jacobian<T> J;
    Shots(const WaveMedium<T>& medium, const Geometry& sources, const Geometry& receivers,
          const Setting& s, const History& history)
        : M{Projection<T>{receivers} *
            Propagator<T>{
                medium,
                {.space_order = s.order,
                 .boundary = {.cells = s.cells, .inside = s.inside},
                 .free_surface = s.free_surface,
                 .sponge = s.sponge ? std::optional{Sponge{.cells = 20, .inside = s.inside}}
                                    : std::nullopt}} *
            Projection<T>{sources}.H()},
          q{M.domain().random(5)},
          J{M, q, history} {}
};

const TimeAxis record_time{12, 0.004};

TimeAxis time_of(const Setting& s) { return {s.samples, 0.004}; }

/// All shots on this rank alone.
template <Scalar T>
Shots<T> alone(Waves waves, const Setting& s, const History& history = {}) {
    const Grid grid = grid_of(s);
    const auto [sources, receivers] = points(grid);
    const Communicator self = Communicator::self();
    return {medium<T>(waves, grid, self),
            {sources, time_of(s), self},
            {receivers, time_of(s), self},
            s,
            history};
}

/// The same on a process grid of all ranks: shots at a time, and ranks for each.
template <Scalar T> Shots<T> shared_by(const ProcessGrid& ranks, Waves waves, const Setting& s,
                                       const History& history = {}) {
    const Grid grid = grid_of(s);
    const auto [sources, receivers] = points(grid);
    return {medium<T>(waves, grid, world()).over(ranks, s.inside ? 0 : s.cells),
            {sources, time_of(s), ranks},
            {receivers, time_of(s), ranks},
            s,
            history};
}

template <Scalar T>
bool same_bits(const DistributedArray<T>& shared, const DistributedArray<T>& whole) {
    for (index_t i = 0; i < shared.size(); ++i)
        if (!(shared.data()[i] == whole.data()[shared.layout()->global_index(i)])) return false;
    return norm(whole) > 0;
}

/// A history, or one in a part of the memory that it takes whole.
struct Kept {
    History history{};
    std::size_t part = 1;
};

template <Scalar T> Jacobian<T> jacobian_of(const Shots<T>& shots, const Kept& kept) {
    History history = kept.history;
    if (kept.part > 1)
        history.memory = jacobian(shots.M, shots.q, history).history_bytes() / kept.part;
    const auto J = jacobian(shots.M, shots.q, history);
    CHECK((J.history().find("at a time") != std::string::npos) == (kept.part > 1));
    return J;
}

/// On every process grid: the records and images of one rank to the bit, and exact adjoints.
template <Scalar T>
void check_histories(Waves waves, const Setting& s, const std::vector<Kept>& histories) {
    CAPTURE(name(s));
    CAPTURE(static_cast<int>(waves));
    const auto one = alone<T>(waves, s);
    const auto d = one.M * one.q;
    const auto s_of_d = one.M.H() * d;
    const auto dm = one.J.domain().random(3);
    std::vector<DistributedArray<T>> scattered, images;
    for (const Kept& kept : histories) {
        const auto J = jacobian_of(one, kept);
        scattered.push_back(J * dm);
        images.push_back(J.H() * d);
    }
    for (const auto& sides : groups()) {
        const auto shared = shared_by<T>(ProcessGrid{world(), sides}, waves, s);
        const auto records = shared.M * shared.q;
        CHECK(same_bits(records, d));
        CHECK(same_bits(shared.M.H() * records, s_of_d));
        lop::testing::check_reports({dot_test(shared.M)});
        for (std::size_t i = 0; i < histories.size(); ++i) {
            const auto J = jacobian_of(shared, histories[i]);
            CAPTURE(J.history());
            CHECK(same_bits(J * J.domain().random(3), scattered[i]));
            CHECK(same_bits(J.H() * records, images[i]));
            lop::testing::check_reports({dot_test(J)});
        }
    }
}

template <Scalar T> void check(Waves waves, const Setting& s, const History& history = {}) {
    check_histories<T>(waves, s, {{history}});
}

}  // namespace

TEST_CASE_TEMPLATE("acoustic shots on several ranks are those of one, at every order", T, float,
                   double) {
    for (const int order : {2, 4, 8, 16})
        for (const bool inside : {false, true})
            check<T>(Waves::acoustic, {.order = order, .inside = inside, .free_surface = !inside});
}

TEST_CASE_TEMPLATE("and in three dimensions", T, float, double) {
    for (const int order : {2, 4, 8, 16})
        check<T>(Waves::acoustic, {.dimension = 3, .order = order, .inside = order == 4});
}

TEST_CASE_TEMPLATE("shots of every equation on several ranks are those of one", T, float, double) {
    for (const Waves waves : {Waves::fourth_order, Waves::density, Waves::elastic, Waves::lossy})
        for (const int order : {2, 4, 8, 16})
            check<T>(waves, {.order = order, .inside = order == 2, .free_surface = order == 8});
}

TEST_CASE("sponges may be cut") {
    for (const Waves waves : all_waves)
        for (const bool inside : {false, true})
            check<double>(waves, {.order = 8, .inside = inside, .sponge = true});
}

TEST_CASE("every equation in three dimensions") {
    for (const Waves waves : {Waves::fourth_order, Waves::density, Waves::elastic, Waves::lossy})
        check<float>(waves, {.dimension = 3, .order = 4});
}

TEST_CASE_TEMPLATE(
    "histories on a comb, of few bits or frequencies, in little memory and on disk are shared "
    "alike",
    T, float, double) {
    const Kept half{{.every = 1, .storage = History::Storage::half}, 2};
    const Kept frequencies{{.every = 3, .frequencies = {10, 30}}};
    const Kept on_disk{{.every = 1, .folder = "."}, 6};
    for (const Waves waves : all_waves) {
        check_histories<T>(waves, {.order = 4, .samples = 6},
                           {{{.every = 2}},
                            {{.every = 2, .storage = History::Storage::half}},
                            half,
                            frequencies,
                            {{.every = 1}, 4},
                            on_disk});
        check_histories<T>(waves,
                           {.dimension = 3, .order = 2, .cells = 2, .extent = 24, .samples = 2},
                           {half, frequencies, on_disk});
    }
}

TEST_CASE_TEMPLATE("a forward field runs backwards on several ranks as on one", T, float, double) {
    for (const int dimension : {2, 3})
        for (const int order : {2, dimension == 2 ? 8 : 4})
            for (const bool inside : {false, true})
                check<T>(Waves::acoustic,
                         {.dimension = dimension,
                          .order = order,
                          .inside = inside,
                          .free_surface = !inside,
                          .cells = 2},
                         {.every = 2, .reversal = true});
    for (const Waves waves : {Waves::fourth_order, Waves::density}) {
        check<T>(waves, {.order = 4}, {.every = 1, .reversal = true});
        check<T>(waves, {.dimension = 3, .order = 2, .cells = 2, .extent = 24, .samples = 2},
                 {.every = 1, .reversal = true});
    }
}

namespace {

/// M of sources that fill the model, with a wavelet of its own for each shot.
template <Scalar T, class Ranks>
ExtendedModeling<T> filled(const WaveMedium<T>& medium, const Ranks& ranks, const Setting& s,
                           const std::string& quantity = {}, int shots_at_once = 1) {
    auto [sources, receivers] = points(medium.grid());
    for (auto& of_shot : sources) of_shot.resize(1);
    const Geometry shots{sources, record_time, ranks};
    const WaveletProjection<T> Pw{
        medium, shots, Projection<T>{shots}.range().random(4), {.quantity = quantity}};
    return Projection<T>{Geometry{receivers, record_time, ranks}} *
           Propagator<T>{medium,
                         {.space_order = s.order,
                          .boundary = {.cells = s.cells, .inside = s.inside},
                          .free_surface = s.free_surface,
                          .sponge = s.sponge ? std::optional{Sponge{}} : std::nullopt,
                          .shots_at_once = shots_at_once}} *
           Pw.H();
}

/// `cells`: of the layers, as the planes are shared out.
template <Scalar T>
void check_filled(Waves waves, const Setting& s, const std::string& quantity = {},
                  const History& history = {.every = 2}, index_t cells = 0) {
    CAPTURE(name(s));
    CAPTURE(quantity);
    const Grid grid = grid_of(s);
    const Communicator self = Communicator::self();
    const auto one = filled<T>(medium<T>(waves, grid, self), self, s, quantity);
    const auto w = one.domain().random(5);
    const auto d = one * w;
    const auto w_of_d = one.H() * d;
    const auto J = jacobian(one, w, history);
    const auto dd = J * J.domain().random(3);
    const auto image = J.H() * d;
    for (const auto& sides : groups()) {
        const ProcessGrid ranks{world(), sides};
        const index_t counted = cells > 0 ? cells : s.inside ? 0 : s.cells;
        const auto shared =
            filled<T>(medium<T>(waves, grid, world()).over(ranks, counted), ranks, s, quantity, 2);
        const auto weights = shared.domain().random(5);
        const auto records = shared * weights;
        CHECK(same_bits(records, d));
        CHECK(same_bits(shared.H() * records, w_of_d));
        const auto K = jacobian(shared, weights, history);
        CHECK(same_bits(K * K.domain().random(3), dd));
        CHECK(same_bits(K.H() * records, image));
        lop::testing::check_reports({dot_test(shared), dot_test(K)});
    }
}

}  // namespace

TEST_CASE_TEMPLATE("sources that fill a model fill one that ranks share", T, float, double) {
    for (const int order : {2, 8})
        for (const bool inside : {false, true}) {
            check_filled<T>(Waves::acoustic,
                            {.order = order, .inside = inside, .free_surface = !inside});
            check_filled<T>(Waves::elastic,
                            {.order = order, .inside = inside, .free_surface = !inside}, "force x");
        }
    check_filled<T>(Waves::elastic, {.order = 4}, "pressure");
    check_filled<T>(Waves::elastic, {.order = 4, .cells = 20, .sponge = true}, "force z");
    check_filled<T>(Waves::acoustic, {.dimension = 3, .order = 4});
    check_filled<T>(Waves::fourth_order, {.order = 4});
    check_filled<T>(Waves::density, {.order = 4, .cells = 2}, {}, {.every = 2, .reversal = true});
    // Fewer planes of the model at its ends than a stencil reads.
    check_filled<T>(Waves::elastic, {.order = 16, .cells = 20, .sponge = true}, "force z",
                    {.every = 2}, 22);
}

TEST_CASE("weights that are not finite on one rank, or shared out otherwise, are refused by name") {
    const Setting s{.order = 4};
    const Grid grid = grid_of(s);
    const ProcessGrid ranks{world(), {1, world().size()}};
    const auto whole = medium<float>(Waves::acoustic, grid, world());
    const auto M = filled<float>(whole.over(ranks, s.cells), ranks, s);
    auto w = M.domain().random(5);
    if (world().rank() + 1 == world().size())
        w.local()[static_cast<std::size_t>(w.size() - 1)] = std::numeric_limits<float>::quiet_NaN();
    CHECK_THROWS_WITH_AS(M * w, doctest::Contains("input without NaN"), StabilityError);
    if (world().size() == 1) return;
    const Geometry& shots = M.sources().at_points().points();
    const Propagator<float> F{whole, {.space_order = 4}};
    CHECK_THROWS_WITH_AS(M.sources().bound(F.bound(shots, {20, 0.001})),
                         doctest::Contains("WaveletProjection{grid, shots, wavelets}"), SpaceError);
    if (world().size() == 2) return;  // which share the planes alike, whatever the layers
    const Propagator<float> otherwise{whole.over(ranks, 0),
                                      {.space_order = 4, .boundary = {.cells = 4}}};
    CHECK_THROWS_WITH_AS((Projection<float>{shots} * otherwise * M.sources().H()),
                         doctest::Contains("share otherwise"), SpaceError);
    CHECK_THROWS_WITH_AS(whole.over(ranks, 60), doctest::Contains("planes along x for each"),
                         ArgumentError);
}

namespace {

/// Between, on and beside the planes of a model that ranks part at.
std::vector<Point> points_at(const Grid& grid, const std::vector<index_t>& planes, double beside) {
    std::vector<Point> all;
    for (const index_t plane : planes) {
        Point p;
        p.x = grid.origin(0) + (static_cast<double>(plane) + beside) * grid.spacing(0);
        p.z = grid.origin(grid.dimension() - 1) + 4.3 * grid.depth_spacing();
        if (grid.dimension() == 3) p.y = grid.origin(1) + 3.6 * grid.spacing(1);
        all.push_back(p);
    }
    return all;
}

/// The first planes of all ranks but the first, on every process grid; one in the middle where there is one rank.
template <Scalar T> std::vector<index_t> planes_of_cuts(const WaveMedium<T>& whole, index_t cells) {
    std::vector<index_t> planes;
    for (const auto& sides : groups()) {
        const auto shared = whole.over(ProcessGrid{world(), sides}, cells);
        const Partition& partition = shared.parameters().partition();
        if (partition.is_replicated()) continue;
        const Cuts& cuts = *partition.cuts(partition.axis());
        for (int part = 1; part < cuts.parts(); ++part) planes.push_back(cuts.first(part));
    }
    if (planes.empty()) planes.push_back(whole.grid().shape()[0] / 2);
    return planes;
}

/// Two shots of points on and beside these planes.
std::vector<std::vector<Point>> shots_at_planes(
    const Grid& grid, const std::vector<index_t>& planes,
    const std::vector<std::vector<double>>& beside_of_shots) {
    std::vector<std::vector<Point>> shots;
    for (const auto& besides : beside_of_shots) {
        shots.emplace_back();
        for (const double beside : besides)
            for (const Point& p : points_at(grid, planes, beside)) shots.back().push_back(p);
    }
    return shots;
}

index_t trace_count(const std::vector<std::vector<Point>>& shots) {
    index_t count = 0;
    for (const auto& shot : shots) count += static_cast<index_t>(shot.size());
    return count;
}

/// Ways to drive and to read points besides sinc: linear, dipoles along every axis, apertures of all and of each.
std::vector<ProjectionOptions> ways(int dimension, index_t traces) {
    const double y = dimension == 3 ? 4 : 0;
    const Aperture askew{{{-17, y, -5}, {2, 0, 6}, {16, -y, 0}}, {0.5, 0.3, -0.4}};
    std::vector<Aperture> each;
    for (index_t trace = 0; trace < traces; ++trace)
        each.push_back(
            line_aperture({static_cast<double>(3 + 2 * trace % 40), y, 7}, 2 + trace % 3));
    std::vector<ProjectionOptions> all{
        {.interpolation = Interpolation::linear},
        {.derivative_along = Axis::x},
        {.derivative_along = Axis::z},
        {.interpolation = Interpolation::linear, .derivative_along = Axis::x},
        {.apertures = {askew}},
        {.interpolation = Interpolation::linear, .derivative_along = Axis::z, .apertures = each}};
    if (dimension == 3) all.push_back({.derivative_along = Axis::y, .apertures = {askew}});
    return all;
}

}  // namespace

TEST_CASE_TEMPLATE(
    "points of every quantity, way and aperture on and beside cuts are those of one rank", T, float,
    double) {
    for (const int dimension : {2, 3}) {
        const Setting s{.dimension = dimension, .order = 4, .free_surface = dimension == 2};
        const Grid grid = grid_of(s);
        const auto whole = medium<T>(Waves::elastic, grid, world());
        const auto planes = planes_of_cuts(whole, s.cells);
        const auto sources = shots_at_planes(grid, planes, {{0}, {-1, 0.3}});
        const auto receivers = shots_at_planes(grid, planes, {{-2.4, -1, 0}, {-0.5, 0, 1.7}});
        const auto driven = ways(dimension, trace_count(sources));
        const auto recorded = ways(dimension, trace_count(receivers));
        const wave::Physics& w = *whole.equation().physics;
        const auto modeling = [&](const WaveMedium<T>& medium, const auto& ranks,
                                  const ProjectionOptions& of_sources,
                                  const ProjectionOptions& of_receivers) {
            const TimeAxis time{10, 1e-3};
            return Projection<T>{Geometry{receivers, time, ranks}, of_receivers} *
                   Propagator<T>{medium,
                                 {.space_order = s.order,
                                  .boundary = {.cells = s.cells},
                                  .free_surface = s.free_surface,
                                  .time_step = time.interval}} *
                   Projection<T>{Geometry{sources, time, ranks}, of_sources}.H();
        };
        const Communicator self = Communicator::self();
        const auto own = medium<T>(Waves::elastic, grid, self);
        std::vector<WaveMedium<T>> shared;
        for (const auto& sides : groups())
            shared.push_back(whole.over(ProcessGrid{world(), sides}, s.cells));
        const int most = std::max(w.sources.count, w.receivers.count);
        const int ways_of_each = dimension == 2 ? static_cast<int>(driven.size()) : 1;
        for (int i = 0; i < most * ways_of_each; ++i) {
            // The numbers of quantities and ways go round together until all have met.
            const auto way = static_cast<std::size_t>(i / most + i) % driven.size();
            auto of_sources = driven[way];
            auto of_receivers =
                recorded[(way + static_cast<std::size_t>(i / most)) % driven.size()];
            of_sources.quantity = w.sources[i % w.sources.count].name;
            of_receivers.quantity = w.receivers[i % w.receivers.count].name;
            if (of_receivers.quantity.starts_with("strain rate"))
                of_receivers.derivative_along = {};
            CAPTURE(of_sources.quantity);
            CAPTURE(of_receivers.quantity);
            CAPTURE(way);
            const auto one = modeling(own, self, of_sources, of_receivers);
            const auto d = one * one.domain().random(5);
            const auto q = one.H() * d;
            for (std::size_t g = 0; g < shared.size(); ++g) {
                const auto M = modeling(shared[g], ProcessGrid{world(), groups()[g]}, of_sources,
                                        of_receivers);
                const auto records = M * M.domain().random(5);
                CHECK(same_bits(records, d));
                CHECK(same_bits(M.H() * records, q));
                lop::testing::check_reports({dot_test(M)});
            }
        }
    }
}

TEST_CASE("the planes of a model may count slower than the shots") {
    if (world().size() != 4) return;
    const Setting s{.order = 4};
    const Grid grid = grid_of(s);
    const auto [sources, receivers] = points(grid);
    const ProcessGrid turned{world(), {2, 2}};
    const Partition of_shots = turned.partition(Shape{2}, {-1, 0});
    const auto whole = medium<double>(Waves::acoustic, grid, world());
    const Shots<double> shots{cut(whole, turned.partition(grid.shape(), {0, -1})),
                              {sources, record_time, world(), of_shots},
                              {receivers, record_time, world(), of_shots},
                              s,
                              {}};
    const auto one = alone<double>(Waves::acoustic, s);
    const Spectra U{shots.M, {10, 25}};
    CHECK(same_bits(U * shots.q, Spectra{one.M, {10, 25}} * one.q));
    lop::testing::check_reports({dot_test(U), dot_test(shots.J)});
}

TEST_CASE_TEMPLATE("spectra of shots that ranks share are those of one", T, float, double) {
    for (const Waves waves : {Waves::acoustic, Waves::elastic})
        for (const int dimension : {2, 3})
            for (const bool free_surface : {false, true}) {
                const Setting s{.dimension = dimension,
                                .order = dimension == 2 ? 8 : 4,
                                .inside = !free_surface,
                                .free_surface = free_surface};
                CAPTURE(name(s));
                const auto one = alone<T>(waves, s);
                const Spectra U{one.M, {10, 25}, 2};
                const auto u = U * one.q;
                const auto q = U.H() * u;
                for (const auto& sides : groups()) {
                    const auto shared = shared_by<T>(ProcessGrid{world(), sides}, waves, s);
                    const Spectra V{shared.M, {10, 25}, 2};
                    const auto spectra = V * shared.q;
                    CHECK(same_bits(spectra, u));
                    CHECK(same_bits(V.H() * spectra, q));
                    lop::testing::check_reports({dot_test(V)});
                }
            }
}

TEST_CASE("an image of a whole model comes from scattering it") {
    const Setting s;
    const Grid grid = grid_of(s);
    const auto [sources, receivers] = points(grid);
    const ProcessGrid ranks{world(), {1, world().size()}};
    const auto whole = medium<double>(Waves::acoustic, grid, world());
    const Shots<double> shots{whole.over(ranks, s.cells),
                              {sources, {12, 0.004}, ranks},
                              {receivers, {12, 0.004}, ranks},
                              s,
                              {}};
    const auto J = shots.J * scatter(whole.space(), shots.J.domain().partition());
    lop::testing::check_laws(J);
}

namespace {

/// The snapshots that this rank is given of a run, shot after shot.
template <Scalar T>
std::vector<std::vector<float>> kept(const Shots<T>& shots, const Snapshots& options) {
    std::vector<std::vector<float>> frames;
    record(shots.M, shots.q, options, [&](const SnapshotSeries& series) {
        frames.push_back(series.velocity);
        return [&frames, size = series.grid.size()](const float* values) {
            frames.emplace_back(values, values + size);
        };
    });
    return frames;
}

}  // namespace

TEST_CASE_TEMPLATE("snapshots of shots that ranks share are those of one, on the first of them", T,
                   float, double) {
    for (const auto& [waves, quantity] :
         {std::pair{Waves::acoustic, "pressure"}, std::pair{Waves::elastic, "stress xz"},
          std::pair{Waves::elastic, "strain rate xx"}})
        for (const int dimension : {2, 3}) {
            const Setting s{.dimension = dimension, .order = 4};
            const Snapshots options{.quantity = quantity,
                                    .every = 5,
                                    .stride = dimension == 2 ? std::vector<index_t>{3, 2}
                                                             : std::vector<index_t>{3, 2, 2},
                                    .with_layers = dimension == 2,
                                    .shots = {1}};
            const auto one = kept(alone<T>(waves, s), options);
            for (const auto& sides : groups()) {
                const ProcessGrid ranks{world(), sides};
                const auto shots = shared_by<T>(ranks, waves, s);
                const auto shared = kept(shots, options);
                const Geometry driven{points(grid_of(s)).first, record_time, ranks};
                const bool mine = driven.first_shot() <= 1 && 1 < driven.last_shot();
                CHECK(world().sum(shared.empty() ? 0 : 1) == 1);
                if (!shared.empty()) CHECK((mine && shared == one));
            }
        }
}

TEST_CASE("a sink that fails on the rank that has it ends the run of all") {
    const Setting s;
    const auto shots =
        shared_by<float>(ProcessGrid{world(), {1, world().size()}}, Waves::acoustic, s);
    const SnapshotSink sink = [](const SnapshotSeries&) {
        return [](const float*) { throw FileError{"the disk is gone"}; };
    };
    CHECK_THROWS_WITH_AS(record(shots.M, shots.q, {}, sink), doctest::Contains("the disk is gone"),
                         FileError);
}

TEST_CASE("grids that are too small for their ranks, and unlike groups, are refused by name") {
    const Grid grid{Shape{18, 40}, {10, 10}};
    const auto whole = medium<float>(Waves::acoustic, grid, world());
    const ProcessGrid ranks{world(), {1, world().size()}};
    const std::vector<std::vector<Point>> one{{{100, 0, 100}}};
    const TimeAxis time{12, 0.004};
    const Propagator<float> F{whole.over(ranks, 0), {.space_order = 16, .boundary = {.cells = 20}}};
    const Projection<float> P{Geometry{one, time, ranks}};
    if (world().size() > 2) {
        CHECK_THROWS_WITH_AS(P * F * P.H(), doctest::Contains("planes along x on rank"),
                             ArgumentError);
    } else {
        CHECK(norm((P * F * P.H()) * P.range().random(1)) > 0);
    }
    CHECK_THROWS_AS(whole.over(ProcessGrid{world(), {world().size()}}), ArgumentError);
    if (world().size() < 2) return;
    const Projection<float> alone{Geometry{one, time, world()}};
    CHECK_THROWS_WITH_AS(alone * F * alone.H(), doctest::Contains("the same groups of ranks"),
                         GeometryError);
    CHECK_THROWS_WITH_AS(P * Propagator<float>{whole} * P.H(),
                         doctest::Contains("the same process grid"), GeometryError);
    CHECK_THROWS_AS(F.bound(Geometry{one, time, ranks}, {10, 0.001}), ArgumentError);
    const Setting thin;
    const Grid long_grid = grid_of(thin);
    const Propagator<float> G{
        medium<float>(Waves::acoustic, long_grid, world()).over(ranks, thin.cells),
        {.boundary = {.cells = thin.cells}}};
    const auto w = P.range().random(2);
    CHECK_THROWS_WITH_AS((P * G * WaveletProjection<float>{long_grid, P.points(), w}.H()),
                         doctest::Contains("WaveletProjection{medium, shots, wavelets}"),
                         SpaceError);
    CHECK_THROWS_WITH_AS(
        (WaveletProjection<float>{G.medium(), alone.points(), alone.range().random(2)}),
        doctest::Contains("ranks in a grid"), GeometryError);
}

namespace {

/// What the engine makes of a shot, for steps that run together as it is asked: records of two shots at once, adjoint,
/// Born data and images with states kept and without.
template <Scalar T> struct Outcome {
    std::vector<std::vector<T>> traces;
    std::vector<std::vector<T>> images;
    bool is_together = true;  ///< forward and transposed
    int threads = 1;
};

template <Scalar T> Outcome<T> outcome(const WaveMedium<T>& medium, const Setting& s,
                                       const std::vector<index_t>& planes, index_t steps,
                                       int at_once) {
    const Grid& grid = medium.grid();
    wave::Problem problem{.dimension = s.dimension,
                          .order = s.order,
                          .layer = {.cells = s.cells, .inside = s.inside},
                          .is_sponge = s.sponge,
                          .layer_velocity = 3000,
                          .free_surface = s.free_surface,
                          .dt = 8e-4,
                          .settings = medium.settings(),
                          .steps_at_once = at_once};
    for (int axis = 0; axis < s.dimension; ++axis) {
        problem.extents[static_cast<std::size_t>(axis)] = grid.shape()[axis];
        problem.spacing[static_cast<std::size_t>(axis)] = grid.spacing(axis);
    }
    const auto reach = wave::planes_within_reach(medium, s.order);
    const auto held = [&](const DistributedArray<T>& x) { return reach ? *reach * x : x; };
    const auto parameters = held(medium.parameters());
    const auto perturbation = held(medium.space().random(3));
    const wave::Engine<T> engine{medium.equation(), problem, parameters.data(), medium.domain()};
    const auto placed = [&](wave::Side side, std::vector<double> beside) {
        std::vector<Point> all;
        for (const double cells : beside)
            for (const Point& p : points_at(grid, planes, cells)) all.push_back(p);
        return wave::place_points(engine, grid, all, 0, wave::port_of(engine.physics(), side, {}),
                                  ProjectionOptions{});
    };
    const auto sources = placed(wave::Side::source, {-1, 0.3});
    const auto receivers = placed(wave::Side::receiver, {-2.4, -1, -0.5, 0, 1.7});
    const auto series = [&](const wave::PlacedPoints& at, std::uint64_t seed) {
        std::vector<T> values(static_cast<std::size_t>(at.size() * steps));
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] = static_cast<T>(random_uniform(seed, i) - 0.5);
        return values;
    };
    const auto q = series(sources, 1), q2 = series(sources, 4), d = series(receivers, 2);
    auto record = d, record2 = d, source = q, scattered = d;
    std::vector<T> image(static_cast<std::size_t>(engine.parameter_size())), image2 = image;
    const wave::Input<T> driven{&sources, q.data()}, received{&receivers, d.data()};
    wave::Workspace<T> workspace, other;
    const auto plan = engine.plan(steps, 5);
    const auto bounded = engine.plan(
        steps, 5, {medium.domain().most(5 * engine.increment_bytes() + 3 * engine.state_bytes())});
    engine.adjoint(workspace, received, {&sources, source.data()}, steps);
    engine.born(workspace, driven, perturbation.data(), {&receivers, scattered.data()}, steps,
                plan);
    engine.born_adjoint(workspace, driven, received, image.data(), steps, plan);
    engine.born_adjoint(workspace, driven, received, image2.data(), steps, bounded);
    const bool is_together =
        engine.steps_at_once(workspace, false) > 0 && engine.steps_at_once(workspace, true) > 0;
    const std::array<wave::ShotRun<T>, 2> both{
        wave::ShotRun<T>{&workspace, driven, {&receivers, record.data()}},
        wave::ShotRun<T>{&other, {&sources, q2.data()}, {&receivers, record2.data()}}};
    engine.forward(both, steps);
    return {{record, record2, source, scattered},
            {image, image2},
            is_together,
            wave::team_size(engine.medium().layout().size())};
}

/// The first rank has few planes, and so cannot take as many steps together as the others.
std::vector<index_t> uneven(index_t extent, int ranks, index_t first) {
    std::vector<index_t> counts{ranks == 1 ? extent : first};
    for (int r = 1; r < ranks; ++r)
        counts.push_back((extent - first) * r / (ranks - 1) -
                         (extent - first) * (r - 1) / (ranks - 1));
    return counts;
}

}  // namespace

TEST_CASE_TEMPLATE("steps that run together on ranks that share a shot give the bits of one by one",
                   T, float, double) {
    struct Model {
        Setting setting;
        std::vector<index_t> extents;
        index_t steps = 23;
        int threads = 1;
    };
    for (const Waves waves :
         {Waves::acoustic, Waves::fourth_order, Waves::density, Waves::elastic, Waves::lossy})
        for (const auto& [s, extents, steps, threads] :
             {Model{{2, 4, false, true, 4}, {160, 20}, 107},  // past a look at the fields
              Model{{3, 4, false, false, 2}, {150, 9, 10}},
              Model{{2, 4, true, false, 4, true}, {160, 20}},
              Model{{2, 2, true, false, 3}, {300, 120}, 9, 2}}) {
            // Threads of more than two ranks would wait for each other on few cores.
            if (threads > 1 && (world().size() > 2 || waves > Waves::fourth_order)) continue;
            CAPTURE(name(s));
            CAPTURE(static_cast<int>(waves));
            const Team team{threads};
            const Grid grid{
                Shape{std::span<const index_t>{extents}},
                s.dimension == 2 ? std::vector<double>{10, 12} : std::vector<double>{10, 12, 11}};
            const index_t extent = extents[0];
            const auto counts = uneven(extent, world().size(), threads == 2 ? 140 : 16);
            std::vector<index_t> cuts{counts[0] < extent ? counts[0] : extent / 2};
            for (std::size_t r = 1; r + 1 < counts.size(); ++r)
                cuts.push_back(cuts.back() + counts[r]);
            const auto whole = medium<T>(waves, grid, world());
            const int axis = whole.parameters().shape().rank() - s.dimension;
            const auto shared = cut(whole, Partition::given(counts, axis));
            const auto alone =
                outcome(medium<T>(waves, grid, Communicator::self()), s, cuts, steps, -1);
            const auto one_by_one = outcome(shared, s, cuts, steps, -1);
            CHECK(!one_by_one.is_together);
            CHECK(one_by_one.threads == threads);
            CHECK(one_by_one.traces == alone.traces);
            for (const int at_once : {1, 3, 4}) {
                CAPTURE(at_once);
                const auto together = outcome(shared, s, cuts, steps, at_once);
                CHECK(together.traces == one_by_one.traces);
                CHECK(together.images == one_by_one.images);
                const bool is_one = shared.equation().forward->stages.count * at_once == 1;
                CHECK(together.is_together != is_one);
            }
            for (const auto& values : one_by_one.traces)
                CHECK(std::any_of(values.begin(), values.end(), [](T v) { return v != 0; }));
            CHECK(one_by_one.images[0] == one_by_one.images[1]);
        }
}

TEST_CASE("two threads on each of two ranks give the bits of one") {
    if (world().size() > 2) return;  // their threads would wait for each other on few cores
    const Grid grid{Shape{600, 420}, {10, 12}};
    const Setting s{.order = 4};
    const TimeAxis time{8, 1e-3};
    const ProcessGrid ranks{world(), {1, world().size()}};
    for (const Waves waves : {Waves::elastic, Waves::density}) {
        CAPTURE(static_cast<int>(waves));
        const auto whole = medium<double>(waves, grid, world());
        const auto planes = planes_of_cuts(whole, s.cells);
        const auto sources = shots_at_planes(grid, planes, {{-1, 0.3}});
        const auto receivers = shots_at_planes(grid, planes, {{-2.4, -1, 0, 1.7}});
        const auto modeling = [&](const WaveMedium<double>& medium, const auto& ranks_of_shots) {
            return Projection<double>{Geometry{receivers, time, ranks_of_shots}} *
                   Propagator<double>{medium,
                                      {.space_order = s.order,
                                       .boundary = {.cells = s.cells},
                                       .time_step = time.interval}} *
                   Projection<double>{Geometry{sources, time, ranks_of_shots}}.H();
        };
        const Communicator self = Communicator::self();
        const auto one = modeling(medium<double>(waves, grid, self), self);
        const auto q = one.domain().random(5);
        const auto d = one * q;
        const auto J = jacobian(one, q, {.every = 1});
        const auto back = one.H() * d;
        const auto scattered = J * J.domain().random(3);
        const auto image = J.H() * d;
        const Team team{2};
        const auto M = modeling(whole.over(ranks, s.cells), ranks);
        const auto sent = M.domain().random(5);
        const auto records = M * sent;
        const auto& engine = *M.setup()->engine;
        CHECK(wave::team_size(engine.medium().layout().size()) == 2);
        // Where the fields do not fit a core's cache, as they do not fit 2 MB.
        WARN(engine.steps_at_once(wave::lease(M.setup()->workspaces)->fields, false) > 0);
        const auto K = jacobian(M, sent, {.every = 1});
        CHECK(same_bits(records, d));
        CHECK(same_bits(M.H() * records, back));
        CHECK(same_bits(K * K.domain().random(3), scattered));
        CHECK(same_bits(K.H() * records, image));
        lop::testing::check_reports({dot_test(M), dot_test(K)});
    }
}

TEST_CASE("growth in the planes of one rank ends the run of all, forwards and backwards") {
    const Setting s{.order = 2};
    const Grid grid = grid_of(s);
    const TimeAxis time{900, 1e-3};
    Array<double> v{grid.shape()}, g{grid.shape()};
    const index_t plane = grid.size() / grid.shape()[0];
    for (index_t i = 0; i < grid.size(); ++i) {
        const bool feeds = i / plane < grid.shape()[0] / 4;
        v[i] = feeds ? 1500 : 2000;
        g[i] = feeds ? -200 : 0;
    }
    const WaveMedium<double> whole{wave::equation<lop::testing::FrictionEquation, double>(2), grid,
                                   stacked_parameters<double>(grid, {v, g}, world())};
    for (const auto& sides : groups()) {
        const ProcessGrid ranks{world(), sides};
        const Projection<double> P{
            Geometry{shots_at_planes(grid, {26}, {{0}, {0.4}}), time, ranks}};
        const auto M =
            P *
            Propagator<double>{
                whole.over(ranks, 0),
                {.space_order = s.order, .boundary = {.cells = 0}, .time_step = time.interval}} *
            P.H();
        CHECK_THROWS_WITH_AS(M * M.domain().random(5),
                             doctest::Contains("beyond ten orders of magnitude at step "),
                             StabilityError);
        CHECK_THROWS_WITH_AS(M.H() * M.range().random(6),
                             doctest::Contains("beyond ten orders of magnitude at step "),
                             StabilityError);
    }
}

TEST_CASE(
    "values of one rank or of one shot that are not finite end the run of all, with their place") {
    const Setting s{.order = 4};
    const Grid grid = grid_of(s);
    const TimeAxis time{20, 1e-3};
    // Planes that the last of four ranks holds.
    const auto points = shots_at_planes(grid, {46}, {{0}, {0}});
    constexpr float nan = std::numeric_limits<float>::quiet_NaN();
    for (const auto& sides : groups()) {
        const ProcessGrid ranks{world(), sides};
        const Geometry shots{points, time, ranks};
        const Projection<float> P{shots, {.interpolation = Interpolation::linear}};
        const auto M =
            P *
            Propagator<float>{medium<float>(Waves::acoustic, grid, world()).over(ranks, s.cells),
                              {.space_order = s.order,
                               .boundary = {.cells = s.cells},
                               .time_step = time.interval}} *
            P.H();
        // Late in the last shot: what drives the last step but one, and is read within two planes by the last.
        auto q = M.domain().random(5);
        for (index_t i = 0; i < q.size(); ++i)
            if (q.layout()->global_index(i) == 2 * time.samples - 3)
                q.local()[static_cast<std::size_t>(i)] = nan;
        CHECK_THROWS_WITH_AS(M * q, doctest::Contains("by now in cells 44 to 48 along x and "),
                             StabilityError);
        CHECK_THROWS_WITH_AS(M * q, doctest::Contains("input without NaN"), StabilityError);
        // In the last plane of a perturbation, which the last rank alone holds.
        const auto J = jacobian(M, M.domain().random(5));
        auto dm = J.domain().random(3);
        for (index_t i = 0; i < dm.size(); ++i)
            if (dm.layout()->global_index(i) == grid.size() - 1)
                dm.local()[static_cast<std::size_t>(i)] = nan;
        CHECK_THROWS_WITH_AS(J * dm, doctest::Contains("a perturbation of the medium"),
                             ArgumentError);
    }
}
