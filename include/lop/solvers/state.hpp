/// What a solver holds between two iterations, laid open to whoever keeps it.
#pragma once

#include <lop/algebra/operator.hpp>
#include <lop/solvers/solution.hpp>

#include <cmath>
#include <complex>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace lop {

namespace detail {

/// Numbers as runs of double or index_t; complex ones as pairs.
inline std::span<double> numbers(std::span<double> values) { return values; }
inline std::span<index_t> numbers(std::span<index_t> values) { return values; }
inline std::span<double> numbers(std::span<std::complex<double>> values) {
    return {reinterpret_cast<double*>(values.data()), 2 * values.size()};
}
template <class T>
    requires std::is_arithmetic_v<T> || std::same_as<T, std::complex<double>>
auto numbers(T& value) {
    return numbers(std::span<T>{&value, 1});
}
template <class T> auto numbers(std::vector<T>& values) { return numbers(std::span<T>{values}); }

/// Throws ArgumentError unless a kept number is the one that this call gives, but for the rounding of
/// numbers of this size.
void check_given(const std::string& call, std::string_view name, double kept, double given,
                 double size);

/// Calls f(name, value) with vectors as they are and with all else as runs of numbers:
/// visitor("x", x)("r", r)("rr", rr).
template <class F> class StateVisitor {
 public:
    StateVisitor(F& f, const std::string& call) : f_{f}, call_{call} {}

    template <class V> const StateVisitor& operator()(std::string_view name, V&& value) const {
        if constexpr (Vector<std::remove_cvref_t<V>>) f_(name, value);
        else f_(name, numbers(value));
        return *this;
    }
    /// A number by which the call is known to be the one whose state was kept: an option that shapes
    /// the iteration, the norm of the data.
    const StateVisitor& given(std::string_view name, double value) const {
        return given(name, value, std::abs(value));
    }
    const StateVisitor& given(std::string_view name, double value, double size) const {
        double kept = value;
        f_(name, numbers(kept));
        check_given(call_, name, kept, value, size);
        return *this;
    }

 private:
    F& f_;
    const std::string& call_;
};

/// Two numbers by which a vector is known: its norm, and its product with random numbers; the norm alone
/// of vectors that do not tell their space.
struct Mark {
    std::string norm_name;
    std::string product_name;
    double norm = 0;
    double product = 0;
};

/// Any mark's random numbers.
inline constexpr std::uint64_t mark_seed = 0x6b657074;

/// Of no vector, zeros.
template <Vector V> Mark mark_of(const std::string& name, const V* v) {
    Mark mark{"norm of " + name, name + " times random numbers"};
    if (v == nullptr) return mark;
    mark.norm = norm(*v);
    if constexpr (requires { space_of(*v); })
        mark.product = real_part(dot(space_of(*v).random(mark_seed), *v));
    return mark;
}

/// A part of the problem that a solver is given, with the name it has there.
template <class T> struct Given {
    const char* name;
    const T& part;
};
template <class T> Given(const char*, const T&) -> Given<T>;

/// A function with a proximal operator, and the space that it works on.
template <class F, class S> struct ProxOn {
    const F& f;
    const S& space;
};
template <class F, class S> ProxOn(const F&, const S&) -> ProxOn<F, S>;

template <Vector V> Mark mark_of(const Given<const V*>& given) {
    return mark_of(std::string{given.name}, given.part);
}
template <LinearOperator A> Mark mark_of(const Given<A>& given) {
    auto y = given.part.range().uninitialized();
    given.part.forward(given.part.domain().random(mark_seed + 1), y);
    return mark_of(std::string{given.name} + " z, z random", &y);
}
template <class F, class S> Mark mark_of(const Given<ProxOn<F, S>>& given) {
    auto z = given.part.space.random(mark_seed + 1);
    given.part.f.prox(z, 1, z);
    return mark_of("prox of " + std::string{given.name} + " at random numbers", &z);
}

/// What every solver's state has beside its own: the records, and the marks of what it was given.
struct Journal {
    std::string call;  ///< "lsqr(A, b)"
    std::vector<Iteration> history{};
    std::vector<Mark> marks{};

    template <class V> void visit(const V& visitor) {
        auto count = static_cast<index_t>(history.size());
        visitor("records", count);
        std::vector<double> figures = flattened(count);
        visitor("history", figures);
        adopt(figures);
    }
    template <class V> void visit_marks(const V& visitor) const {
        for (const Mark& mark : marks)
            visitor.given(mark.norm_name, mark.norm)
                .given(mark.product_name, mark.product, mark.norm);
    }

 private:
    /// The figures of the first `count` records, five each; zeros for those that are not there yet.
    std::vector<double> flattened(index_t count) const;
    void adopt(const std::vector<double>& figures);
};

}  // namespace detail

/// What whoever keeps the states of solvers sees of one between two iterations. `State` is the
/// aggregate that the solver works on: its vectors and numbers, without scratch.
template <class State> class SolverState {
 public:
    SolverState(detail::Journal& journal, State& state, bool ends)
        : journal_{journal}, state_{state}, ends_{ends} {}

    /// "lsqr"
    std::string_view solver() const {
        return std::string_view{journal_.call}.substr(0, journal_.call.find('('));
    }
    index_t iteration() const {
        return journal_.history.empty() ? 0 : journal_.history.back().number;
    }
    /// Whether the solver returns after this iteration.
    bool ends() const { return ends_; }

    /// Calls f(name, value) for everything that the next iteration depends on, in an order that
    /// depends on nothing else; value is a vector, a std::span<double> or a std::span<index_t>, and
    /// may be read, or written to restore it. Names are unlike within a state. Throws ArgumentError
    /// where what was written belongs to another call: other data, start or options.
    template <class F> void visit(F&& f) {
        const detail::StateVisitor<std::remove_reference_t<F>> visitor{f, journal_.call};
        journal_.visit(visitor);
        state_.visit(visitor);
        journal_.visit_marks(visitor);
    }

 private:
    detail::Journal& journal_;
    State& state_;
    bool ends_;
};

namespace detail {

/// The least state, for concepts.
template <class X> struct LoneState {
    X x;
    template <class F> void visit(const F& f) { f("x", x); }
};

/// Watches nothing.
struct NoWatch {
    template <class X> void operator()(const Iteration&, const X&) const {}
};

/// A call that sees the iterate as well: watch(iteration, x).
template <class W, class X>
concept Onlooker = std::invocable<const W&, const Iteration&, const X&>;

}  // namespace detail

/// Keeps states of solvers: `restore(state)` is called once, before the solver begins, and tells
/// whether it filled the state; `save(state)` after every iteration, for as often as it likes. Both
/// see a SolverState<...>. On several ranks each calls them, and all must answer alike.
template <class W, class X>
concept StateKeeper = requires(const W& keeper, SolverState<detail::LoneState<X>>& state) {
    { keeper.restore(state) } -> std::same_as<bool>;
    keeper.save(state);
};

namespace detail {

/// The last argument of a solver: a call watch(iteration, x), which ends the solver where it returns
/// false; a keeper of states; or both in one.
template <class W, class X>
concept WatchOf = Onlooker<W, X> || StateKeeper<W, X>;

}  // namespace detail
}  // namespace lop
