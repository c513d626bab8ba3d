/// The adjoint of make_operator maps from the range to the domain.
// expect: make_operator: adjoint(y, x) takes y of the range and writes x of the domain
#include <lop/algebra/algebra.hpp>

#include <complex>

using namespace lop;

int main() {
    using X = Array<double>;
    using Y = Array<std::complex<double>>;
    const ArraySpace<double> x{"x", {3}};
    const ArraySpace<std::complex<double>> y{"y", {3}};
    const auto forward = [](const X&, Y& to) { to.fill(0); };
#ifdef LOP_MUST_FAIL
    const auto a = make_operator(x, y, forward, forward);
#else
    const auto a = make_operator(x, y, forward, [](const Y&, X& to) { to.fill(0); });
#endif
    return static_cast<int>(a.range().size());
}
