/// Nonlinear maps: chain rule, sums, stacks, misfits, and a forward solve that is shared.
#include "zoo.hpp"
#include <lop/testing/doctest.hpp>

#include <cmath>

using namespace lop;

namespace {

using Space1 = ArraySpace<double>;
using V = Array<double>;

/// m -> sin(m), element by element; counts its evaluations.
class Sine : public NonlinearOperator<Sine, Space1> {
 public:
    explicit Sine(const Space1& space) : NonlinearOperator{space, space} {}
    std::string label() const { return "sin"; }
    V value(const V& m) const {
        ++*count_;
        return map([](double v) { return std::sin(v); }, m);
    }
    auto derivative(const V& m) const {
        return Diagonal{V{map([](double v) { return std::cos(v); }, m)}, "cos"};
    }
    int count() const { return *count_; }

 private:
    std::shared_ptr<int> count_ = std::make_shared<int>(0);
};
static_assert(NonlinearMap<Sine> && !LinearOperator<Sine>);

const Space1 model{"m", {5}};
const Space1 data{"d", {7}};

template <NonlinearMap F> void check_taylor(const F& f) {
    const auto m = f.domain().random(1);
    const auto dm = f.domain().random(2);
    const auto report = taylor_test(f, jacobian(f, m), m, dm, {.first_step = 1e-2});
    INFO(report.str());
    CHECK(report.pass);
    CHECK(dot_test(jacobian(f, m)));
}

/// phi(m + h dm) against phi(m) + h <g, dm> + h^2/2 <dm, H dm>: orders of the remainders.
template <class Phi> void check_objective(const Phi& phi, double second_order) {
    const auto m = model.random(1);
    const auto dm = model.random(2);
    const auto at = phi.at(m);
    CHECK(phi(m) == doctest::Approx(at.value()).epsilon(1e-14));
    const double slope = dot(at.gradient(), dm);
    const double curvature = dot(dm, at.hessian() * dm);
    CHECK(curvature > 0);
    double first[2], second[2];
    for (int k = 0; k < 2; ++k) {
        const double h = 1e-3 * (k + 1);
        const double change = phi(V{m + h * dm}) - at.value();
        first[k] = std::abs(change - h * slope);
        second[k] = std::abs(change - h * slope - 0.5 * h * h * curvature);
    }
    CHECK(std::log2(first[1] / first[0]) == doctest::Approx(2).epsilon(0.02));
    CHECK(std::log2(second[1] / second[0]) == doctest::Approx(second_order).epsilon(0.05));
    CHECK(dot_test(at.hessian()));
}

}  // namespace

TEST_CASE("derivatives of compositions, sums, differences and stacks pass the Taylor test") {
    const Sine F{model};
    const auto A = zoo::random_dense<double>(model, data, 1);
    const auto B = zoo::random_dense<double, 2>(model, model, 2);
    check_taylor(F);
    check_taylor(A * F);
    check_taylor(F * B);
    check_taylor(F * F);
    check_taylor(A * F * B);
    check_taylor(F + B);
    check_taylor(B - F * F);
    check_taylor(vstack(F, A));
    CHECK((A * F).label() == "A o sin");
    static_assert(
        std::same_as<decltype(jacobian(A * F * B, model.zeros())),
                     Product<zoo::Dense<double>, Diagonal<Space1>, zoo::Dense<double, 2>>>);
}

TEST_CASE("a wrong derivative fails") {
    const Sine F{model};
    const auto m = model.random(1);
    CHECK_FALSE(taylor_test(F, 1.01 * jacobian(F, m), m, model.random(2), {.first_step = 1e-2}));
}

TEST_CASE("value, gradient and Hessian of an objective share one forward evaluation") {
    const Sine F{model};
    const auto A = zoo::random_dense<double>(model, data, 1);
    const auto phi = objective(LeastSquaresLoss{}, A * F, data.random(3));
    const auto m = model.random(1);
    const auto at = phi.at(m);
    CHECK(F.count() == 1);
    const auto g = at.gradient();
    const auto Hg = at.hessian() * g;
    CHECK(at.value() > 0);
    CHECK(norm(Hg) > 0);
    CHECK(F.count() == 1);
}

TEST_CASE("gradients and Gauss-Newton Hessians of every misfit are those of its values") {
    // Through a linear map: the least-squares Hessian is exact then, and its remainder rounding;
    // the others drop a part of the second derivative.
    const auto A = as_map(zoo::random_dense<double>(model, data, 1));
    const auto d = data.random(3);
    check_objective(objective(PseudoHuberLoss{0.8}, A, d), 2);
    check_objective(objective(StudentLoss{0.7, 3}, A, d), 2);
    check_objective(objective(HuberLoss{50}, as_map(Sine{model}), model.random(4)), 2);
    check_objective(objective(LeastSquaresLoss{}, as_map(Sine{model}), model.random(4)), 2);
}

TEST_CASE("losses by hand") {
    CHECK(HuberLoss{2}.rho(1) == 0.5);
    CHECK(HuberLoss{2}.rho(3) == 4);
    CHECK(HuberLoss{2}.slope(4) == 0.5);
    CHECK(PseudoHuberLoss{1}.rho(0) == 0);
    CHECK(PseudoHuberLoss{3}.rho(4) == doctest::Approx(6));
    CHECK(StudentLoss{1, 1}.rho(1) == doctest::Approx(std::log(2.0)));
    CHECK(StudentLoss{1, 1}.slope(1) == 1);
    const auto r = zoo::vector<double>({3, -4});
    CHECK(misfit(LeastSquaresLoss{}, r) == 12.5);
    CHECK(misfit(HuberLoss{1}, r) == 2.5 + 3.5);
    CHECK(misfit_gradient(HuberLoss{1}, r)[1] == -1);
}

TEST_CASE("losses of a size that makes no sense are refused where they are written") {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    for (const double wrong : {-1.0, 0.0, nan}) {
        CHECK_THROWS_AS(HuberLoss{wrong}, ArgumentError);
        CHECK_THROWS_AS(PseudoHuberLoss{wrong}, ArgumentError);
        CHECK_THROWS_AS(StudentLoss{wrong}, ArgumentError);
        CHECK_THROWS_AS((StudentLoss{.degrees = wrong}), ArgumentError);
    }
    const HuberLoss open{std::numeric_limits<double>::infinity()};  // least squares
    CHECK(open.rho(3) == 4.5);
    CHECK(open.slope(1e300) == 1);
}

TEST_CASE("what does not fit is refused by name") {
    const Sine F{model};
    CHECK(zoo::message_of([&] { F(data.zeros()); }) ==
          "sin(m): m is not in domain(sin)\n    expected m[5] of float64 on host\n"
          "    found    d[7] of float64 on host");
    const auto A = zoo::random_dense<double>(model, data, 1);
    CHECK_THROWS_AS(F * A, SpaceError);
    CHECK_THROWS_AS(F + Sine{data}, SpaceError);
    CHECK_THROWS_AS(objective(LeastSquaresLoss{}, A, model.zeros()), SpaceError);
}
