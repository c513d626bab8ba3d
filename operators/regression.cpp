/// Polynomials at given places: a table of powers.
#include <lop/operators/regression.hpp>

#include <lop/core/error.hpp>
#include <lop/core/reduce.hpp>

#include <cmath>

namespace lop {
namespace {

index_t checked_order(int order) {
    if (order >= 0) return order;
    throw ArgumentError{"PolynomialRegression of order " + std::to_string(order),
                        {.expected = "an order that is not negative"}};
}

std::vector<double> powers_of(const std::vector<double>& places, int order) {
    std::vector<double> powers(places.size(), 1.0);
    powers.reserve(places.size() * (static_cast<std::size_t>(order) + 1));
    for (int k = 1; k <= order; ++k)
        for (const double t : places) {
            const double power = powers[powers.size() - places.size()] * t;
            if (!std::isfinite(power))
                throw ArgumentError{
                    "PolynomialRegression of order " + std::to_string(order),
                    {.expected = "places with finite powers up to the order",
                     .found = number_words(t) + " to the power of " + std::to_string(k),
                     .remedy = "places scaled to the order of one"}};
            powers.push_back(power);
        }
    return powers;
}

}  // namespace

template <Scalar T>
PolynomialRegression<T>::PolynomialRegression(const std::vector<double>& places, int order)
    : Operator<PolynomialRegression, ArraySpace<T>>{ArraySpace<T>{"coefficients",
                                                                  {checked_order(order) + 1}},
                                                    ArraySpace<T>{
                                                        "values",
                                                        {static_cast<index_t>(places.size())}}},
      powers_{std::make_shared<const std::vector<double>>(powers_of(places, order))} {}

template <Scalar T> void PolynomialRegression<T>::forward(const Array<T>& x, Array<T>& y) const {
    using Sum = Accumulator<T>;
    const index_t places = y.size();
    const double* powers = powers_->data();
    parallel_for(places, [&](index_t begin, index_t end) {
        for (index_t i = begin; i < end; ++i) {
            Sum sum{};
            for (index_t k = 0; k < x.size(); ++k)
                sum += powers[k * places + i] * static_cast<Sum>(x[k]);
            y[i] = static_cast<T>(sum);
        }
    });
}

template <Scalar T> void PolynomialRegression<T>::adjoint(const Array<T>& y, Array<T>& x) const {
    using Sum = Accumulator<T>;
    const index_t places = y.size();
    for (index_t k = 0; k < x.size(); ++k) {
        const double* power = powers_->data() + k * places;
        x[k] = static_cast<T>(
            y.template reduce<Sum>([&](index_t i) { return power[i] * static_cast<Sum>(y[i]); }));
    }
}

template class PolynomialRegression<float>;
template class PolynomialRegression<double>;
template class PolynomialRegression<std::complex<float>>;
template class PolynomialRegression<std::complex<double>>;

}  // namespace lop
