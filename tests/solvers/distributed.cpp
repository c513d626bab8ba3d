/// The solvers on distributed vectors: the same bits as on vectors held whole.
#include "law.hpp"
#include <lop/solvers/solvers.hpp>

#include <doctest/doctest.h>
#include <limits>

using namespace lop;

TEST_CASE("on scattered vectors every solver gives the bits of one that holds them whole") {
    law::same_bits([](const auto& a, const auto& b, const auto&) {
        return lsqr(a, b, {.iterations = 12, .damping = 0.1});
    });
    law::same_bits([](const auto& a, const auto& b, const auto& x0) {
        return lsqr(a, b, x0, {.iterations = 12, .damping = 0.1});
    });
    law::same_bits([](const auto& a, const auto& b, const auto& x0) {
        return cgls(a, b, x0, {.iterations = 12, .damping = 0.1});
    });
    law::same_bits([](const auto& a, const auto& b, const auto&) {
        return steepest_descent(a, b, {.iterations = 12});
    });
    law::same_bits([](const auto& a, const auto& b, const auto& x0) {
        return cg(a.H() * a + 0.1 * Identity{a.domain()}, b, x0, {.iterations = 12});
    });
}

TEST_CASE("NaN on one rank ends every rank in the same words") {
    const law::Scattered parts;
    auto b = parts.space.random(1);
    if (parts.world.rank() == parts.world.size() - 1 && b.local().size() > 0)
        b.local()[0] = std::numeric_limits<double>::quiet_NaN();
    CHECK(zoo::message_of([&] { lsqr(parts.op(), b); }) ==
          "lsqr(A, b): b is not finite\n"
          "    expected finite values, with squares below 1e308\n"
          "    found    a norm of NaN");
}
