/// Numbers that are checked where they are set.
#pragma once

#include <lop/core/scalar.hpp>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <limits>

namespace lop {

namespace detail {

/// A text as an argument of a template.
template <std::size_t N> struct Text {
    char chars[N];
    constexpr Text(const char (&text)[N]) { std::copy_n(text, N, chars); }
};

/// Throws ArgumentError: the parameter `name` is `found`.
[[noreturn]] void refuse_parameter(const char* name, const char* expected, double found);

}  // namespace detail

/// Which numbers a parameter may be.
enum class Allowed {
    positive,
    positive_or_infinite,
    not_negative,
    not_negative_or_infinite,
    finite,
    above_minus_infinity
};

namespace detail {

/// Whether a number is allowed; NaN never is.
constexpr bool fits(Allowed allowed, double value) {
    constexpr double most = std::numeric_limits<double>::max();
    switch (allowed) {
        case Allowed::positive: return value > 0 && value <= most;
        case Allowed::positive_or_infinite: return value > 0;
        case Allowed::not_negative: return value >= 0 && value <= most;
        case Allowed::not_negative_or_infinite: return value >= 0;
        case Allowed::finite: return value >= -most && value <= most;
        case Allowed::above_minus_infinity: return value >= -most;
    }
    return false;
}
/// The same in words.
constexpr const char* words_of(Allowed allowed) {
    switch (allowed) {
        case Allowed::positive: return "a finite number above 0";
        case Allowed::positive_or_infinite: return "a number above 0";
        case Allowed::not_negative: return "a finite number, 0 or more";
        case Allowed::not_negative_or_infinite: return "0 or more";
        case Allowed::finite: return "a finite number";
        case Allowed::above_minus_infinity: return "a number above minus infinity";
    }
    return "";
}

}  // namespace detail

/// A number that a struct of parameters holds in place of a double, so that L1{-0.1} is refused where it
/// is written, by the name "L1: weight":
///
///     struct L1 { Parameter<"L1: weight"> weight = 1; };
///
/// Throws ArgumentError for a number that is not allowed; NaN never is.
template <detail::Text name, Allowed allowed = Allowed::not_negative> class Parameter {
 public:
    template <std::convertible_to<double> V>
    constexpr Parameter(const V& value) : value_{static_cast<double>(value)} {
        if (!detail::fits(allowed, value_))
            detail::refuse_parameter(name.chars, detail::words_of(allowed), value_);
    }
    constexpr operator double() const { return value_; }

 private:
    double value_;
};

/// The same for a whole number, `least` or more, in place of an index_t.
template <detail::Text name, index_t least = 1> class Count {
    static_assert(least == 0 || least == 1);

 public:
    template <std::integral V>
    constexpr Count(V value) : value_{static_cast<index_t>(value)} {
        if (value_ < least)
            detail::refuse_parameter(name.chars, least == 0 ? "0 or more" : "1 or more",
                                     static_cast<double>(value_));
    }
    constexpr operator index_t() const { return value_; }

 private:
    index_t value_;
};

}  // namespace lop
