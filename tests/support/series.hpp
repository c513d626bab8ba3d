/// Sizes of time series and of their differences.
#pragma once

#include <algorithm>
#include <cmath>
#include <doctest/doctest.h>
#include <vector>

namespace series {

using Series = std::vector<double>;
using Traces = std::vector<Series>;  ///< traces[receiver][time sample]

inline double norm(const Series& x) {
    double sum = 0.0;
    for (double v : x) sum += v * v;
    return std::sqrt(sum);
}

/// The larger of two errors; not a number where one of them is none.
inline double worse(double a, double b) { return a < b || std::isnan(b) ? b : a; }

inline double largest(const Series& x) {
    double value = 0.0;
    for (double v : x) value = worse(value, std::abs(v));
    return value;
}

/// a - b
inline Series minus(Series a, const Series& b) {
    REQUIRE(a.size() == b.size());
    for (std::size_t i = 0; i < a.size(); ++i) a[i] -= b[i];
    return a;
}

inline double relative_error(const Series& found, const Series& expected) {
    return norm(minus(found, expected)) / norm(expected);
}

/// All traces, one after the other.
inline Series joined(const Traces& traces) {
    Series all;
    for (const Series& x : traces) all.insert(all.end(), x.begin(), x.end());
    return all;
}

inline double observed_order(double coarse, double fine, double ratio) {
    return std::log(coarse / fine) / std::log(ratio);
}

}  // namespace series
