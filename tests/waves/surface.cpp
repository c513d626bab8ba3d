/// The free surface of elastic waves: its closures, the energy it keeps, and the waves of Garvin and of Lamb.
#include "operators/wave/closure.hpp"
#include "operators/wave/shot.hpp"
#include "operators/wave/stencil.hpp"
#include "support/analytic.hpp"
#include "support/modelled.hpp"
#include "support/public_data.hpp"
#include <lop/operators/wave/equations.hpp>
#include <lop/operators/wave/medium.hpp>

#include <cmath>
#include <doctest/doctest.h>
#include <fstream>
#include <numbers>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace lop;
using namespace lop::wave;
using series::norm;
using series::observed_order;
using series::relative_error;
using series::worse;

namespace {

using Trace = series::Series;

// ---- closures -------------------------------------------------------------------------------------

using Table = std::vector<Trace>;  ///< [row][column]

/// A difference along `size` rows, whole, closed under the surface.
Table closed(int radius, Difference kind, bool is_transposed, bool is_pinned, int size) {
    const Stencil stencil = taylor_stencil(2 * radius);
    const auto correction = SurfaceClosure{radius}.correction(kind, is_transposed, is_pinned);
    Table d(static_cast<std::size_t>(size), Trace(static_cast<std::size_t>(size)));
    const int shift = kind == Difference::forward ? 1 : 0;
    for (int i = 0; i < size; ++i)
        for (int j = 0; j < size; ++j) {
            double& value = d[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)];
            const int right = j - i - shift + 1, left = i - j + shift;
            if (right >= 1 && right <= radius)
                value += stencil.staggered[static_cast<std::size_t>(right)];
            if (left >= 1 && left <= radius)
                value -= stencil.staggered[static_cast<std::size_t>(left)];
            if (i < correction.rows && j < correction.columns) value += correction(i, j);
        }
    return d;
}

/// The largest error of a difference of f in the first rows, by the spacing, at h.
double difference_error(int radius, Difference kind, double h) {
    constexpr int size = 48, rows = 20;
    const Table d = closed(radius, kind, false, false, size);
    const double at = kind == Difference::forward ? 0.5 : 0;
    double worst = 0;
    for (std::size_t i = 0; i < rows; ++i) {
        double found = 0;  // what vanishes on the surface, as the stress must in row 0
        for (std::size_t j = 0; j < size; ++j)
            found += d[i][j] * std::sin(h * (static_cast<double>(j) + 0.5 - at)) *
                     std::exp(-h * (static_cast<double>(j) + 0.5 - at)) / h;
        const double z = h * (static_cast<double>(i) + at);
        worst = worse(worst, std::abs(found - std::exp(-z) * (std::cos(z) - std::sin(z))));
    }
    return worst;
}

// ---- half-spaces ----------------------------------------------------------------------------------

constexpr analytic::HalfSpace rock{2000, 1155, 2000};
constexpr double hertz = 10, peak = 0.12;

Array<double> constant(const Grid& grid, double value) {
    Array<double> values{grid.shape()};
    values.fill(value);
    return values;
}

struct Load {
    const char* source;
    double depth;
    double late;  ///< steps from what drives to what is read
    std::array<std::complex<double>, 2> (*response)(double w, double x, double depth);
};

constexpr Load explosion{"pressure", 60, 1, [](double w, double x, double depth) {
                             return analytic::surface_velocity_of_explosion(w, rock, x, depth);
                         }};
constexpr Load force{"force z", 0, 0.5, [](double w, double x, double) {
                         return analytic::surface_velocity_of_force(w, rock, x);
                     }};

constexpr double offset = 240, step = 8e-4;  // m, s
constexpr int steps_on_surface = 625;

/// Velocities along x and z on the surface in exact space and stepped time.
std::array<Trace, 2> expected_on_surface(const Load& load) {
    std::array<Trace, 2> traces;
    for (const std::size_t k : {0, 1})
        traces[k] = analytic::ricker_through(
            [&](double w) {
                return load.response(2 * std::sin(w * step / 2) / step, offset, load.depth)[k] *
                       std::polar(1.0, load.late * w * step);
            },
            hertz, peak, step, steps_on_surface);
    return traces;
}

/// Their errors as modelled. Nothing is back from the other sides of the grid.
std::array<double, 2> surface_errors(const Load& load, int order, double h,
                                     const std::array<Trace, 2>& expected) {
    const auto cells = [&](double length) { return std::lround(std::ceil(length / h)); };
    const Grid grid{Shape{cells(460) + cells(700) + 1, cells(560) + 1},
                    {h, h},
                    {-static_cast<double>(cells(460)) * h, 0}};
    const Elastic<double> medium{grid, constant(grid, rock.vp), constant(grid, rock.vs),
                                 constant(grid, rock.rho), Communicator::self()};
    const PropagatorOptions options{
        .space_order = order, .boundary = {.cells = 0}, .free_surface = true};
    const modelled::Shot shot{
        {Point{0, 0, load.depth}},
        {analytic::measures(analytic::ricker(hertz, peak), step, steps_on_surface)},
        {Point{offset, 0, 0}}};
    std::array<double, 2> errors{};
    for (const std::size_t k : {0, 1})
        errors[k] = relative_error(
            modelled::record<double>(
                medium, options, {shot}, step, steps_on_surface,
                {{.quantity = load.source}, {.quantity = k == 0 ? "velocity x" : "velocity z"}})[0],
            expected[k]);
    return errors;
}

/// What is measured at 5 m, with little room, and by what powers of the spacing it falls from 10 m on.
struct Bounds {
    int order;
    std::array<double, 2> errors;
    double rate;
};

void check_load(const Load& load, const std::vector<Bounds>& all) {
    const auto expected = expected_on_surface(load);
    for (const Bounds& bounds : all) {
        CAPTURE(bounds.order);
        const auto coarse = surface_errors(load, bounds.order, 10, expected),
                   fine = surface_errors(load, bounds.order, 5, expected);
        MESSAGE("order " << bounds.order << ": " << coarse[0] << " and " << coarse[1]
                         << " at 10 m, " << fine[0] << " and " << fine[1] << " at 5 m");
        for (const std::size_t k : {0, 1}) {
            CHECK(fine[k] < bounds.errors[k]);
            CHECK(observed_order(coarse[k], fine[k], 2) > bounds.rate);
        }
    }
}

}  // namespace

TEST_CASE("differences closed under a surface sum by parts, and their norms are positive") {
    for (int radius = 1; radius <= max_radius; ++radius) {
        CAPTURE(radius);
        constexpr int size = 40;
        const SurfaceClosure closure{radius};
        const Table g = closed(radius, Difference::forward, false, false, size);
        const Table d = closed(radius, Difference::backward, false, false, size);
        double worst = 0;
        for (std::size_t i = 0; i < size; ++i) {
            CHECK(closure.share(false, i) > 0.3);
            CHECK(closure.share(true, i) > 0.45);
            for (std::size_t j = 0; j < size; ++j)
                worst = worse(worst, std::abs(closure.share(false, i) * d[i][j] +
                                              closure.share(true, j) * g[j][i]));
        }
        CHECK(worst < 1e-14);
    }
}

TEST_CASE("the corrections of a transposed program are the transposes of the forward ones") {
    for (int radius = 1; radius <= max_radius; ++radius)
        for (const bool is_pinned : {false, true}) {
            constexpr int size = 40;
            const auto difference = [&](Difference kind, bool is_transposed) {
                return closed(radius, kind, is_transposed, is_pinned, size);
            };
            const Table g = difference(Difference::forward, false),
                        d = difference(Difference::backward, false),
                        dt = difference(Difference::forward, true),
                        gt = difference(Difference::backward, true);
            double worst = 0, first = 0;
            for (std::size_t i = 0; i < size; ++i) {
                first = worse(first, std::abs(g[i][0]) + std::abs(d[0][i]));
                for (std::size_t j = 0; j < size; ++j)
                    worst =
                        worse(worst, std::abs(gt[j][i] + g[i][j]) + std::abs(dt[j][i] + d[i][j]));
            }
            CHECK(worst < 1e-15);
            CHECK((first == 0) == is_pinned);
        }
}

TEST_CASE("closed differences are exact on polynomials up to the surface, and converge") {
    for (int radius = 1; radius <= max_radius; ++radius) {
        CAPTURE(radius);
        const int degree = std::min(radius, 3);
        for (const Difference kind : {Difference::forward, Difference::backward}) {
            const Table d = closed(radius, kind, false, false, 40);
            const double at = kind == Difference::forward ? 0.5 : 0;
            for (int k = 0; k <= degree; ++k)
                for (std::size_t i = kind == Difference::backward && k == 0 ? 1 : 0; i < 20; ++i) {
                    double sum = 0;
                    for (std::size_t j = 0; j < 40; ++j)
                        sum += d[i][j] * std::pow((static_cast<double>(j) + 0.5 - at) / 10, k);
                    const double z = (static_cast<double>(i) + at) / 10;
                    CHECK(std::abs(sum - (k == 0 ? 0 : k * std::pow(z, k - 1) / 10)) < 1e-12);
                }
            const double coarse = difference_error(radius, kind, 0.04),
                         fine = difference_error(radius, kind, 0.02);
            // The least exact row is wrong by h^degree, or by h^2 of order 2.
            const double observed = observed_order(coarse, fine, 2);
            MESSAGE("order " << 2 * radius << ", degree " << degree << ": " << observed
                             << ", error " << fine);
            CHECK(observed > degree - 0.15);
        }
    }
}

TEST_CASE("a surface does not shorten the stable step: no closed difference has a larger norm") {
    for (int radius = 1; radius <= max_radius; ++radius) {
        CAPTURE(radius);
        constexpr std::size_t size = 80;
        const SurfaceClosure closure{radius};
        const Table g = closed(radius, Difference::forward, false, false, size);
        const Stencil stencil = taylor_stencil(2 * radius);
        double inner = 0;
        for (const double w : stencil.staggered) inner += 2 * std::abs(w);
        // The largest singular value of H-^1/2 G H+^-1/2 by powers.
        Trace u(size);
        for (std::size_t i = 0; i < size; ++i) u[i] = i % 2 == 0 ? 1 : -0.9;
        double value = 0;
        for (int round = 0; round < 3000; ++round) {
            Trace w(size), next(size);
            for (std::size_t i = 0; i < size; ++i) {
                for (std::size_t j = 0; j < size; ++j)
                    w[i] += g[i][j] * u[j] / std::sqrt(closure.share(false, j));
                w[i] *= closure.share(true, i);
            }
            for (std::size_t j = 0; j < size; ++j)
                for (std::size_t i = 0; i < size; ++i)
                    next[j] += g[i][j] * w[i] / std::sqrt(closure.share(false, j));
            value = std::sqrt(norm(next));
            for (double& each : next) each /= value * value;
            u = next;
        }
        MESSAGE("order " << 2 * radius << ": " << value / inner << " of the inner norm");
        CHECK(value < inner);
    }
}

TEST_CASE("the waves of Garvin in closed form are those by frequency") {
    constexpr double dt = 2e-3;
    const analytic::Pulse slope = analytic::ricker_slope(hertz, peak);
    for (const std::size_t k : {0, 1}) {
        Trace closed_form;
        for (int n = 0; n < 250; ++n)
            closed_form.push_back(
                analytic::garvin(slope, rock, offset, explosion.depth, n * dt)[k]);
        const Trace by_frequency = analytic::ricker_through(
            [&](double w) { return explosion.response(w, offset, explosion.depth)[k]; }, hertz,
            peak, dt, 250);
        const double error = relative_error(by_frequency, closed_form);
        MESSAGE("velocity along " << std::string{"xz"[k]} << ": " << error);
        CHECK(error < 1e-6);
    }
}

TEST_CASE("an explosion under a free surface makes the waves of Garvin with their Rayleigh wave") {
    check_load(explosion, {{2, {0.02, 0.0205}, 1.9},
                           {4, {1.9e-3, 5.3e-3}, 2.8},
                           {8, {8.6e-4, 2.2e-3}, 3.3},
                           {16, {8e-4, 2.2e-3}, 3.5}});
}

TEST_CASE("a force on a free surface makes the waves of Lamb") {
    check_load(force, {{2, {0.094, 0.089}, 2.2},
                       {4, {6.2e-3, 7.9e-3}, 2.3},
                       {8, {9.8e-4, 1.7e-3}, 4.1},
                       {16, {9.9e-4, 1.8e-3}, 4.2}});
}

// ---- Lamb's problem as others have solved it --------------------------------------------------------

namespace {

/// A unit force, a Ricker wavelet of 14.5 Hz, into a surface that dips by 10 degrees. 975 m away along x, which are
/// 990.04 m along the surface, waves are recorded along it and out of it; the clock is 0 at the wavelet's peak.
struct Dip {
    static constexpr analytic::HalfSpace rock{3200, 1847.5, 2200};
    static constexpr double hertz = 14.5, peak = 1.2 / hertz, step = 1.5e-4;  // s
    static constexpr int steps = 6000;

    /// In a frame that dips with the surface. The velocity of step n is that at (n - 1/2) dt.
    static Trace velocity(const std::string& component) {
        constexpr index_t cells = 200, beside = 20, depth = 61;
        const double away = 975 / std::cos(std::numbers::pi / 18), h = away / cells;
        const Grid grid{Shape{cells + 2 * beside + 1, depth}, {h, h}, {-h * beside, 0}};
        const Elastic<double> medium{grid, constant(grid, rock.vp), constant(grid, rock.vs),
                                     constant(grid, rock.rho), Communicator::self()};
        const modelled::Shot shot{{Point{0, 0, 0}},
                                  {analytic::measures(analytic::ricker(hertz, peak), step, steps)},
                                  {Point{away, 0, 0}}};
        return modelled::record<double>(medium, {.space_order = 8, .free_surface = true}, {shot},
                                        step, steps,
                                        {{.quantity = "force z"}, {.quantity = component}})[0];
    }

    /// A file of times and values, straight between them, at n dt - early.
    static Trace file(const std::string& path, double early) {
        std::ifstream values{path};
        Trace trace;
        double t0 = 0, u0 = 0, t1 = 0, u1 = 0;
        values >> t1 >> u1;
        for (int n = 0; n < steps; ++n) {
            const double t = n * step - early - peak;
            while (t1 < t && values) t0 = t1, u0 = u1, values >> t1 >> u1;
            trace.push_back(t <= t0 || t1 <= t0 ? u1 : u0 + (u1 - u0) * (t - t0) / (t1 - t0));
        }
        REQUIRE(values);
        return trace;
    }
};

}  // namespace

TEST_CASE("a force on a surface makes the waves that others compute for Lamb's problem" *
          needs_public_data) {
    for (const bool outward : {false, true}) {
        const std::string folder = "reference/lamb_problem/ref/", axis{outward ? "z" : "x"};
        const std::string closed = public_data(folder + "V" + axis + "_file_ascii_rec1"),
                          spectral =
                              public_data(folder + "S0001.AA.BX" + (outward ? "Z" : "X") + ".semd");
        if (closed.empty() || spectral.empty()) return;
        Trace v = Dip::velocity("velocity " + axis), u;
        double sum = 0;
        for (double& each : v) {
            if (outward) each = -each;
            u.push_back(sum += Dip::step * each);
        }
        // The quasi-analytic velocities run 0.17 ms ahead of the exact ones of that distance, about one of their
        // samples of 0.148 ms; the displacements of the spectral elements 0.07 ms, of samples of 0.3 ms.
        const auto error = [&](double lead) {
            return relative_error(v, Dip::file(closed, Dip::step / 2 + lead));
        };
        const double as_it_is = error(0), a_sample_later = error(1.48368e-4),
                     of_elements = relative_error(u, Dip::file(spectral, 0));
        MESSAGE("along " << axis << ": " << as_it_is << " from the quasi-analytic velocity, "
                         << a_sample_later << " from it a sample later, " << of_elements
                         << " from the displacement of spectral elements");
        CHECK(as_it_is < 0.03);
        CHECK(a_sample_later < 4.3e-3);
        CHECK(of_elements < 0.011);
    }
}

// ---- energy -----------------------------------------------------------------------------------------

namespace {

/// A rough solid with fluid in it, as fast as its surroundings allow in one place, between rigid sides.
struct Rough {
    Rough(int dimension, int order, index_t depth) {
        problem.dimension = dimension;
        if (dimension == 2) problem.extents = {17, depth};
        else problem.extents = {11, 12, depth};
        problem.spacing = {10, 9, 8};
        problem.order = order;
        problem.layer.cells = 0;
        problem.free_surface = true;
        problem.dt = 1e-6;
        std::mt19937 random{3};
        const auto draw = [&](double low, double high) {
            return std::uniform_real_distribution<double>{low, high}(random);
        };
        for (std::size_t i = 0; i < points(); ++i) {
            vp.push_back(draw(2000, 3000));
            vs.push_back(i % 7 == 0 ? 0 : draw(200, 1300));
            rho.push_back(draw(2000, 2200));
        }
        vp[points() / 2] =
            3150;  // above 3000 sqrt(2200 / 2000), what stiff points among light ones could reach
        rho[points() / 2] = 2000;
        for (const Trace* each : {&vp, &vs, &rho})
            parameters.insert(parameters.end(), each->begin(), each->end());
        problem.dt = 0.99 * engine().stable_dt();
    }
    Engine<double> engine() const {
        return {equation<ElasticEquation<>, double>(problem.dimension), problem, parameters.data()};
    }
    std::size_t points() const {
        const auto& n = problem.extents;
        return static_cast<std::size_t>(n[0] * n[1] * (problem.dimension == 3 ? n[2] : 1));
    }

    Problem problem{};
    Trace vp, vs, rho, parameters;
};

/// A quantity at all of its points and steps, [point x steps], of waves that forces all over the medium made in the
/// first 20 steps.
Trace quantity(const Engine<double>& engine, const std::string& name, int steps) {
    const Port* source = engine.physics().sources.begin();
    const PlacedPoints driven = engine.everywhere(*source);
    Trace s(static_cast<std::size_t>(driven.size() * steps));
    std::mt19937 random{5};
    for (index_t p = 0; p < driven.size(); ++p)
        for (int n = 0; n < 20; ++n)
            s[static_cast<std::size_t>(p * steps + n)] =
                std::uniform_real_distribution<double>{-1, 1}(random);
    for (const Port& port : engine.physics().receivers) {
        if (name != port.name) continue;
        const PlacedPoints read = engine.everywhere(port);
        Trace values(static_cast<std::size_t>(read.size() * steps));
        Workspace<double> workspace;
        engine.forward(workspace, {&driven, s.data()}, {&read, values.data()}, steps);
        return values;
    }
    throw std::invalid_argument(name);
}

}  // namespace

TEST_CASE(
    "under a free surface waves keep their energy to rounding, in any medium, at every order") {
    constexpr int steps = 3000;
    // Also with fewer rows than a closure has.
    for (const auto& [order, depth] : std::vector<std::pair<int, index_t>>{{2, 21},
                                                                           {4, 21},
                                                                           {6, 21},
                                                                           {8, 21},
                                                                           {10, 21},
                                                                           {12, 21},
                                                                           {14, 21},
                                                                           {16, 21},
                                                                           {4, 3},
                                                                           {16, 3}}) {
        CAPTURE(order);
        const Rough rough{2, order, depth};
        const Engine<double> engine = rough.engine();
        const SurfaceClosure closure{order / 2};
        const Trace vx = quantity(engine, "velocity x", steps),
                    vz = quantity(engine, "velocity z", steps),
                    xx = quantity(engine, "stress xx", steps),
                    zz = quantity(engine, "stress zz", steps),
                    xz = quantity(engine, "stress xz", steps);
        const auto nx = static_cast<std::size_t>(rough.problem.extents[0]),
                   nz = static_cast<std::size_t>(rough.problem.extents[1]);
        const auto place = [&](std::size_t x, std::size_t z) {
            return std::min(x, nx - 1) * nz + std::min(z, nz - 1);
        };
        // 1/2 rho v[n]^2 + 1/2 s[n-1] C^-1 s[n], which a leapfrog step keeps.
        const auto energy = [&](std::size_t n) {
            double sum = 0;
            for (std::size_t x = 0; x < nx; ++x)
                for (std::size_t z = 0; z < nz; ++z) {
                    const std::size_t i = place(x, z), right = place(x + 1, z),
                                      below = place(x, z + 1), across = place(x + 1, z + 1);
                    const double whole = closure.share(false, z), half = closure.share(true, z);
                    const auto at = [&](const Trace& f, std::size_t step) {
                        return f[i * steps + step];
                    };
                    const auto product = [&](const Trace& f, const Trace& g) {
                        return at(f, n - 1) * at(g, n);
                    };
                    const auto mu = [&](std::size_t j) {
                        return rough.rho[j] * rough.vs[j] * rough.vs[j];
                    };
                    const double lambda = rough.rho[i] * rough.vp[i] * rough.vp[i] - 2 * mu(i);
                    sum += whole * 2 / (1 / rough.rho[i] + 1 / rough.rho[right]) * at(vx, n) *
                           at(vx, n);
                    sum += half * 2 / (1 / rough.rho[i] + 1 / rough.rho[below]) * at(vz, n) *
                           at(vz, n);
                    const double shear =
                        4 / (1 / mu(i) + 1 / mu(right) + 1 / mu(below) + 1 / mu(across));
                    if (shear > 0) sum += half / shear * product(xz, xz);
                    if (z == 0 && mu(i) > 0)
                        sum += whole * (lambda + 2 * mu(i)) / (4 * mu(i) * (lambda + mu(i))) *
                               product(xx, xx);
                    else if (z > 0 && mu(i) > 0)
                        sum += whole / (4 * mu(i) * (lambda + mu(i))) *
                               ((lambda + 2 * mu(i)) * (product(xx, xx) + product(zz, zz)) -
                                lambda * (product(xx, zz) + product(zz, xx)));
                    else if (z > 0) sum += whole / lambda * product(zz, zz);
                }
            return sum / 2;
        };
        const double first = energy(30);
        double worst = 0;
        for (std::size_t n = 31; n < steps; n += 31)
            worst = worse(worst, std::abs(energy(n) / first - 1));
        MESSAGE("order " << order << ", " << depth << " rows: " << worst);
        CHECK(first > 0);
        CHECK(worst < 1e-13);
    }
}

TEST_CASE("and nothing grows in three dimensions") {
    constexpr int steps = 2000;
    for (const int order : {4, 8}) {
        const Engine<double> engine = Rough{3, order, 13}.engine();
        const Trace v = quantity(engine, "velocity z", steps);
        const auto between = [&](std::size_t begin, std::size_t end) {
            double sum = 0;
            for (std::size_t p = 0; p < v.size() / steps; ++p)
                for (std::size_t n = begin; n < end; ++n)
                    sum += v[p * steps + n] * v[p * steps + n];
            return sum;
        };
        const double early = between(200, 800), late = between(1400, 2000);
        MESSAGE("order " << order << ": " << late / early);
        CHECK(std::abs(late / early - 1) < 0.05);
    }
}

TEST_CASE("layers and sponges that meet a free surface take its waves, and stay quiet") {
    constexpr int steps = 6000;
    constexpr double dt = 1.6e-3, h = 10;
    for (const bool sponge : {false, true}) {
        const auto trace = [&](index_t side, index_t depth, int count) {
            const Grid grid{Shape{2 * side + 1, depth + 1}, {h, h}, {-h * double(side), 0}};
            const Elastic<double> medium{grid, constant(grid, rock.vp), constant(grid, rock.vs),
                                         constant(grid, rock.rho), Communicator::self()};
            PropagatorOptions options{.space_order = 8, .free_surface = true};
            if (sponge) options.sponge = Sponge{.cells = 60};
            const modelled::Shot shot{
                {Point{0, 0, 0}},
                {analytic::measures(analytic::ricker(hertz, peak), dt, count)},
                {Point{offset, 0, 0}}};
            return modelled::record<double>(
                medium, options, {shot}, dt, count,
                {{.quantity = "force z"}, {.quantity = "velocity z"}})[0];
        };
        const Trace small = trace(30, 30, steps), large = trace(120, 90, 1000);
        const Trace beginning(small.begin(), small.begin() + 1000);
        const Trace end(small.end() - 1000, small.end());
        const double echo = relative_error(beginning, large), rest = norm(end) / norm(large);
        MESSAGE(std::string{sponge ? "sponge" : "layer"} << ": echo " << echo << ", rest " << rest);
        CHECK(echo < (sponge ? 2e-3 : 1.5e-4));
        CHECK(rest < 1e-5);
    }
}
