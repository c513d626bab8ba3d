/// The acoustic engine of one shot: transposes to rounding, derivatives, first steps by hand.
#include "operators/wave/shot.hpp"

#include <lop/core/error.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <string>
#include <type_traits>
#include <vector>

#ifdef _OPENMP
#include <omp.h>
#endif

using namespace lop;
using namespace lop::wave;

namespace {

/// The measure of an adjoint: |<Ax, y> - <x, A'y>| / (|Ax| |y|), and what it may be.
template <class T>
constexpr double tolerance = std::is_same_v<T, float> ? 1e-6 : 1e-14;

template <class T>
double dot(const std::vector<T>& a, const std::vector<T>& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    }
    return sum;
}

template <class T>
double norm(const std::vector<T>& a) {
    return std::sqrt(dot(a, a));
}

template <class T>
double mismatch(const std::vector<T>& ax, const std::vector<T>& y, const std::vector<T>& x,
                const std::vector<T>& aty) {
    REQUIRE(norm(ax) > 0);
    REQUIRE(norm(aty) > 0);
    return std::abs(dot(ax, y) - dot(x, aty)) / (norm(ax) * norm(y));
}

template <class T>
std::vector<T> randoms(index_t size, unsigned seed, double low = -1, double high = 1) {
    std::mt19937 engine{seed};
    std::uniform_real_distribution<double> draw{low, high};
    std::vector<T> values(static_cast<std::size_t>(size));
    for (T& value : values) {
        value = static_cast<T>(draw(engine));
    }
    return values;
}

AcousticProblem planar(int order, bool free_surface, bool inside = false) {
    AcousticProblem p;
    p.dimension = 2;
    p.extents = {23, 27};
    p.spacing = {10, 8};
    p.order = order;
    p.layer = {.cells = 6, .reflection = 1e-4, .frequency = 12, .inside = inside};
    p.free_surface = free_surface;
    p.dt = 0.8 * stable_time_step(order, 2, p.spacing, 3000);
    return p;
}

AcousticProblem solid(int order, bool free_surface, bool inside = false) {
    AcousticProblem p = planar(order, free_surface, inside);
    p.dimension = 3;
    p.extents = {12, 13, 15};
    p.spacing = {10, 9, 8};
    p.layer.cells = inside ? 2 : 4;
    p.dt = 0.8 * stable_time_step(order, 3, p.spacing, 3000);
    return p;
}

/// Squared slowness between those of 1500 and 3000 m/s, another one at every point.
template <class T>
std::vector<T> rough_model(const AcousticProblem& p) {
    const index_t size = p.extents[0] * p.extents[1] * (p.dimension == 3 ? p.extents[2] : 1);
    return randoms<T>(size, 7, 1 / (2999.0 * 2999.0), 1 / (1500.0 * 1500.0));
}

/// Points anywhere on the padded grid, layers and surface included; one on a grid point, two at one place.
PointSet scattered_points(const PointGrid& grid, int count, unsigned seed) {
    std::mt19937 engine{seed};
    PointSet points;
    for (int i = 0; i < count; ++i) {
        std::array<double, 3> at{};
        for (int k = 0; k < grid.dimension; ++k) {
            at[k] = std::uniform_real_distribution<double>{
                0, static_cast<double>(grid.extents[k] - 1)}(engine);
        }
        if (i == 0) {
            at = {3, 4, 5};
        }
        if (i == 1 || i == 2) {
            at[grid.dimension - 1] = 1.3;
        }
        append_point(points, grid, at, i % 3 == 2 ? Interpolation::linear : Interpolation::sinc);
    }
    return points;
}

template <class T>
struct Shot {
    explicit Shot(const AcousticProblem& p, index_t steps_ = 60)
        : model{rough_model<T>(p)}, engine{p, model.data()}, steps{steps_},
          sources{scattered_points(engine.point_grid(), 5, 11)},
          receivers{scattered_points(engine.point_grid(), 9, 13)} {}

    std::vector<T> forward(const std::vector<T>& s) {
        std::vector<T> r(static_cast<std::size_t>(receivers.size() * steps));
        engine.forward(workspace, {&sources, s.data()}, {&receivers, r.data()}, steps);
        return r;
    }
    std::vector<T> adjoint(const std::vector<T>& r) {
        std::vector<T> s(static_cast<std::size_t>(sources.size() * steps));
        engine.adjoint(workspace, {&receivers, r.data()}, {&sources, s.data()}, steps);
        return s;
    }
    std::vector<T> born(const std::vector<T>& s, const std::vector<T>& dm, index_t comb) {
        std::vector<T> r(static_cast<std::size_t>(receivers.size() * steps));
        engine.born(workspace, {&sources, s.data()}, dm.data(), {&receivers, r.data()}, steps, comb);
        return r;
    }
    std::vector<T> born_adjoint(const std::vector<T>& s, const std::vector<T>& r, index_t comb) {
        std::vector<T> image(model.size());
        engine.record(workspace, {&sources, s.data()}, {}, steps, comb);
        engine.born_adjoint(workspace, {&receivers, r.data()}, image.data(), steps);
        return image;
    }

    std::vector<T> model;
    AcousticEngine<T> engine;
    index_t steps;
    PointSet sources;
    PointSet receivers;
    Workspace<T> workspace;
};

template <class T>
void check_adjoint(const AcousticProblem& p) {
    Shot<T> shot{p};
    const auto s = randoms<T>(shot.sources.size() * shot.steps, 1);
    const auto r = randoms<T>(shot.receivers.size() * shot.steps, 2);
    const double error = mismatch(shot.forward(s), r, s, shot.adjoint(r));
    CAPTURE(error);
    CHECK(error <= tolerance<T>);
}

template <class T>
void check_born(const AcousticProblem& p, index_t comb) {
    Shot<T> shot{p};
    const auto s = randoms<T>(shot.sources.size() * shot.steps, 3);
    const auto r = randoms<T>(shot.receivers.size() * shot.steps, 4);
    const auto dm = randoms<T>(shot.engine.model_size(), 5, -1e-8, 1e-8);
    const double error = mismatch(shot.born(s, dm, comb), r, dm, shot.born_adjoint(s, r, comb));
    CAPTURE(error);
    CAPTURE(comb);
    CHECK(error <= tolerance<T>);
}

std::vector<AcousticProblem> all_problems() {
    std::vector<AcousticProblem> problems;
    for (const int order : {2, 4, 8, 16}) {
        for (const bool free_surface : {false, true}) {
            for (const bool inside : {false, true}) {
                problems.push_back(planar(order, free_surface, inside));
                problems.push_back(solid(order, free_surface, inside));
            }
        }
    }
    return problems;
}

std::string name(const AcousticProblem& p) {
    return std::to_string(p.dimension) + "-D, order " + std::to_string(p.order) +
           (p.free_surface ? ", free surface" : "") + (p.layer.inside ? ", layer inside" : "");
}

}  // namespace

TEST_CASE_TEMPLATE("the adjoint of a shot is its transpose, wherever the points lie", T, float, double) {
    for (const AcousticProblem& p : all_problems()) {
        CAPTURE(name(p));
        check_adjoint<T>(p);
    }
}

TEST_CASE_TEMPLATE("the image is the transpose of Born modelling on the same comb", T, float, double) {
    for (const AcousticProblem& p : all_problems()) {
        CAPTURE(name(p));
        check_born<T>(p, 1);
        check_born<T>(p, 5);
    }
}
