/// Every leaf and node of the algebra in every scalar type, on odd sizes, single elements and empty axes.
#include "support/sizes.hpp"
#include "zoo.hpp"

#include <complex>
#include <doctest/doctest.h>

using namespace lop;
using lop::testing::check_laws_of_any;
using lop::testing::every_size;
using zoo::random_dense;

namespace {

const std::vector<Shape> ranges{{5}, {1}, {0}, {3, 0}};

}  // namespace

TEST_CASE_TEMPLATE("operators and their expressions are lawful at every size", T, float, double,
                   std::complex<float>, std::complex<double>) {
    for (const Shape& shape : every_size())
        for (const Shape& data : ranges) {
            INFO(shape.str() << " to " << data.str());
            const ArraySpace<T> x{"x", shape};
            const ArraySpace<T> y{"y", data};
            const auto a = random_dense<T>(x, y, 1);
            const auto b = random_dense<T>(x, y, 2, "B");
            const auto d = random_dense<T>(x, x, 3, "D");
            const Identity i{x};
            const Diagonal w{x.random(4)};
            check_laws_of_any(i);
            check_laws_of_any(Zero{x, y});
            check_laws_of_any(w);
            check_laws_of_any(w * w.H());
            check_laws_of_any(a.H());
            check_laws_of_any(3 * a);
            check_laws_of_any(a * d);
            check_laws_of_any(a * (0.5 * i + w) * w.H() * i);
            check_laws_of_any(a + b);
            check_laws_of_any(a - b - 0.5 * a * w);
            check_laws_of_any(normal(a));
            check_laws_of_any(pow(d, 0));
            check_laws_of_any(pow(d, 3));
            check_laws_of_any(shift(d, 2));
            check_laws_of_any(conj(a));
            check_laws_of_any(transpose(a));
            check_laws_of_any(real(a));
            check_laws_of_any(imag(a));
            check_laws_of_any(
                inverse(2 * i, [](const auto&, const auto& v) { return Array<T>{v / 2}; }));
            check_laws_of_any(make_operator(
                x, x, [](const Array<T>& u, Array<T>& v) { v = 2 * u; },
                [](const Array<T>& v, Array<T>& u) { u = 2 * v; }));
        }
}

TEST_CASE_TEMPLATE("Kronecker products are lawful at every size of both factors", T, float, double,
                   std::complex<float>, std::complex<double>) {
    for (const Shape& left : every_size())
        for (const Shape& right : ranges) {
            INFO(left.str() << " and " << right.str());
            const ArraySpace<T> x{"x", left};
            const ArraySpace<T> y{"y", right};
            const auto a = random_dense<T>(x, ArraySpace<T>{"u", {3}}, 1);
            const auto b = random_dense<T>(y, ArraySpace<T>{"v", {2}}, 2);
            check_laws_of_any(kron(a, b));
            check_laws_of_any(kron(b, a));
            check_laws_of_any(kron(Identity{x}, b));
        }
}
