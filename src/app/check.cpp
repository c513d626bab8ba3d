/// lop check: the laws of the operators that a job would use.
#include "commands.hpp"
#include "problem.hpp"
#include "results.hpp"
#include <lop/testing/dot_test.hpp>

#include <cmath>
#include <fmt/format.h>

namespace lop::app {
namespace {

/// JSON has no word for NaN and infinity.
std::string json_number(const char* pattern, double value) {
    return std::isfinite(value) ? fmt::format(fmt::runtime(pattern), value) : "null";
}

std::string json_line(const TestReport& report) {
    const std::string figure = report.orders.empty()
                                   ? "\"error\": " + json_number("{:.6e}", report.error)
                                   : "\"orders\": [" + json_number("{:.6f}", report.orders[0]) +
                                         ", " + json_number("{:.6f}", report.orders[1]) + "]";
    return fmt::format(
        R"({{"name": "{}", "kind": "{}", "scalar": "{}", {}, "limit": {:.6e}, "pass": {}}})",
        report.name, report.kind, report.scalar, figure, report.limit, report.pass);
}

std::string table_line(const TestReport& report) {
    const std::string figure =
        report.orders.empty() ? fmt::format("{:.2e}", report.error)
                              : fmt::format("{:.3f}, {:.3f}", report.orders[0], report.orders[1]);
    return fmt::format("{:<24} {:<10} {:<8} {:>14} {:>9.1e}  {}", report.name, report.kind,
                       report.scalar, figure, report.limit, report.pass ? "pass" : "FAIL");
}

class Report {
 public:
    explicit Report(bool json) : json_{json} {
        if (!json)
            say(fmt::format("{:<24} {:<10} {:<8} {:>14} {:>9}", "operator", "test", "scalar",
                            "error, orders", "limit"));
    }
    void add(const TestReport& report) {
        say(json_ ? json_line(report) : table_line(report));
        progress_.update(++done_);
        all_hold_ = all_hold_ && report.pass;
    }
    bool all_hold() const { return all_hold_; }

 private:
    static constexpr index_t tests = 16;
    bool json_;
    bool all_hold_ = true;
    index_t done_ = 0;
    Progress progress_{"check", tests, "tests"};
};

/// A change of the medium for the Taylor test, rough on top of an even one, that changes neither the
/// medium nor the data by more than a hundredth, or by a tenth in single precision: far above
/// rounding, and far below a shift by a period.
template <Scalar T> DistributedArray<T> perturbation(const Problem<T>& problem,
                                                     const Modeling<T>& M, const Jacobian<T>& J) {
    const auto rough = problem.background.space().random(8);
    const auto change = evaluate(map([](T m, T r) { return m * (1 + T(0.3) * r); },
                                     problem.background.slowness_squared(), rough));
    const double data = norm(M * problem.q);
    const double changed = norm(J * change);
    if (!(data > 0 && changed > 0)) refuse_silence();
    const double share = std::same_as<T, float> ? 0.1 : 0.01;
    return share * std::min(1.0, data / changed) * change;
}

template <Scalar T> void check_in(const Job& job, Report& report) {
    const Problem<T> problem{job};
    const auto M = problem.modeling(problem.background);
    const auto J = problem.jacobian(M);
    const auto Ml = problem.data_weights();
    const auto Mr = problem.image_weights();
    const auto A = Ml * J * Mr;
    report.add(dot_test(Ml));
    report.add(dot_test(Mr));
    report.add(dot_test(M));
    report.add(dot_test(J));
    report.add(dot_test(A));
    report.add(linearity_test(M));
    report.add(linearity_test(J));
    // With a comb of kept steps J is a quadrature of the derivative: the derivative has them all.
    const auto exact = jacobian(M, problem.q, {.every = 1});
    // Rounding leaves single precision fewer halvings.
    const TaylorTestOptions options{.halvings = std::same_as<T, float> ? 2 : 5};
    report.add(taylor_test([&](const auto& m) { return M.at(m) * problem.q; }, exact,
                           problem.background.slowness_squared(), perturbation(problem, M, exact),
                           options));
}

}  // namespace

bool check_operators(const Job& job, bool json) {
    Report report{json};
    check_in<float>(job, report);
    check_in<double>(job, report);
    return report.all_hold();
}

}  // namespace lop::app
