/// Projections onto sets, and onto intersections of sets.
///
/// Each is a small value that maps x to the nearest point of its set, in place: project(x). With
/// Indicator{project} it serves as a proximal operator.
#pragma once

#include <lop/solvers/lsqr.hpp>
#include <lop/solvers/prox.hpp>
#include <lop/solvers/prox_arrays.hpp>

#include <bit>
#include <cstdint>
#include <functional>
#include <vector>

namespace lop {

/// lower <= x_i <= upper, of real vectors.
struct OntoBox {
    double lower = -std::numeric_limits<double>::infinity();
    double upper = std::numeric_limits<double>::infinity();
    template <Vector X> void operator()(X& x) const {
        assign(x, map(detail::Clamp{lower, upper}, x));
    }
};

/// |x|_2 <= radius; a ball around b is Around{OntoL2Ball{radius}, b}.
struct OntoL2Ball {
    Parameter<"OntoL2Ball: radius", Allowed::not_negative_or_infinite> radius = 1;
    template <Vector X> void operator()(X& x) const {
        const double size = norm(x);
        if (size > radius) x *= radius / size;
    }
};

/// |x|_1 <= radius, real or complex: the soft threshold that leaves the norm (Duchi, Shalev-Shwartz,
/// Singer and Chandra 2008, section 4), found by sums.
struct OntoL1Ball {
    Parameter<"OntoL1Ball: radius", Allowed::not_negative_or_infinite> radius = 1;
    template <Vector X> void operator()(X& x) const {
        if (norm1(x) <= radius) return;
        if (radius <= 0) x.fill({});
        else
            assign(x,
                   soft_threshold(x, detail::simplex_threshold(detail::Magnitude{}, x, radius, 0)));
    }
};

namespace detail {
struct Itself {
    template <class T> double operator()(const T& v) const {
        static_assert(!is_complex<T>, "the simplex is a set of real vectors");
        return static_cast<double>(v);
    }
};
struct Above {
    double t;
    template <class T> T operator()(const T& v) const {
        return static_cast<T>(std::max(static_cast<double>(v) - t, 0.0));
    }
};
}  // namespace detail

/// x_i >= 0 with sum_i x_i = total (Duchi et al. 2008, figure 1), real.
struct OntoSimplex {
    Parameter<"OntoSimplex: total"> total = 1;
    template <Vector X> void operator()(X& x) const {
        // below the least element every element counts, and the first step of Newton is exact for that
        const double start = -norm_inf(x) - total;
        assign(x,
               map(detail::Above{detail::simplex_threshold(detail::Itself{}, x, total, start)}, x));
    }
};

namespace detail {
/// |normal|^2. Throws ArgumentError where that is no direction.
template <Vector X> double length2(const X& normal) {
    const double nn = norm2(normal);
    if (nn > 0 && std::isfinite(nn)) return nn;
    throw ArgumentError{"the normal of a hyperplane, " + normal.describe(),
                        {.expected = "a vector of finite length, not zero",
                         .found = "a length of " + number_words(std::sqrt(nn))}};
}
}  // namespace detail

/// Re <normal, x> = offset.
template <Vector X> struct OntoHyperplane {
    X normal;
    Parameter<"OntoHyperplane: offset", Allowed::finite> offset = 0;
    void operator()(X& x) const {
        x += ((offset - real_part(dot(normal, x))) / detail::length2(normal)) * normal;
    }
};
template <class X> OntoHyperplane(X, double) -> OntoHyperplane<X>;

/// Re <normal, x> <= offset, which may be infinite.
template <Vector X> struct OntoHalfSpace {
    X normal;
    Parameter<"OntoHalfSpace: offset", Allowed::above_minus_infinity> offset = 0;
    void operator()(X& x) const {
        const double along = real_part(dot(normal, x));
        if (along <= offset && std::isfinite(along)) return;
        x -= (std::max(along - offset, 0.0) / detail::length2(normal)) * normal;
    }
};
template <class X> OntoHalfSpace(X, double) -> OntoHalfSpace<X>;

/// A x = b, for an A of any shape whose range holds b: the least change of x, by lsqr. Allocates.
template <LinearOperator A> struct OntoAffine {
    A a;
    RangeVector<A> b;
    LsqrOptions options{.atol = 1e-12, .btol = 1e-12};
    void operator()(DomainVector<A>& x) const { x = lsqr(a, b, x, options).x; }
};
template <class A, class B> OntoAffine(A, B) -> OntoAffine<A>;

/// Arrays of two axes of rank `rank` or less (Eckart and Young 1936); not convex. Allocates.
struct OntoRank {
    Count<"OntoRank: rank", 0> rank = 1;
    template <Scalar T> void operator()(Array<T>& x) const {
        detail::keep_singular_values(x, rank, x);
    }
};

namespace detail {
struct AtLeast {
    double limit;
    template <class T> double operator()(const T& v) const { return magnitude(v) >= limit ? 1 : 0; }
};
struct KeepAtLeast {
    double limit;
    template <class T> T operator()(const T& v) const { return magnitude(v) >= limit ? v : T{}; }
};
}  // namespace detail

/// Keeps the `count` elements of largest magnitude; not convex. Elements that tie with the last of
/// them are kept as well. The limit is found by counting, in at most 64 passes.
struct OntoCardinality {
    Count<"OntoCardinality: count", 0> count = 1;
    template <Vector X> void operator()(X& x) const {
        if (count == 0) return x.fill({});
        // The bits of numbers that are not negative are ordered as the numbers are.
        std::uint64_t low = 0;  // at least `count` elements reach it
        std::uint64_t high = std::bit_cast<std::uint64_t>(norm_inf(x)) + 1;
        while (high - low > 1) {
            const std::uint64_t middle = low + (high - low) / 2;
            const double reach = sum_over(detail::AtLeast{std::bit_cast<double>(middle)}, x);
            (reach >= static_cast<double>(count) ? low : high) = middle;
        }
        assign(x, map(detail::KeepAtLeast{std::bit_cast<double>(low)}, x));
    }
};

/// The set moved to b: x - b is projected.
template <class P, Vector X> struct Around {
    P project;
    X b;
    void operator()(X& x) const {
        x -= b;
        project(x);
        x += b;
    }
};
template <class P, class X> Around(P, X) -> Around<P, X>;

struct DykstraOptions {
    Count<"OntoIntersection: iterations"> iterations = 1000;
    Parameter<"OntoIntersection: tolerance"> tolerance =
        1e-10;  ///< stop when a sweep moves x by tolerance |x| or less
};

template <Vector X> using ProjectionList = std::vector<std::function<void(X&)>>;

/// The nearest point of an intersection of convex sets, by their projections in turn, each corrected
/// by what it changed in the sweep before (Boyle and Dykstra 1986). Keeps one vector a set.
template <Vector X> class OntoIntersection {
 public:
    explicit OntoIntersection(ProjectionList<X> sets, DykstraOptions options = {})
        : sets_{std::move(sets)}, options_{options} {}
    void operator()(X& x) const {
        std::vector<X> changes;
        changes.reserve(sets_.size());
        for (std::size_t i = 0; i < sets_.size(); ++i) {
            changes.push_back(like(x));
            changes.back().fill({});
        }
        X before = x;
        for (index_t k = 0; k < options_.iterations; ++k) {
            double moved2 = 0;
            for (std::size_t i = 0; i < sets_.size(); ++i) {
                // changes_i turns into x + changes_i, then into what the projection took away
                assign(before, 1 * x);
                assign(changes[i], x + changes[i]);
                assign(x, 1 * changes[i]);
                sets_[i](x);
                assign(changes[i], changes[i] - x);
                moved2 = std::max(moved2, norm2(x - before));
            }
            if (moved2 <= options_.tolerance * options_.tolerance * norm2(x)) return;
        }
    }

 private:
    ProjectionList<X> sets_;
    DykstraOptions options_;
};

}  // namespace lop
