/// The table of units.
#include <lop/core/units.hpp>

#include <lop/core/error.hpp>

#include <array>

namespace lop {
namespace {

struct Unit {
    std::string_view name;
    Quantity quantity;
    double factor;
};

constexpr double foot = 0.3048;  // international foot, exact by definition

constexpr std::array units{
    Unit{"m", Quantity::length, 1},
    Unit{"km", Quantity::length, 1e3},
    Unit{"cm", Quantity::length, 1e-2},
    Unit{"mm", Quantity::length, 1e-3},
    Unit{"ft", Quantity::length, foot},
    Unit{"s", Quantity::time, 1},
    Unit{"ms", Quantity::time, 1e-3},
    Unit{"us", Quantity::time, 1e-6},
    Unit{"Hz", Quantity::frequency, 1},
    Unit{"kHz", Quantity::frequency, 1e3},
    Unit{"MHz", Quantity::frequency, 1e6},
    Unit{"m/s", Quantity::velocity, 1},
    Unit{"km/s", Quantity::velocity, 1e3},
    Unit{"ft/s", Quantity::velocity, foot},
    Unit{"s2/m2", Quantity::slowness_squared, 1},
    Unit{"s2/km2", Quantity::slowness_squared, 1e-6},
    Unit{"ms2/m2", Quantity::slowness_squared, 1e-6},
    Unit{"kg/m3", Quantity::density, 1},
    Unit{"g/cm3", Quantity::density, 1e3},
    Unit{"g/cc", Quantity::density, 1e3},
};

}  // namespace

double to_si(std::string_view unit, Quantity quantity) {
    for (const Unit& known : units)
        if (known.name == unit && known.quantity == quantity) return known.factor;
    throw UnitError{"a value in \"" + std::string{unit} + "\"",
                    {.expected = "one of " + known_units(quantity),
                     .found = unit.empty() ? "no unit" : "\"" + std::string{unit} + "\"",
                     .remedy = "declare the unit that the values are in; it is never guessed"}};
}

std::string known_units(Quantity quantity) {
    std::string names;
    for (const Unit& known : units)
        if (known.quantity == quantity)
            names += (names.empty() ? "" : ", ") + std::string{known.name};
    return names;
}

}  // namespace lop
