/// SI units: literals for the eye, and conversion of declared units at the door.
#pragma once

#include <numbers>
#include <string>
#include <string_view>

namespace lop {

/// Literals with a unit; the value is in SI units: 4_ms == 0.004. Angles are in radians.
inline namespace literals {
constexpr double operator""_Hz(long double value) { return static_cast<double>(value); }
constexpr double operator""_Hz(unsigned long long value) { return static_cast<double>(value); }
constexpr double operator""_kHz(long double value) { return static_cast<double>(value * 1e3L); }
constexpr double operator""_kHz(unsigned long long value) {
    return static_cast<double>(value) * 1e3;
}
constexpr double operator""_s(long double value) { return static_cast<double>(value); }
constexpr double operator""_s(unsigned long long value) { return static_cast<double>(value); }
constexpr double operator""_ms(long double value) { return static_cast<double>(value * 1e-3L); }
constexpr double operator""_ms(unsigned long long value) {
    return static_cast<double>(value) / 1e3;
}
constexpr double operator""_us(long double value) { return static_cast<double>(value * 1e-6L); }
constexpr double operator""_us(unsigned long long value) {
    return static_cast<double>(value) / 1e6;
}
constexpr double operator""_m(long double value) { return static_cast<double>(value); }
constexpr double operator""_m(unsigned long long value) { return static_cast<double>(value); }
constexpr double operator""_km(long double value) { return static_cast<double>(value * 1e3L); }
constexpr double operator""_km(unsigned long long value) {
    return static_cast<double>(value) * 1e3;
}
constexpr double operator""_deg(long double value) {
    return static_cast<double>(value * std::numbers::pi_v<long double> / 180);
}
constexpr double operator""_deg(unsigned long long value) {
    return static_cast<double>(value) * std::numbers::pi / 180;
}
}  // namespace literals

/// What a unit measures.
enum class Quantity { length, time, frequency, velocity, slowness_squared, density };

/// The factor that turns a value in `unit` into SI: to_si("km/s", Quantity::velocity) == 1000.
/// Known: m km cm mm ft; s ms us; Hz kHz MHz; m/s km/s ft/s; s2/m2 s2/km2 ms2/m2; kg/m3 g/cm3 g/cc.
/// Throws UnitError, listing the units known for the quantity, for any other word.
double to_si(std::string_view unit, Quantity quantity);

/// The units known for a quantity, separated by commas.
std::string known_units(Quantity quantity);

}  // namespace lop
