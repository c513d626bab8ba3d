/// Numbers that are checked where they are set.
#pragma once

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
enum class Allowed { positive, not_negative, not_negative_or_infinite };

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
        if (!fits()) detail::refuse_parameter(name.chars, expected(), value_);
    }
    constexpr operator double() const { return value_; }

 private:
    constexpr bool fits() const {
        if (allowed == Allowed::positive)
            return value_ > 0 && value_ <= std::numeric_limits<double>::max();
        return value_ >= 0 && (allowed == Allowed::not_negative_or_infinite ||
                               value_ <= std::numeric_limits<double>::max());
    }
    static constexpr const char* expected() {
        switch (allowed) {
            case Allowed::positive: return "a finite number above 0";
            case Allowed::not_negative: return "a finite number, 0 or more";
            default: return "0 or more";
        }
    }
    double value_;
};

}  // namespace lop
