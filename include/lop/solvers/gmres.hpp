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

/// One cycle between two restarts: the Krylov basis by modified Gram and Schmidt, and the best
/// correction in it. Step k reads or writes 5 k vectors beside the operator, `correct` 3 k.
template <LinearOperator A> struct GmresCycle {
    using Sum = Accumulator<ScalarOf<A>>;
    std::vector<RangeVector<A>> v;
    Hessenberg<Sum> h;
    std::vector<Sum> along;  // <v_i, x> of the cycle's start
    index_t count = 0;       // vectors that are orthonormal and spent
    double solution2 = 0;    // |x + correction|^2, given |x|^2 at the start
    bool invariant = false;  // the Krylov space maps into itself

    GmresCycle(const A& a, index_t m) : h{m}, along(static_cast<std::size_t>(m)) {
        v.reserve(static_cast<std::size_t>(m + 1));
        for (index_t i = 0; i <= m; ++i) v.push_back(a.range().uninitialized());
    }
    /// v[0] holds the residual, of length beta.
    void begin(double beta) {
        h.begin(beta);
        v[0] *= 1 / beta;
        count = 0;
        invariant = false;
    }
    /// Returns the norm of the residual after the next best correction to x, with |x|^2 = xx.
    double step(const A& a, const DomainVector<A>& x, double xx) {
        const auto k = static_cast<std::size_t>(count);
        RangeVector<A>& next = v[k + 1];
        a.forward(v[k], next);
        const double noise = 8 * rounding<ScalarOf<A>>() * norm(next);
        for (std::size_t i = 0; i <= k; ++i) {
            Sum& entry = h.entry(static_cast<index_t>(i));
            entry = dot(v[i], next);
            next -= entry * v[i];
        }
        const double below = norm(next);
        invariant = below <= noise;
        if (below > 0) next *= 1 / below;
        along[k] = dot(v[k], x);
        const double residual = h.append(count++, below, noise);
        const std::vector<Sum>& y = h.solve(count);
        solution2 = xx;
        for (std::size_t i = 0; i <= k; ++i)
            solution2 += std::norm(y[i]) + 2 * real_part(conjugate(y[i]) * along[i]);
        solution2 = std::max(solution2, 0.0);
        return residual;
    }
    void correct(DomainVector<A>& x) {
        const std::vector<Sum>& y = h.solve(count);
        for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) x += y[i] * v[i];
    }
};

template <LinearOperator A, class Watch>
Solution<DomainVector<A>> solve_gmres(const A& a, const RangeVector<A>& b,
                                      const DomainVector<A>* x0, const GmresOptions& options,
                                      const Watch& watch) {
    const std::string call = call_of("gmres", a);
    check_square(call, a);
    check_spaces(call, a, b, x0);
    check_option(call, "tolerance", options.tolerance);
    if (options.restart < 1)
        throw ArgumentError{call + ": the option restart",
                            {.expected = "1 or more", .found = std::to_string(options.restart)}};
    Loop loop{call, options.iterations, options.monitor, options.progress};

    const index_t m = std::min(options.restart, std::max<index_t>(options.iterations, 1));
    GmresCycle<A> cycle{a, m};
    auto x = a.domain().uninitialized();
    const StartNorms start = start_at(call, a, b, x0, x, cycle.v[0]);
    double beta = std::sqrt(start.residual2);
    double xx = start.solution2;
    std::optional<DomainVector<A>> seen;  // what a watch looks at, made for it alone
    if (!std::same_as<Watch, NoWatch>) seen.emplace(a.domain().uninitialized());

    const double goal = options.tolerance * start.data;
    const double floor = rounding<ScalarOf<A>>() * std::max(start.data, beta);
    const auto reached = [&](double residual) -> std::optional<StopReason> {
        if (residual <= goal) return StopReason::residual;
        if (residual <= floor) return StopReason::residual_rounding;
        return std::nullopt;
    };
    const auto note = [&](double residual, double solution2, const DomainVector<A>& shown) {
        return loop.record(residual, residual, std::sqrt(solution2), shown, watch,
                           reached(residual));
    };
    auto stop = note(beta, xx, x);
    while (!stop) {
        cycle.begin(beta);
        while (cycle.count < m && !stop && !cycle.invariant) {
            const double residual = cycle.step(a, x, xx);
            if (seen) {
                *seen = x;
                cycle.correct(*seen);
            }
            stop = note(residual, cycle.solution2, seen ? *seen : x);
        }
        cycle.correct(x);
        if (stop) break;
        xx = norm2(x);
        a.forward(x, cycle.v[0]);
        const double residual = std::sqrt(assign_norm2(cycle.v[0], b - cycle.v[0]));
        if (cycle.invariant && residual > floor && !(residual < beta * (1 - 1e-3)))
            loop.refuse("A is singular: its Krylov space ends with a residual", residual,
                        "lsqr, which finds the least-squares solution");
        beta = residual;
        stop = reached(beta);
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
