/// GMRES: minimum residuals for square operators of any kind, restarted.
#pragma once

#include <lop/solvers/minres.hpp>

#include <complex>
#include <vector>

namespace lop {

struct GmresOptions {
    index_t iterations = 100;
    index_t restart = 30;     ///< vectors of the Krylov basis that are kept: the memory
    double tolerance = 1e-6;  ///< stop when |b - A x| <= tolerance |b|
    Monitor monitor{};
    bool progress = false;
};

namespace detail {

/// The Hessenberg matrix of Arnoldi, turned into a triangle by Givens rotations as it grows.
/// Entry (i, k) of the triangle lies at k m + i. All memory is taken at once.
template <class S> class Hessenberg {
 public:
    explicit Hessenberg(index_t m)
        : m_{m},
          column_(static_cast<std::size_t>(m + 1)),
          triangle_(static_cast<std::size_t>(m * m)),
          cosine_(static_cast<std::size_t>(m)),
          sine_(static_cast<std::size_t>(m)),
          right_(static_cast<std::size_t>(m + 1)),
          y_(static_cast<std::size_t>(m)) {}

    void begin(double beta) { right_[0] = beta; }
    S& entry(index_t i) { return column_[at(i)]; }
    /// Takes in column k, whose entries are set and whose subdiagonal is `below`; returns the norm
    /// of the residual. A column that depends on the others, to `noise`, changes nothing.
    double append(index_t k, double below, double noise) {
        for (index_t i = 0; i < k; ++i) {
            const S up = column_[at(i)];
            const S down = column_[at(i + 1)];
            column_[at(i)] = cosine_[at(i)] * up + sine_[at(i)] * down;
            column_[at(i + 1)] = cosine_[at(i)] * down - conjugate(sine_[at(i)]) * up;
        }
        for (index_t i = 0; i < k; ++i) triangle_[at(k * m_ + i)] = column_[at(i)];
        const S diagonal = column_[at(k)];
        const double size = std::abs(diagonal);
        const double length = std::hypot(size, below);
        if (length <= noise) {
            triangle_[at(k * m_ + k)] = S(0);
            return std::abs(right_[at(k)]);
        }
        const S phase = size > 0 ? diagonal / size : S(1);
        cosine_[at(k)] = size / length;
        sine_[at(k)] = phase * (below / length);
        triangle_[at(k * m_ + k)] = phase * length;
        right_[at(k + 1)] = -conjugate(sine_[at(k)]) * right_[at(k)];
        right_[at(k)] = cosine_[at(k)] * right_[at(k)];
        return std::abs(right_[at(k + 1)]);
    }
    /// The coordinates of the best correction in the first `count` vectors of the basis; those of
    /// a direction that A annihilates are zero.
    const std::vector<S>& solve(index_t count) {
        for (index_t i = count; i-- > 0;) {
            S sum = right_[at(i)];
            for (index_t k = i + 1; k < count; ++k) sum -= triangle_[at(k * m_ + i)] * y_[at(k)];
            const S pivot = triangle_[at(i * m_ + i)];
            y_[at(i)] = std::abs(pivot) > 0 ? sum / pivot : S(0);
        }
        return y_;
    }

 private:
    static std::size_t at(index_t i) { return static_cast<std::size_t>(i); }
    index_t m_;
    std::vector<S> column_;
    std::vector<S> triangle_;
    std::vector<double> cosine_;
    std::vector<S> sine_;
    std::vector<S> right_;
    std::vector<S> y_;
};

/// Arnoldi by modified Gram and Schmidt. Step k of a cycle reads or writes 5 k vectors beside the
/// operator; the end of a cycle 3 k. A watch that looks at x costs 3 k more in each step.
template <LinearOperator A, class Watch>
Solution<DomainVector<A>> solve_gmres(const A& a, const RangeVector<A>& b,
                                      const DomainVector<A>* x0, const GmresOptions& options,
                                      const Watch& watch) {
    using Sum = Accumulator<ScalarOf<A>>;
    const std::string call = call_of("gmres", a);
    check_square(call, a);
    check_spaces(call, a, b, x0);
    check_option(call, "tolerance", options.tolerance);
    if (options.restart < 1)
        throw ArgumentError{call + ": the option restart",
                            {.expected = "1 or more", .found = std::to_string(options.restart)}};
    Loop loop{call, options.iterations, options.monitor, options.progress};

    const index_t m = std::min(options.restart, std::max<index_t>(options.iterations, 1));
    constexpr bool watched = !std::same_as<Watch, NoWatch>;
    auto x = a.domain().uninitialized();
    std::vector<RangeVector<A>> v;
    v.reserve(static_cast<std::size_t>(m + 1));
    for (index_t i = 0; i <= m; ++i) v.push_back(a.range().uninitialized());
    std::optional<DomainVector<A>> seen;
    if (watched) seen.emplace(a.domain().uninitialized());
    Hessenberg<Sum> h{m};
    std::vector<Sum> along(static_cast<std::size_t>(m));  // <v_i, x> of the cycle's start

    const StartNorms start = start_at(call, a, b, x0, x, v[0]);
    double beta = std::sqrt(start.residual2);
    double xx = start.solution2;
    const double goal = options.tolerance * start.data;
    const double floor = rounding<ScalarOf<A>>() * std::max(start.data, beta);
    const auto reached = [&](double residual) -> std::optional<StopReason> {
        if (residual <= goal) return StopReason::residual;
        if (residual <= floor) return StopReason::residual_rounding;
        return std::nullopt;
    };
    const auto correct = [&](DomainVector<A>& target, const std::vector<Sum>& y, index_t count) {
        for (index_t i = 0; i < count; ++i)
            target += y[static_cast<std::size_t>(i)] * v[static_cast<std::size_t>(i)];
    };

    auto stop = loop.record(beta, beta, std::sqrt(xx), x, watch, reached(beta));
    while (!stop) {
        h.begin(beta);
        v[0] *= 1 / beta;
        index_t k = 0;
        bool invariant = false;
        for (; k < m && !stop && !invariant; ++k) {
            const auto at = static_cast<std::size_t>(k);
            RangeVector<A>& next = v[at + 1];
            a.forward(v[at], next);
            const double image = norm(next);
            for (index_t i = 0; i <= k; ++i) {
                const RangeVector<A>& vi = v[static_cast<std::size_t>(i)];
                h.entry(i) = dot(vi, next);
                next -= h.entry(i) * vi;
            }
            const double below = norm(next);
            const double noise = 8 * rounding<ScalarOf<A>>() * image;
            invariant = below <= noise;
            if (below > 0) next *= 1 / below;
            along[at] = dot(v[at], x);
            const double residual = h.append(k, below, noise);
            const std::vector<Sum>& y = h.solve(k + 1);
            double moved2 = xx;
            for (std::size_t i = 0; i <= at; ++i)
                moved2 += std::norm(y[i]) + 2 * real_part(conjugate(y[i]) * along[i]);
            if constexpr (watched) {
                *seen = x;
                correct(*seen, y, k + 1);
            }
            const DomainVector<A>& shown = watched ? *seen : x;
            stop = loop.record(residual, residual, std::sqrt(std::max(moved2, 0.0)), shown, watch,
                               reached(residual));
        }
        correct(x, h.solve(k), k);
        if (stop) break;
        xx = norm2(x);
        a.forward(x, v[0]);
        const double residual = std::sqrt(assign_norm2(v[0], b - v[0]));
        if (invariant && residual > floor && !(residual < beta * (1 - 1e-3)))
            loop.refuse("A is singular: its Krylov space ends with a residual", residual,
                        "lsqr, which finds the least-squares solution");
        beta = residual;
        if (beta <= std::max(goal, floor)) stop = reached(beta);
    }
    return loop.finish(std::move(x), *stop);
}

}  // namespace detail

/// Solves A x = b for a square A, from x = 0: within a cycle of `restart` iterations |b - A x| is
/// the least over the Krylov space; then the cycle begins anew at x (Saad and Schultz 1986, SIAM
/// J. Sci. Stat. Comput. 7(3) 856-869, algorithm 4). Keeps restart + 1 vectors. The adjoint of A is
/// not used. `watch`, optional, is called as watch(iteration, x).
///
/// Throws SpaceError where b is not in range(A) or the range is not the domain, and ArgumentError
/// where A turns out singular for b, or values are not finite.
template <LinearOperator A, VectorLike B, class Watch = detail::NoWatch>
    requires detail::WatchOf<Watch, DomainVector<A>>
Solution<DomainVector<A>> gmres(const A& a, const B& b, const GmresOptions& options = {},
                                const Watch& watch = {}) {
    detail::check_kinds<A, B>();
    return detail::solve_gmres(a, evaluate(b), nullptr, options, watch);
}

/// The same from the start x0.
template <LinearOperator A, VectorLike B, VectorLike X, class Watch = detail::NoWatch>
    requires detail::WatchOf<Watch, DomainVector<A>>
Solution<DomainVector<A>> gmres(const A& a, const B& b, const X& x0,
                                const GmresOptions& options = {}, const Watch& watch = {}) {
    detail::check_kinds<A, B, X>();
    const auto& start = evaluate(x0);
    return detail::solve_gmres(a, evaluate(b), &start, options, watch);
}

}  // namespace lop
