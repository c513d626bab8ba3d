/// GMRES: minimum residuals for square operators of any kind, restarted.
#pragma once

#include <lop/solvers/loop.hpp>

#include <cmath>
#include <complex>
#include <optional>
#include <span>
#include <string>
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

/// The Hessenberg matrix of Arnoldi, turned into a triangle by Givens rotations as it grows, one
/// column packed behind the other: entry (i, k) lies at k (k + 1) / 2 + i.
template <class S> class Hessenberg {
 public:
    /// Makes room for so many columns.
    void hold(index_t columns) {
        const std::size_t m = at(columns);
        column_.resize(m + 1);
        triangle_.resize(m * (m + 1) / 2);
        cosine_.resize(m);
        sine_.resize(m);
        right_.resize(m + 1);
        y_.resize(m);
    }
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
        for (index_t i = 0; i < k; ++i) triangle(i, k) = column_[at(i)];
        const S diagonal = column_[at(k)];
        const double size = std::abs(diagonal);
        const double length = std::hypot(size, below);
        if (length <= noise) {
            triangle(k, k) = S(0);
            return std::abs(right_[at(k)]);
        }
        const S phase = size > 0 ? diagonal / size : S(1);
        cosine_[at(k)] = size / length;
        sine_[at(k)] = phase * (below / length);
        triangle(k, k) = phase * length;
        right_[at(k + 1)] = -conjugate(sine_[at(k)]) * right_[at(k)];
        right_[at(k)] = cosine_[at(k)] * right_[at(k)];
        return std::abs(right_[at(k + 1)]);
    }
    /// The coordinates of the best correction in the first `count` vectors of the basis; those of
    /// a direction that A annihilates are zero.
    const std::vector<S>& solve(index_t count) {
        for (index_t i = count; i-- > 0;) {
            S sum = right_[at(i)];
            for (index_t k = i + 1; k < count; ++k) sum -= triangle(i, k) * y_[at(k)];
            const S pivot = triangle(i, i);
            y_[at(i)] = std::abs(pivot) > 0 ? sum / pivot : S(0);
        }
        return y_;
    }
    /// The first `count` columns.
    template <class F> void visit(const F& f, index_t count) {
        const std::size_t n = at(count);
        f("triangle", std::span<S>{triangle_.data(), n * (n + 1) / 2});
        f("cosine", std::span<double>{cosine_.data(), n})("sine", std::span<S>{sine_.data(), n});
        f("right", std::span<S>{right_.data(), n + 1});
    }

 private:
    static std::size_t at(index_t i) { return static_cast<std::size_t>(i); }
    S& triangle(index_t i, index_t k) { return triangle_[at(k * (k + 1) / 2 + i)]; }
    std::vector<S> column_;
    std::vector<S> triangle_;
    std::vector<double> cosine_;
    std::vector<S> sine_;
    std::vector<S> right_;
    std::vector<S> y_;
};

/// The cycle between two restarts: the Krylov basis by modified Gram and Schmidt, and the best
/// correction in it. Step k reads or writes 5 k vectors beside the operator, `correct` 3 k.
template <LinearOperator A> struct GmresState {
    using Sum = Accumulator<ScalarOf<A>>;
    DomainVector<A> x;  // of the cycle's start
    std::vector<RangeVector<A>> v;
    Hessenberg<Sum> h{};
    std::vector<Sum> along{};  // <v_i, x>
    index_t restart;
    ResidualRule rule;
    index_t count = 0;                      // vectors that are orthonormal and spent
    index_t invariant = 0;                  // 1 where the Krylov space maps into itself
    double beta = 0;                        // |b - A x|
    double xx = 0;                          // |x|^2
    double residual = 0;                    // |b - A (x + correction)|
    double solution2 = 0;                   // |x + correction|^2
    std::optional<DomainVector<A>> seen{};  // x + correction, made for those who watch

    GmresState(const A& a, index_t steps, index_t at_most, const ResidualRule& r)
        : x{a.domain().uninitialized()}, restart{at_most}, rule{r} {
        v.push_back(a.range().uninitialized());
        hold(steps);
    }
    /// Makes room for a cycle of so many steps.
    void hold(index_t steps) {
        while (static_cast<index_t>(v.size()) <= steps) v.push_back(like(v.front()));
        h.hold(steps);
        along.resize(static_cast<std::size_t>(steps));
    }
    /// v[0] holds the residual, of length beta.
    void begin() {
        h.begin(beta);
        v[0] *= 1 / beta;
    }
    void step(const A& a) {
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
        invariant = below <= noise ? 1 : 0;
        if (below > 0) next *= 1 / below;
        along[k] = dot(v[k], x);
        residual = h.append(count++, below, noise);
        const std::vector<Sum>& y = h.solve(count);
        solution2 = xx;
        for (std::size_t i = 0; i <= k; ++i)
            solution2 += std::norm(y[i]) + 2 * real_part(conjugate(y[i]) * along[i]);
        solution2 = std::max(solution2, 0.0);
    }
    void correct(DomainVector<A>& target) {
        const std::vector<Sum>& y = h.solve(count);
        for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) target += y[i] * v[i];
    }
    void look() {
        *seen = x;
        correct(*seen);
    }
    const DomainVector<A>& iterate() const { return seen ? *seen : x; }

    template <class F> void visit(const F& f) {
        f.given("restart", static_cast<double>(restart))("x", x)("count", count);
        if (static_cast<index_t>(v.size()) <= count) hold(count);
        f("invariant", invariant)("beta", beta)("xx", xx);
        f("residual", residual)("solution2", solution2);
        rule.visit(f);
        for (std::size_t i = 0; i <= static_cast<std::size_t>(count); ++i)
            f("v" + std::to_string(i), v[i]);
        f("along", std::span<Sum>{along.data(), static_cast<std::size_t>(count)});
        h.visit(f, count);
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
    check_count(call, "restart", options.restart);
    Loop loop{call, options};

    const index_t m = std::min(options.restart, std::max<index_t>(options.iterations, 1));
    GmresState<A> s{a, m, options.restart, {options.tolerance, rounding<ScalarOf<A>>()}};
    if (!loop.resume(s, watch, Given{"b", &b}, Given{"x0", x0}, Given{"A", a})) {
        const StartNorms start = start_at(call, a, b, x0, s.x, s.v[0]);
        s.rule.begin(start);
        s.beta = s.residual = std::sqrt(start.residual2);
        s.xx = s.solution2 = start.solution2;
    }
    if constexpr (Onlooker<Watch, DomainVector<A>> && !std::same_as<Watch, NoWatch>)
        s.seen.emplace(s.x);

    // Ends the cycle; a residual that only rounding parts from b - A x may end the solver as well.
    const auto restart = [&] {
        s.correct(s.x);
        s.xx = norm2(s.x);
        a.forward(s.x, s.v[0]);
        const double residual = std::sqrt(assign_norm2(s.v[0], b - s.v[0]));
        if (s.invariant != 0 && residual > s.rule.floor() && !(residual < s.beta * (1 - 1e-3)))
            loop.refuse("A is singular: its Krylov space ends with a residual", residual,
                        "lsqr, which finds the least-squares solution");
        s.beta = residual;
        s.count = s.invariant = 0;
        return s.rule.reached(residual);
    };
    const auto step = [&]() -> std::optional<StopReason> {
        if (s.count == m || s.invariant != 0)
            if (const auto reached = restart()) return reached;
        if (s.count == 0) s.begin();
        s.step(a);
        if (s.seen) s.look();
        return std::nullopt;
    };
    const auto stand = [&] { return s.rule.standing(s.residual, std::sqrt(s.solution2)); };
    const StopReason reason = loop.iterate(s, step, stand, watch);
    if (s.count > 0) s.correct(s.x);
    return loop.finish(std::move(s.x), reason);
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
