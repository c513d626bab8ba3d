/// The figures of Devito's examples of acoustic and elastic waves and of its inversion: its own equations, declared.
#include "support/analytic.hpp"
#include "support/modelled.hpp"
#include "support/series.hpp"
#include <lop/operators/wave/equations.hpp>
#include <lop/operators/wave/waves.hpp>

#include <algorithm>
#include <cmath>
#include <doctest/doctest.h>
#include <numbers>
#include <span>
#include <vector>

using namespace lop;

namespace {

using namespace series;
using modelled::Shot;
using std::numbers::pi;

/// m u_tt + d u_t - lap u = f with Devito's sponge d and its one-sided u_t.
struct SpongeEquation {
    static constexpr wave::Physics declare(int dimension) {
        wave::Physics w{dimension};
        const auto m = w.parameter("m", "s2/m2");
        const auto d = w.parameter("d", "s/m2");
        const auto inertia = m / (w.dt() * w.dt());
        const auto friction = d / w.dt();
        const auto total = inertia + friction, step = 1 / total;
        const auto u = w.wavefield("u");
        w.update(u, ((2 * inertia + friction) / total) * u - (inertia / total) * before(u) +
                        step * w.laplacian(u));
        w.source("pressure", u, step);  // there without friction: the same outside the sponge
        w.receiver("pressure", u);
        w.vanishes_at_surface(u);
        w.speeds(1 / sqrt(m));
        return w;
    }
};

/// Isotropic elastic waves, every step of every field times a mask that is not averaged between points.
struct MaskedElasticEquation {
    static constexpr wave::Physics declare(int dimension) {
        wave::Physics w{dimension};
        const auto lambda = w.parameter("lambda", "m2/s2");
        const auto mu = w.parameter("mu", "m2/s2");
        const auto b = w.parameter("b", "1");
        const auto mask = w.parameter("mask", "1");
        const auto vx = w.field("velocity", wave::Physics::half(0));
        const auto vz = w.field("velocity", wave::Physics::half(1));
        const auto xx = w.field("stress");
        const auto zz = w.field("stress");
        const auto xz = w.field("stress", wave::Physics::half(0, 1));
        // Each step in two stages: the next field before the mask, and the field.
        const auto next = [&](wave::Field f, const wave::Terms& sum) {
            const auto whole = w.temporary("before the mask", w.fields[f.id].position);
            w.update(whole, sum);
            return whole;
        };
        const auto mask_to = [&](wave::Field f, wave::Field whole) {
            w.update(f, w.beside(mask) * whole);
        };
        const auto next_vx = next(vx, vx + (w.dt() * w.at(vx, b)) * (w.d(0, xx) + w.d(1, xz)));
        const auto next_vz = next(vz, vz + (w.dt() * w.at(vz, b)) * (w.d(0, xz) + w.d(1, zz)));
        mask_to(vx, next_vx);
        mask_to(vz, next_vz);
        const auto volume = (w.dt() * lambda) * (w.d(0, vx) + w.d(1, vz));
        const auto next_xx = next(xx, xx + volume + (2 * w.dt() * mu) * w.d(0, vx));
        const auto next_zz = next(zz, zz + volume + (2 * w.dt() * mu) * w.d(1, vz));
        const auto next_xz =
            next(xz, xz + (w.dt() * w.harmonic_at(xz, mu)) * (w.d(0, vz) + w.d(1, vx)));
        mask_to(xx, next_xx);
        mask_to(zz, next_zz);
        mask_to(xz, next_xz);
        w.source("pressure", xx, w.dt());
        w.source("pressure", zz, w.dt());
        w.receiver("stress zz", zz);
        w.receiver("velocity x", vx);
        w.receiver("velocity z", vz);
        w.speeds(sqrt((lambda + 2 * mu) * b), sqrt(mu * b));
        return w;
    }
};

// 50 points an axis, 20 m apart, in three layers of 1.5, 2.5 and 3.5 km/s, with 40 cells around them.
constexpr index_t inside = 50, around = 40;
constexpr double h = 20.0;

/// km/s, in a row of the model; above and below it as at its edges.
double velocity(index_t row) { return row < inside / 3 ? 1.5 : row < 2 * (inside / 3) ? 2.5 : 3.5; }

/// A grid of so many points an axis with its sponge, and what it holds.
struct Padded {
    Padded(int dimension, bool free_surface, index_t points = inside, double spacing = h) {
        std::vector<index_t> shape(static_cast<std::size_t>(dimension), points + 2 * around);
        std::vector<double> origin(shape.size(), -spacing * around);
        if (free_surface) shape.back() -= around, origin.back() = 0.0;
        first = free_surface ? 0 : around;
        grid = Grid{Shape{std::span<const index_t>{shape}},
                    std::vector<double>(shape.size(), spacing), origin};
    }
    /// Of a cell of the grid: 1.5 ln(1000) / 40 (p - sin(2 pi p) / (2 pi)) / h, from each edge but a surface.
    double sponge(index_t cell) const {
        double sum = 0.0;
        for (int axis = grid.dimension() - 1; axis >= 0; --axis) {
            const index_t n = grid.shape()[axis], i = cell % n;
            cell /= n;
            const bool surface = first == 0 && axis + 1 == grid.dimension();
            for (const index_t depth : {surface ? index_t{around} : i, n - 1 - i}) {
                if (depth >= around) continue;
                const double p = static_cast<double>(around - depth + 1) / around;
                sum += 1.5 * std::log(1000.0) / around * (p - std::sin(2 * pi * p) / (2 * pi)) /
                       grid.spacing(axis);
            }
        }
        return sum;
    }
    /// Of the model.
    index_t row(index_t cell) const { return cell % grid.shape()[grid.dimension() - 1] - first; }

    Grid grid{Shape{1, 1}, {1, 1}};
    index_t first = around;
};

template <class T, class F> Array<T> array(const Grid& grid, const F& of_cell) {
    Array<T> values{grid.shape()};
    for (index_t i = 0; i < values.size(); ++i) values.data()[i] = static_cast<T>(of_cell(i));
    return values;
}

/// A Ricker wavelet of 10 Hz in the middle, one cell deep, and receivers two cells deep at every point.
/// `dt` in ms; samples are amplitudes times `scale`.
Shot shot_of(int dimension, double dt, int steps, double scale) {
    Shot shot;
    const double middle = h * (inside - 1) / 2;
    shot.sources = {{middle, dimension == 3 ? middle : 0.0, h}};
    const auto w = analytic::ricker(10.0, 0.1);
    Series s;
    for (int n = 0; n < steps; ++n) s.push_back(n == 0 ? 0.0 : scale * w.value(1e-3 * dt * n));
    shot.measures = {s};
    for (index_t i = 0; i < inside; ++i)
        for (index_t j = 0; j < (dimension == 3 ? inside : 1); ++j)
            shot.receivers.push_back(
                {h * static_cast<double>(i), h * static_cast<double>(j), 2 * h});
    return shot;
}

/// The last step is not recorded there.
double norm_of(Traces traces) {
    for (Series& u : traces) u.back() = 0.0;
    return norm(joined(traces));
}

const modelled::Points linear{{Interpolation::linear}, {Interpolation::linear}};

// ---- acoustic ---------------------------------------------------------------------------------

constexpr double acoustic_dt = 2.588;  // ms
constexpr int acoustic_steps = 388;
/// u += w dt^2 / m to a cell, here by the measure s of  u += dt^2 / m s / (V dt).
constexpr double acoustic_scale = 1e-3 * acoustic_dt * h * h * h;

template <class T> double acoustic_norm(const WaveMedium<T>& medium,
                                        const PropagatorOptions& options, double scale) {
    const Shot shot = shot_of(3, acoustic_dt, acoustic_steps, scale);
    return norm_of(
        modelled::record<T>(medium, options, {shot}, 1e-3 * acoustic_dt, acoustic_steps, linear));
}

template <class T> double in_sponge(bool free_surface) {
    const Padded model{3, free_surface};
    const auto m = [&](index_t cell) { return 1e-6 / std::pow(velocity(model.row(cell)), 2); };
    const auto d = [&](index_t cell) { return 1e-3 * model.sponge(cell); };
    const Waves<SpongeEquation, T> medium{
        model.grid, {array<T>(model.grid, m), array<T>(model.grid, d)}, {}, Communicator::self()};
    return acoustic_norm<T>(
        medium, {.space_order = 4, .boundary = {.cells = 0}, .free_surface = free_surface},
        acoustic_scale);
}

/// The equation that lop ships, in its own layers.
template <class T> double in_layers(bool free_surface) {
    const Grid grid{Shape{inside, inside, inside}, {h, h, h}};
    const auto m = [](index_t cell) { return 1e-6 / std::pow(velocity(cell % inside), 2); };
    const Acoustic<T> medium{
        Model<T>::from_slowness_squared(grid, array<T>(grid, m), Communicator::self())};
    return acoustic_norm<T>(medium, {.space_order = 4, .free_surface = free_surface},
                            acoustic_scale);
}

// ---- elastic ----------------------------------------------------------------------------------

constexpr double elastic_dt = 3.29;  // ms
constexpr int elastic_steps = 305;

double vp(index_t row) { return 1e3 * velocity(row); }
double vs(index_t row) { return vp(row) < 1510 ? 0.0 : 0.5 * vp(row); }
double density(index_t row) { return vp(row) < 1510 ? 1.0 : 0.31 * std::pow(vp(row), 0.25); }

struct Norms {
    double stress = 0, divergence = 0;
};

/// Stresses += w dt there, in ms.
Norms elastic_norms(const WaveMedium<double>& medium, const PropagatorOptions& options) {
    const Shot shot = shot_of(2, elastic_dt, elastic_steps, elastic_dt * h * h);
    const auto record = [&](const char* quantity, const Shot& at) {
        auto points = linear;
        points.sources.quantity = "pressure";
        points.receivers.quantity = quantity;
        return modelled::record<double>(medium, options, {at}, 1e-3 * elastic_dt, elastic_steps,
                                        points);
    };
    Traces divergence(shot.receivers.size(), Series(elastic_steps));
    for (const bool along_z : {false, true})
        for (const double cells : {-1.5, -0.5, 0.5, 1.5}) {
            Shot moved = shot;
            for (Point& p : moved.receivers) (along_z ? p.z : p.x) += cells * h;
            const Traces v = record(along_z ? "velocity z" : "velocity x", moved);
            const double size = std::abs(cells) < 1 ? 9.0 / 8 : -1.0 / 24;
            const double weight = std::copysign(size, size * cells) * 1e3 / h;  // m/s here
            for (std::size_t i = 0; i < v.size(); ++i)
                for (std::size_t n = 0; n < v[i].size(); ++n) divergence[i][n] += weight * v[i][n];
        }
    return {norm_of(record("stress zz", shot)), norm_of(divergence)};
}

Norms in_mask() {
    const Padded model{2, false};
    const auto of_row = [&](const auto& f) {
        return array<double>(model.grid, [&](index_t cell) { return f(model.row(cell)); });
    };
    const auto mu = [](index_t row) { return density(row) * vs(row) * vs(row); };
    const auto lambda = [&](index_t row) { return density(row) * vp(row) * vp(row) - 2 * mu(row); };
    const auto mask = [&](index_t cell) { return 1.0 - model.sponge(cell); };
    const Waves<MaskedElasticEquation, double> medium{
        model.grid,
        {of_row(lambda), of_row(mu), of_row([](index_t row) { return 1.0 / density(row); }),
         array<double>(model.grid, mask)},
        {},
        Communicator::self()};
    return elastic_norms(medium, {.space_order = 4, .boundary = {.cells = 0}});
}

/// The equation that lop ships, in its own layers, which leave room for the receivers beside the model.
Norms elastic_in_layers() {
    const index_t room = 2;
    const double first = -h * static_cast<double>(room);
    const Grid grid{Shape{inside + 2 * room, inside}, {h, h}, {first, 0.0}};
    const auto of_row = [&](const auto& f) {
        return array<double>(grid, [&](index_t cell) { return f(cell % inside); });
    };
    return elastic_norms(
        Elastic<double>{grid, of_row(vp), of_row(vs), of_row(density), Communicator::self()},
        {.space_order = 4});
}

// ---- inversion --------------------------------------------------------------------------------

/// The camembert of 3 km/s in 2.5 km/s, and what its inversion goes by: x is its depth.
struct Camembert {
    static constexpr index_t points = 101;
    static constexpr double spacing = 10.0, dt = 2.041e-3;  // m, s
    static constexpr int steps = 491;

    /// km/s of a cell of the padded grid.
    double velocity(index_t cell) const {
        const index_t rows = model.grid.shape()[1];
        const auto from_middle = [](index_t i) {
            return static_cast<double>(std::clamp<index_t>(i - around, 0, points - 1)) -
                   points / 2.0;
        };
        const double x = from_middle(cell / rows), z = from_middle(cell % rows);
        return x * x + z * z <= 15.0 * 15.0 ? 3.0 : 2.5;
    }
    /// s2/m2 of the cells.
    template <class T> Array<T> squared_slowness(const std::vector<double>& v) const {
        return array<T>(model.grid, [&](index_t cell) {
            return 1e-6 / std::pow(v[static_cast<std::size_t>(cell)], 2);
        });
    }
    template <class T> WaveMedium<T> in_sponge(const std::vector<double>& v) const {
        const auto d = [&](index_t cell) { return 1e-3 * model.sponge(cell); };
        return Waves<SpongeEquation, T>{model.grid,
                                        {squared_slowness<T>(v), array<T>(model.grid, d)},
                                        {},
                                        Communicator::self()};
    }
    /// The equation that lop ships; its own layers take the place of the sponge.
    template <class T> WaveMedium<T> in_layers(const std::vector<double>& v) const {
        return Acoustic<T>{Model<T>::from_slowness_squared(model.grid, squared_slowness<T>(v),
                                                           Communicator::self())};
    }
    /// Nine on one side, driven by a Ricker wavelet of 10 Hz from the second step on, and 101 receivers on the other.
    static std::vector<Shot> shots() {
        const auto w = analytic::ricker(10.0, 0.1);
        Series s{0.0};
        for (int n = 1; n < steps; ++n) s.push_back(dt * spacing * spacing * w.value(dt * n));
        std::vector<Point> receivers;
        for (index_t i = 0; i < points; ++i)
            receivers.push_back({980.0, 0.0, spacing * static_cast<double>(i)});
        std::vector<Shot> all;
        for (int k = 0; k < 9; ++k) all.push_back({{{20.0, 0.0, 125.0 * k}}, {s}, receivers});
        return all;
    }

    Padded model{2, false, points, spacing};
};

/// 1/2 |M(m) q - d|^2 before each of five steps of descent: 50 m/s where the derivative by m is largest, and no
/// velocity outside 2 to 3.5 km/s. What surrounds the model is updated with it.
Series misfits(bool own_layers) {
    using T = float;
    const Camembert camembert;
    const auto medium = [&](const std::vector<double>& v) {
        return own_layers ? camembert.in_layers<T>(v) : camembert.in_sponge<T>(v);
    };
    const auto size = static_cast<std::size_t>(camembert.model.grid.size());
    std::vector<double> v(size);
    for (std::size_t i = 0; i < size; ++i) v[i] = camembert.velocity(static_cast<index_t>(i));
    const auto shots = Camembert::shots();
    const TimeAxis time{Camembert::steps, Camembert::dt};
    const Pml layers{.cells = own_layers ? around : 0, .inside = true};
    const auto M = modelled::modeling<T>(
        medium(v), {.space_order = 4, .boundary = layers, .time_step = time.interval}, shots, time,
        time, linear);
    const auto q = modelled::sources(M, shots);
    const auto observed = evaluate(M * q);

    Series history;
    v.assign(size, 2.5);
    for (int k = 0; k < 5; ++k) {
        const auto Mk = M.at(medium(v).parameters());
        auto residual = evaluate(Mk * q - observed);
        for (index_t n = time.samples - 1; n < residual.size(); n += time.samples)
            residual.data()[n] = 0;  // the last step is not recorded there
        history.push_back(0.5 * dot(residual, residual));
        const auto gradient = evaluate(jacobian(Mk, q).H() * residual);
        const T* g = gradient.data();  // by m; what is by the sponge follows
        const double largest = *std::max_element(g, g + size);
        for (std::size_t i = 0; i < size; ++i)
            v[i] = std::clamp(v[i] + 0.05 * g[i] / largest, 2.0, 3.5);
    }
    return history;
}

}  // namespace

TEST_CASE("Devito's acoustic waves have the norm that Devito's have, and lop's own all but that") {
    const double open = in_sponge<double>(false), surface = in_sponge<float>(true);
    CHECK(open == doctest::Approx(459.339).epsilon(1e-6));
    CHECK(surface == doctest::Approx(370.217).epsilon(2e-6));
    const double own = in_layers<float>(false), own_surface = in_layers<float>(true);
    MESSAGE("Devito 459.339, its equation " << open << ", lop's " << own
                                            << "; with a free surface 370.217, " << surface << ", "
                                            << own_surface);
    CHECK(own == doctest::Approx(459.339).epsilon(1e-3));
    CHECK(own_surface == doctest::Approx(370.217).epsilon(1e-3));
}

TEST_CASE("Devito's elastic waves have the norms that Devito's have, and lop's own all but those") {
    const Norms masked = in_mask(), own = elastic_in_layers();
    MESSAGE("stress: Devito 19.93683, its equation " << masked.stress << ", lop's " << own.stress
                                                     << "; divergence of the velocity 0.668917, "
                                                     << masked.divergence << ", "
                                                     << own.divergence);
    CHECK(masked.stress == doctest::Approx(19.93683).epsilon(1e-5));
    CHECK(masked.divergence == doctest::Approx(0.668917).epsilon(1e-5));
    CHECK(own.stress == doctest::Approx(19.93683).epsilon(1e-3));
    CHECK(own.divergence == doctest::Approx(0.668917).epsilon(1e-2));
}

TEST_CASE("Devito's inversion has the misfits that Devito's has, and lop's own all but those") {
    const Series expected{39115, 24130, 14098, 7706, 3829};
    const Series found = misfits(false), own = misfits(true);
    for (std::size_t k = 0; k < expected.size(); ++k) {
        MESSAGE("after " << k << " steps: Devito " << expected[k] << ", its equation " << found[k]
                         << ", lop's " << own[k]);
        CHECK(found[k] == doctest::Approx(expected[k]).epsilon(1.2e-4));
        CHECK(own[k] == doctest::Approx(expected[k]).epsilon(1.7e-2));
    }
}
