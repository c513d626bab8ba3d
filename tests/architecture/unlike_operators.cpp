/// A product and a sum of 32 unlike operators with their adjoints, compiled against a budget.
#include <lop/algebra/algebra.hpp>

#include <utility>

using Space = lop::ArraySpace<double>;
using Vector = lop::Array<double>;

/// x -> N x, a type of its own for each N.
template <int N> class Times : public lop::Operator<Times<N>, Space> {
 public:
    explicit Times(const Space& space) : lop::Operator<Times, Space>{space} {}
    void forward(const Vector& x, Vector& y) const { y = N * x; }
    void adjoint(const Vector& y, Vector& x) const { x = N * y; }
};

template <int... N> auto product_of(const Space& s, std::integer_sequence<int, N...>) {
    return (Times<N + 1>{s} * ...);
}
template <int... N> auto sum_of(const Space& s, std::integer_sequence<int, N...>) {
    return (Times<N + 1>{s} + ...);
}

int main() {
    const Space space{"x", {7}};
    const auto product = product_of(space, std::make_integer_sequence<int, 16>{});
    const auto sum = sum_of(space, std::make_integer_sequence<int, 16>{});
    const auto x = space.random(1);
    const Vector y = (product.H() * sum) * x;
    return norm(y) > 0 ? 0 : 1;
}
