/// Ten thousand random expressions of operators, proved adjoint in whole numbers: nothing is
/// rounded, and so the two inner products of the dot test are equal, not nearly equal.
#include "zoo.hpp"

#include <complex>
#include <doctest/doctest.h>
#include <numeric>
#include <vector>

using namespace lop;

namespace {

/// Grows expressions over arrays of 1 to 5 values from a stream of random bits.
template <Scalar T> class Grower {
 public:
    using Space = ArraySpace<T>;
    using Any = AnyOperator<Space>;
    /// A leaf of a shallow tree is a dense matrix of units and zeros, of a deep one a part of a signed
    /// permutation, so that no number outgrows the whole numbers that T holds.
    Grower(std::uint64_t seed, int depth) : seed_{seed}, depth_{depth} {}

    Any grow() { return between(pick_space(), pick_space(), depth_); }
    index_t nodes() const { return nodes_; }
    index_t disagreements() const { return disagreements_; }
    /// Whole numbers from -2 to 2.
    Array<T> vector(const Space& space) {
        auto x = space.zeros();
        for (T& value : x) {
            value = whole(draw(5));
            if constexpr (is_complex<T>) value += T{0, 1} * whole(draw(5));
        }
        return x;
    }

 private:
    std::uint64_t draw(std::uint64_t choices) { return mix_bits(seed_ + ++drawn_) % choices; }
    static T whole(std::uint64_t choice) { return T(static_cast<Real<T>>(choice) - 2); }
    Space pick_space() { return {"x", {static_cast<index_t>(1 + draw(5))}}; }
    /// 1 or -1, or one of the four complex units.
    T unit() {
        const T sign = draw(2) == 0 ? T{1} : T{-1};
        if constexpr (is_complex<T>) return draw(2) == 0 ? sign : sign * T{0, 1};
        else return sign;
    }
    Array<T> units(const Space& space) {
        auto x = space.zeros();
        for (T& value : x) value = unit();
        return x;
    }

    Array<T> matrix(index_t rows, index_t columns) {
        Array<T> m{{rows, columns}};
        if (depth_ <= 2) {
            for (T& value : m) value = draw(3) == 0 ? T{} : unit();
            return m;
        }
        const auto turn = static_cast<index_t>(draw(5));
        for (index_t i = 0; i < std::min(rows, columns); ++i)
            m[i * columns + (i + turn) % columns] = unit();
        return m;
    }
    Any leaf(const Space& from, const Space& to) {
        const auto kind = draw(8);
        if (kind == 0) return Any{Zero{from, to}};
        if (kind == 1 && from == to) return Any{Identity{from}};
        if (kind == 2 && from == to) return Any{Diagonal{units(from)}};
        return Any{zoo::Dense<T>{from, to, matrix(to.size(), from.size())}};
    }

    /// An expression between two spaces: a node as it is, transposed or transposed twice, so that the
    /// rules of rewriting are met on the way.
    Any between(const Space& from, const Space& to, int depth) {
        ++nodes_;
        if (depth == 0) return leaf(from, to);
        switch (draw(4)) {
            case 0: return node(to, from, depth, [&](const auto& a) { return Any{agreed(a).H()}; });
            case 1: return node(from, to, depth, [&](const auto& a) { return Any{a.H().H()}; });
            default: return node(from, to, depth, [&](const auto& a) { return Any{agreed(a)}; });
        }
    }
    /// The rewritten adjoint of a node must be its adjoint.
    template <class A> const A& agreed(const A& a) {
        const auto y = vector(a.range());
        auto x = a.domain().uninitialized();
        a.adjoint(y, x);
        disagreements_ += norm2(a.H() * y - x) != 0;
        return a;
    }
    template <class Wrap>
    Any node(const Space& from, const Space& to, int depth, const Wrap& wrap) {
        const auto part = [&](const Space& a, const Space& b) { return between(a, b, depth - 1); };
        const Space s = pick_space(), t = pick_space();
        switch (draw(12)) {
            case 0: return wrap(unit() * part(from, to));
            case 1: return wrap(part(from, to) + part(from, to));
            case 2: return wrap(part(from, to) - unit() * part(from, to));
            case 3: return wrap(unit() * (part(s, to) * part(from, s)));
            case 4: return wrap(part(t, to) * (part(s, t) * part(from, s)));
            case 5: return wrap((part(t, s) * part(to, t)).H() * Identity{s} * part(from, s));
            case 6: return wrap(shift(part(to, to), unit()) * part(from, to));
            case 7:
                return wrap(hstack(part(s, to), part(t, to)) *
                            vstack(part(from, s), part(from, t)));
            case 8:
                return wrap(vstack(part(to, s), part(to, t)).H() *
                            block_diagonal(leaf(s, s), leaf(t, t)) *
                            vstack(part(from, s), part(from, t)));
            case 9: return wrap(part(from, to) * conj(transpose(normal(part(from, s)))));
            case 10: return wrap(pow(part(to, to), static_cast<index_t>(draw(3))) * part(from, to));
            default:
                return wrap(hstack(std::vector<Any>{part(s, to), part(t, to), part(s, to)}) *
                            vstack(std::vector<Any>{part(from, s), part(from, t), part(from, s)}));
        }
    }

    std::uint64_t seed_;
    int depth_;
    std::uint64_t drawn_ = 0;
    index_t nodes_ = 0;
    index_t disagreements_ = 0;
};

}  // namespace

TEST_CASE_TEMPLATE("the dot test of ten thousand random expressions is an equality", T, float,
                   double, std::complex<float>, std::complex<double>) {
    constexpr int deepest = std::same_as<Real<T>, double> ? 4 : 3;
    index_t nodes = 0;
    index_t silent = 0;
    for (std::uint64_t seed = 1; seed <= 2500; ++seed) {
        Grower<T> grower{mix_bits(seed), static_cast<int>(1 + seed % deepest)};
        const auto A = grower.grow();
        nodes += grower.nodes();
        const auto x = grower.vector(A.domain());
        const auto y = grower.vector(A.range());
        const auto left = dot(A * x, y);
        const auto right = dot(x, A.H() * y);
        CHECK(grower.disagreements() == 0);
        silent += left == decltype(left){};
        if (left == right) continue;
        CAPTURE(seed);
        INFO(describe(A));
        CHECK(left == right);
    }
    CHECK(nodes > 15000);
    CHECK(silent < 1500);  // zeros prove nothing
}
