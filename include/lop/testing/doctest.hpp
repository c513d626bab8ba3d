/// Glue to doctest: check every law of an operator in one line.
#pragma once

#include <lop/testing/laws.hpp>

#include <doctest/doctest.h>

namespace lop::testing {

/// CHECKs every report; a failure prints the operator, the law and the figure.
inline void check_reports(const std::vector<TestReport>& reports) {
    for (const TestReport& report : reports) {
        INFO(report.str());
        CHECK(report.pass);
    }
}

/// CHECKs the whole law suite of a linear operator.
template <LinearOperator A> void check_laws(const A& a, const DotTestOptions& options = {}) {
    check_reports(laws::linear_operator(a, options));
}

}  // namespace lop::testing
