/// What a numerical proof found: a name, a figure, its limit, and whether it held.
#pragma once

#include <ostream>
#include <sstream>
#include <string>
#include <vector>

namespace lop {

/// The outcome of one test of an operator. It converts to bool, so that CHECK(dot_test(A)) and
/// if (!dot_test(A)) read as they should; printed, it tells the figure beside the limit.
struct TestReport {
    std::string name;    ///< the operator's label
    std::string kind;    ///< dot, linearity, taylor, or the name of a law
    std::string scalar;  ///< float32, float64, ...
    double error = 0;    ///< the measured figure (for taylor: the larger deviation)
    double limit = 0;    ///< what it may be at most
    bool pass = false;
    std::vector<double> orders{};  ///< taylor: observed orders without and with the derivative

    explicit operator bool() const { return pass; }

    std::string str() const {
        std::ostringstream text;
        text << kind << " of " << name << " in " << scalar << ": " << error
             << (pass ? " <= " : " > ") << limit;
        if (orders.size() == 2) text << " (orders " << orders[0] << ", " << orders[1] << ")";
        return text.str();
    }
};

inline std::ostream& operator<<(std::ostream& out, const TestReport& report) {
    return out << report.str();
}

}  // namespace lop
