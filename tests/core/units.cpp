/// Tests of the unit literals and of the conversion of declared units.
#include <lop/core/units.hpp>

#include <lop/core/error.hpp>

#include <doctest/doctest.h>
#include <numbers>

using namespace lop;

TEST_CASE("literals give SI values, integers and decimals alike") {
    CHECK(30_Hz == 30.0);
    CHECK(0.5_kHz == 500.0);
    CHECK(2_kHz == 2000.0);
    CHECK(4_ms == 0.004);
    CHECK(0.5_ms == 0.0005);
    CHECK(125_us == 0.000125);
    CHECK(1.5_s == 1.5);
    CHECK(12.5_m == 12.5);
    CHECK(3_km == 3000.0);
    CHECK(180_deg == std::numbers::pi);
    CHECK(22.5_deg == std::numbers::pi / 8);
}

TEST_CASE("declared units convert to SI") {
    CHECK(to_si("m", Quantity::length) == 1);
    CHECK(to_si("ft", Quantity::length) == 0.3048);
    CHECK(to_si("km/s", Quantity::velocity) == 1000);
    CHECK(to_si("ft/s", Quantity::velocity) == 0.3048);
    CHECK(to_si("us", Quantity::time) == 1e-6);
    CHECK(to_si("g/cc", Quantity::density) == 1000);
    CHECK(to_si("g/cm3", Quantity::density) == 1000);
    // 1 s2/km2 is the slowness squared of 1 km/s = 1000 m/s.
    CHECK(to_si("s2/km2", Quantity::slowness_squared) ==
          doctest::Approx(1 / (1000.0 * 1000.0)).epsilon(1e-15));
    CHECK(to_si("ms2/m2", Quantity::slowness_squared) ==
          to_si("s2/km2", Quantity::slowness_squared));
}

TEST_CASE("an unknown unit is refused with the known ones listed") {
    try {
        to_si("mph", Quantity::velocity);
        FAIL("no error");
    } catch (const UnitError& error) {
        CHECK(std::string{error.what()} ==
              "a value in \"mph\"\n"
              "    expected one of m/s, km/s, ft/s\n"
              "    found    \"mph\"\n"
              "    try      declare the unit that the values are in; it is never guessed");
    }
}

TEST_CASE("a unit of another quantity, and no unit at all, are refused") {
    CHECK_THROWS_AS(to_si("ms", Quantity::velocity), UnitError);
    CHECK_THROWS_AS(to_si("", Quantity::length), UnitError);
    CHECK_THROWS_AS(to_si("KM/S", Quantity::velocity), UnitError);
}
