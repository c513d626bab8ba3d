/// Vector expressions: `x += a * y - z` is one pass over memory, and so is a sum over it.
///
/// An expression holds named vectors by reference and temporaries by value. Nothing is computed
/// before it is assigned to a vector, or reduced by dot, norm and norm2. Every vector type that
/// models `Vector` takes part: Array, DistributedArray, and stacks of them.
#pragma once

#include <lop/core/array.hpp>

#include <cmath>
#include <concepts>
#include <type_traits>
#include <utility>

namespace lop {

/// A container of values of one space: knows how to make another of its kind (`like`), what it
/// can be combined with (`compatible`), and how to sum over itself in a fixed order.
template <class V>
concept Vector = !std::derived_from<V, VectorExpressionBase> && requires(const V& x, V& y) {
    typename V::value_type;
    typename V::memory;
    typename V::vector_type;
    { x.compatible(x) } -> std::same_as<bool>;
    { x.size() } -> std::convertible_to<index_t>;
    x.describe();
    like(x);
};

/// A vector whose local values are one run of memory.
template <class V>
concept FlatVector = Vector<V> && requires(const V& x) {
    { x.data() } -> std::same_as<const typename V::value_type*>;
    x.slices();
};

/// A flat vector in the memory of the processor.
template <class V>
concept HostVector = FlatVector<V> && std::same_as<typename V::memory, Host>;

/// What may stand in an expression: a vector or another expression.
template <class X>
concept VectorLike = Vector<std::remove_cvref_t<X>> || VectorExpression<X>;

/// The values of an operand.
template <class X> using ValueOf = typename std::remove_cvref_t<X>::value_type;

namespace detail {

[[noreturn]] inline void refuse_combination(const std::string& left, const std::string& right) {
    throw SpaceError{"an element-wise combination of vectors of unlike spaces",
                     {.expected = left, .found = right}};
}

template <Vector V> class Ref;
template <Vector V> Ref<V> ref(const V& vector) { return Ref<V>{vector}; }

/// A named vector, by reference.
template <Vector V> class Ref : public VectorExpressionBase {
 public:
    using value_type = typename V::value_type;
    using vector_type = typename V::vector_type;
    explicit Ref(const V& vector) : vector_{&vector} {}
    const vector_type& prototype() const { return *vector_; }
    const value_type* cursor() const { return vector_->data(); }
    template <std::size_t I> auto component() const { return ref(vector_->template block<I>()); }
    auto component(index_t i) const { return ref(vector_->block(i)); }
    template <class Target> void check(const Target& target) const {
        if (!target.compatible(*vector_))
            refuse_combination(target.describe(), vector_->describe());
    }

 private:
    const V* vector_;
};

/// A temporary vector, by value.
template <Vector V> class Held : public VectorExpressionBase {
 public:
    using value_type = typename V::value_type;
    using vector_type = typename V::vector_type;
    explicit Held(V&& vector) : vector_{std::move(vector)} {}
    const vector_type& prototype() const { return vector_; }
    const value_type* cursor() const { return vector_.data(); }
    template <std::size_t I> auto component() const { return ref(vector_.template block<I>()); }
    auto component(index_t i) const { return ref(vector_.block(i)); }
    template <class Target> void check(const Target& target) const {
        if (!target.compatible(vector_)) refuse_combination(target.describe(), vector_.describe());
    }

 private:
    V vector_;
};

template <class X> auto operand(X&& x) {
    using Plain = std::remove_cvref_t<X>;
    if constexpr (VectorExpression<Plain>) return Plain(std::forward<X>(x));
    else if constexpr (std::is_lvalue_reference_v<X>) return Ref<Plain>{x};
    else return Held<Plain>{Plain(std::forward<X>(x))};  // a const temporary is copied
}
template <class X> using Operand = decltype(operand(std::declval<X>()));

/// f of one cursor, element by element.
template <class F, class C> struct UnaryCursor {
    F f;
    C c;
    auto operator[](index_t i) const { return f(c[i]); }
};
/// f of two cursors, element by element.
template <class F, class L, class R> struct BinaryCursor {
    F f;
    L l;
    R r;
    auto operator[](index_t i) const { return f(l[i], r[i]); }
};

#ifdef __CUDACC__
template <class F, class C>
__device__ auto at_on_device(const UnaryCursor<F, C>& cursor, index_t i) {
    return cursor.f(at_on_device(cursor.c, i));
}
template <class F, class L, class R>
__device__ auto at_on_device(const BinaryCursor<F, L, R>& cursor, index_t i) {
    return cursor.f(at_on_device(cursor.l, i), at_on_device(cursor.r, i));
}
#endif

template <class F, VectorExpression E> class Unary : public VectorExpressionBase {
 public:
    using value_type = std::remove_cvref_t<std::invoke_result_t<F, ValueOf<E>>>;
    using vector_type = typename E::vector_type;
    Unary(F f, E e) : f_{f}, e_{std::move(e)} {}
    const vector_type& prototype() const { return e_.prototype(); }
    auto cursor() const { return UnaryCursor<F, decltype(e_.cursor())>{f_, e_.cursor()}; }
    template <std::size_t I> auto component() const {
        auto part = e_.template component<I>();
        return Unary<F, decltype(part)>{f_, std::move(part)};
    }
    auto component(index_t i) const {
        auto part = e_.component(i);
        return Unary<F, decltype(part)>{f_, std::move(part)};
    }
    template <class Target> void check(const Target& target) const { e_.check(target); }

 private:
    F f_;
    E e_;
};

template <class F, VectorExpression L, VectorExpression R>
class Binary : public VectorExpressionBase {
 public:
    using value_type = std::remove_cvref_t<std::invoke_result_t<F, ValueOf<L>, ValueOf<R>>>;
    using vector_type = typename L::vector_type;
    Binary(F f, L l, R r) : f_{f}, l_{std::move(l)}, r_{std::move(r)} { r_.check(l_.prototype()); }
    const vector_type& prototype() const { return l_.prototype(); }
    auto cursor() const {
        return BinaryCursor<F, decltype(l_.cursor()), decltype(r_.cursor())>{f_, l_.cursor(),
                                                                             r_.cursor()};
    }
    template <std::size_t I> auto component() const {
        auto left = l_.template component<I>();
        auto right = r_.template component<I>();
        return Binary<F, decltype(left), decltype(right)>{f_, std::move(left), std::move(right)};
    }
    auto component(index_t i) const {
        auto left = l_.component(i);
        auto right = r_.component(i);
        return Binary<F, decltype(left), decltype(right)>{f_, std::move(left), std::move(right)};
    }
    template <class Target> void check(const Target& target) const {
        l_.check(target);
        r_.check(target);
    }

 private:
    F f_;
    L l_;
    R r_;
};

struct Plus {
    template <class T> constexpr T operator()(T a, T b) const { return plus(a, b); }
};
struct Minus {
    template <class T> constexpr T operator()(T a, T b) const { return minus(a, b); }
};
struct Times {
    template <class T> constexpr T operator()(T a, T b) const { return product(a, b); }
};
template <class T> struct ScaleBy {
    T factor;
    constexpr T operator()(T a) const { return product(factor, a); }
};

template <class F, class X> auto unary(F f, X&& x) {
    return Unary<F, Operand<X>>{f, operand(std::forward<X>(x))};
}
template <class F, class X, class Y> auto binary(F f, X&& x, Y&& y) {
    static_assert(std::same_as<ValueOf<X>, ValueOf<Y>>,
                  "vectors of unlike scalar types do not combine: cast<T>(x) converts one of them");
    return Binary<F, Operand<X>, Operand<Y>>{f, operand(std::forward<X>(x)),
                                             operand(std::forward<Y>(y))};
}

/// A factor that can scale values of type T without losing a part of it.
template <class S, class T>
concept FactorOf = Scalar<T> && ((std::is_arithmetic_v<S>) || (is_complex<T> && Scalar<S>));

template <class T, class S> T to_factor(const S& s) {
    if constexpr (std::is_arithmetic_v<S>) return T(static_cast<Real<T>>(s));
    else return T{static_cast<Real<T>>(s.real()), static_cast<Real<T>>(s.imag())};
}

}  // namespace detail

template <VectorLike X, VectorLike Y> auto operator+(X&& x, Y&& y) {
    return detail::binary(detail::Plus{}, std::forward<X>(x), std::forward<Y>(y));
}
template <VectorLike X, VectorLike Y> auto operator-(X&& x, Y&& y) {
    return detail::binary(detail::Minus{}, std::forward<X>(x), std::forward<Y>(y));
}
template <class S, VectorLike X>
    requires detail::FactorOf<S, ValueOf<X>>
auto operator*(const S& a, X&& x) {
    using T = ValueOf<X>;
    return detail::unary(detail::ScaleBy<T>{detail::to_factor<T>(a)}, std::forward<X>(x));
}
template <VectorLike X, class S>
    requires detail::FactorOf<S, ValueOf<X>>
auto operator*(X&& x, const S& a) {
    return a * std::forward<X>(x);
}
template <VectorLike X, class S>
    requires detail::FactorOf<S, ValueOf<X>>
auto operator/(X&& x, const S& a) {
    using T = ValueOf<X>;
    return detail::unary(detail::ScaleBy<T>{T(1) / detail::to_factor<T>(a)}, std::forward<X>(x));
}
template <VectorLike X> auto operator-(X&& x) { return -1 * std::forward<X>(x); }

namespace detail {
struct Conjugate {
    template <class T> constexpr T operator()(const T& value) const { return conjugate(value); }
};
}  // namespace detail
/// conj(x_i) for every element.
template <VectorLike X> auto conj(X&& x) {
    return detail::unary(detail::Conjugate{}, std::forward<X>(x));
}
/// f(x_i) for every element; f must not throw. For device vectors it is a function of the device, or
/// constexpr.
template <class F, VectorLike X> auto map(F f, X&& x) {
    return detail::unary(f, std::forward<X>(x));
}
/// f(x_i, y_i) for every element.
template <class F, VectorLike X, VectorLike Y> auto map(F f, X&& x, Y&& y) {
    return detail::binary(f, std::forward<X>(x), std::forward<Y>(y));
}
/// x_i * y_i for every element.
template <VectorLike X, VectorLike Y> auto cwise_product(X&& x, Y&& y) {
    return detail::binary(detail::Times{}, std::forward<X>(x), std::forward<Y>(y));
}

/// target = expression, in one pass, where the target lives. The target may stand in the expression.
template <FlatVector V, VectorExpression E> void assign(V& target, const E& expression) {
    static_assert(std::same_as<typename V::memory, typename E::vector_type::memory>,
                  "host and device vectors do not combine: to_device(x), to_host(x)");
    static_assert(std::same_as<typename V::value_type, typename E::value_type>,
                  "an expression of other scalars than its target holds: cast<T>(expression)");
    expression.check(target);
    auto* values = target.data();
    const auto cursor = expression.cursor();
    if constexpr (std::same_as<typename V::memory, Device>)
        device_assign(target.size(), values, cursor);
    else
        parallel_for(target.size(), [=](index_t begin, index_t end) {
#pragma omp simd
            for (index_t i = begin; i < end; ++i) values[i] = cursor[i];
        });
}

template <Vector V, VectorLike E> V& operator+=(V& x, E&& e) {
    assign(x, x + std::forward<E>(e));
    return x;
}
template <Vector V, VectorLike E> V& operator-=(V& x, E&& e) {
    assign(x, x - std::forward<E>(e));
    return x;
}
template <Vector V, class S>
    requires detail::FactorOf<S, ValueOf<V>>
V& operator*=(V& x, const S& a) {
    assign(x, a * x);
    return x;
}

/// The vector behind an operand: itself, or the expression computed into a new one.
template <Vector V> const typename V::vector_type& evaluate(const V& x) { return x; }
template <Vector V>
    requires(!std::is_lvalue_reference_v<V>)
typename V::vector_type evaluate(V&& x) {
    return std::move(x);
}
template <VectorExpression E> typename E::vector_type evaluate(const E& e) {
    static_assert(std::same_as<typename E::value_type, typename E::vector_type::value_type>,
                  "an expression of other scalars than its vectors hold: cast<T>(expression)");
    auto x = like(e.prototype());
    assign(x, e);
    return x;
}

/// The values as scalars T, real ones also as complex: a new vector of the same space otherwise.
template <Scalar T, VectorLike X> auto cast(const X& x) {
    const auto e = detail::operand(x);
    static_assert(is_complex<T> || !is_complex<ValueOf<X>>, "a complex number is not a real one");
    auto y = like_as<T>(e.prototype());
    static_assert(FlatVector<decltype(y)> && std::same_as<typename decltype(y)::memory, Host>);
    T* values = y.data();
    const auto cursor = e.cursor();
    parallel_for(y.size(), [=](index_t begin, index_t end) {
        for (index_t i = begin; i < end; ++i) values[i] = T(cursor[i]);
    });
    return y;
}

namespace detail {
/// What stands at i, as a term of a sum.
template <class C> struct TermOf {
    C elements;
    auto operator()(index_t i) const { return elements[i]; }
};
#ifdef __CUDACC__
template <class C> __device__ auto at_on_device(const TermOf<C>& term, index_t i) {
    return at_on_device(term.elements, i);
}
#endif
/// conj(a) b.
template <class Sum> struct DotProduct {
    template <class T> constexpr Sum operator()(const T& a, const T& b) const {
        return product(conjugate(converted<Sum>(a)), converted<Sum>(b));
    }
};
template <FlatVector V, class L, class R>
auto dot_expressions(const V& layout, const L& left, const R& right) {
    using Sum = Accumulator<ValueOf<L>>;
    right.check(layout);
    using Products =
        BinaryCursor<DotProduct<Sum>, decltype(left.cursor()), decltype(right.cursor())>;
    return layout.template reduce<Sum>(
        TermOf<Products>{{DotProduct<Sum>{}, left.cursor(), right.cursor()}});
}
template <Scalar T> constexpr double squared_magnitude(const T& value) {
    if constexpr (is_complex<T>)
        return squared_magnitude(value.real()) + squared_magnitude(value.imag());
    else return product(static_cast<double>(value), static_cast<double>(value));
}
struct SquaredMagnitude {
    template <Scalar T> constexpr double operator()(const T& value) const {
        return squared_magnitude(value);
    }
};
template <FlatVector V, VectorExpression E, class F>
double sum_expression(const V& layout, const E& e, const F& f, SumsTogether* sums = nullptr) {
    using Values = UnaryCursor<F, decltype(e.cursor())>;
    return reduce_together(layout, TermOf<Values>{{f, e.cursor()}}, sums);
}
/// Writes a run of an expression, then reads it back from the cache for the sum of its squares.
template <class T, class Cursor> struct AssignedSquares {
    T* values;
    Cursor cursor;
    void prepare(index_t begin, index_t end) const {
#pragma omp simd
        for (index_t i = begin; i < end; ++i) values[i] = cursor[i];
    }
    double operator()(index_t i) const { return squared_magnitude(values[i]); }
    static constexpr double term(const T& value) { return squared_magnitude(value); }
};
template <FlatVector V, VectorExpression E>
double assign_norm2_flat(V& target, const E& e, SumsTogether* sums = nullptr) {
    e.check(target);
    return reduce_together(target, AssignedSquares{target.data(), e.cursor()}, sums);
}
}  // namespace detail

/// <x, y> = sum_i conj(x_i) y_i, accumulated in double, in an order that depends on neither
/// threads nor ranks. Collective for distributed vectors.
template <VectorLike X, VectorLike Y> auto dot(const X& x, const Y& y) {
    static_assert(std::same_as<ValueOf<X>, ValueOf<Y>>, "dot of vectors of unlike scalar types");
    const auto left = detail::operand(x);
    const auto right = detail::operand(y);
    // Unqualified, here and below, so that the overloads of stacks are found as well.
    return dot_expressions(left.prototype(), left, right);
}

/// sum_i f(x_i) of a real function, in double. Collective for distributed vectors. Here and below,
/// `sums` waits for what the ranks have to put together (SumsTogether).
template <class F, VectorLike X>
double sum_over(const F& f, const X& x, SumsTogether* sums = nullptr) {
    const auto e = detail::operand(x);
    return sum_expression(e.prototype(), e, f, sums);
}

/// sum_i |x_i|^2, in double. Collective for distributed vectors.
template <VectorLike X> double norm2(const X& x, SumsTogether* sums = nullptr) {
    return sum_over(detail::SquaredMagnitude{}, x, sums);
}

/// The Euclidean norm, in double. Collective for distributed vectors.
template <VectorLike X> double norm(const X& x) { return std::sqrt(norm2(x)); }

/// target = expression and its squared norm, in the same pass.
template <Vector V, VectorLike E>
double assign_norm2(V& target, const E& e, SumsTogether* sums = nullptr) {
    return assign_norm2_flat(target, detail::operand(e), sums);
}

}  // namespace lop
