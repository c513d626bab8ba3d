/// Diagonal operators on any space.
#pragma once

#include <lop/algebra/conjugate.hpp>

#include <memory>
#include <string>

namespace lop {

/// y_i = w_i x_i. domain = range = the space of the weights. Products of diagonals merge, the adjoint
/// is the diagonal of the conjugate weights.
template <Space S> class Diagonal : public Operator<Diagonal<S>, S> {
 public:
    using V = typename S::vector_type;
    explicit Diagonal(V weights, std::string label = "Diagonal")
        : Operator<Diagonal, S>{space_of(weights)},
          weights_{std::make_shared<const V>(std::move(weights))},
          label_{std::move(label)} {}
    std::string label() const { return label_; }
    const V& weights() const { return *weights_; }
    void forward(const V& x, V& y) const { assign(y, cwise_product(*weights_, x)); }
    void adjoint(const V& y, V& x) const { assign(x, cwise_product(conj(*weights_), y)); }
    void forward_add(const V& x, V& y) const { y += cwise_product(*weights_, x); }
    void adjoint_add(const V& y, V& x) const { x += cwise_product(conj(*weights_), y); }
    void forward_rows(const V& x, index_t begin, index_t end, typename S::value_type* y) const
        requires HostVector<V>
    {
        write_rows(weights_->data(), x.data(), begin, end, y);
    }
    void adjoint_rows(const V& y, index_t begin, index_t end, typename S::value_type* x) const
        requires HostVector<V>
    {
        const auto weights = detail::operand(conj(*weights_));
        write_rows(weights.cursor(), y.data(), begin, end, x);
    }

 private:
    template <class Weights, class T>
    static void write_rows(const Weights& weights, const T* x, index_t begin, index_t end, T* y) {
#pragma omp simd
        for (index_t i = begin; i < end; ++i) y[i - begin] = product(weights[i], x[i]);
    }

    std::shared_ptr<const V> weights_;
    std::string label_;
};

template <Vector V> Diagonal(V) -> Diagonal<decltype(space_of(std::declval<V>()))>;
template <Vector V> Diagonal(V, std::string) -> Diagonal<decltype(space_of(std::declval<V>()))>;

template <Space S> Diagonal<S> compose(const Diagonal<S>& a, const Diagonal<S>& b) {
    detail::check_chain(a, b);
    return Diagonal<S>{cwise_product(a.weights(), b.weights()), a.label() + " " + b.label()};
}
template <Space S> Diagonal<S> adjoint_of(const Diagonal<S>& a) {
    if constexpr (is_complex<typename S::value_type>)
        return Diagonal<S>{conj(a.weights()), a.label() + ".H()"};
    else return a;
}
template <Space S>
    requires is_complex<typename S::value_type>
Diagonal<S> conj(const Diagonal<S>& a) {
    return Diagonal<S>{conj(a.weights()), "conj(" + a.label() + ")"};
}

}  // namespace lop
