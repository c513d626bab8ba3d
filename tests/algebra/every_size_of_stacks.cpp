/// Stacks of operators in every scalar type, on odd sizes, single elements and empty axes.
#include "support/sizes.hpp"
#include "zoo.hpp"

#include <complex>
#include <doctest/doctest.h>

using namespace lop;
using lop::testing::check_laws_of_any;
using lop::testing::every_size;
using zoo::random_dense;

namespace {

const std::vector<Shape> ranges{{5}, {1}, {0}};

}  // namespace

TEST_CASE_TEMPLATE("stacks of operators are lawful at every size of their blocks", T, float, double,
                   std::complex<float>, std::complex<double>) {
    for (const Shape& shape : every_size())
        for (const Shape& data : ranges) {
            INFO(shape.str() << " to " << data.str());
            const ArraySpace<T> x{"x", shape};
            const ArraySpace<T> y{"y", data};
            const auto a = random_dense<T>(x, y, 1);
            const auto d = random_dense<T>(x, x, 2);
            check_laws_of_any(vstack(a, d));
            check_laws_of_any(hstack(a.H(), d));
            check_laws_of_any(hstack(d, Identity{x}));
            check_laws_of_any(block_diagonal(a, d));
            check_laws_of_any(vstack(a, d).H() * vstack(a, d));
        }
}

TEST_CASE_TEMPLATE("lists of operators are lawful at every size of their blocks", T, float, double,
                   std::complex<float>, std::complex<double>) {
    for (const Shape& shape : every_size()) {
        INFO(shape.str());
        const ArraySpace<T> x{"x", shape};
        std::vector<zoo::Dense<T>> from_x;
        for (const Shape& data : ranges)
            from_x.push_back(random_dense<T>(x, ArraySpace<T>{"y", data}, 1));
        const auto column = vstack(from_x);
        check_laws_of_any(column);
        check_laws_of_any(column.H());
        check_laws_of_any(column[{2}]);
        check_laws_of_any(block_diagonal(from_x));
    }
}
