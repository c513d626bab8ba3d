/// Coloured maps as paths in OKLab (Ottosson 2020), whose lightness and hue are those of the eye.
#include "color_map.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace lop::io {
namespace {

/// Lightness 0 to 1, chroma from 0 (grey), hue in degrees.
struct Shade {
    double lightness;
    double chroma;
    double hue;
};

/// Linear-light sRGB of a shade (Ottosson 2020, matrices of 2021); may lie outside [0, 1].
std::array<double, 3> linear_rgb(const Shade& shade) {
    const double angle = shade.hue * std::numbers::pi / 180.0;
    const double a = shade.chroma * std::cos(angle);
    const double b = shade.chroma * std::sin(angle);
    const double l = std::pow(shade.lightness + 0.3963377774 * a + 0.2158037573 * b, 3);
    const double m = std::pow(shade.lightness - 0.1055613458 * a - 0.0638541728 * b, 3);
    const double s = std::pow(shade.lightness - 0.0894841775 * a - 1.2914855480 * b, 3);
    return {4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
            -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
            -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s};
}

/// sRGB's transfer curve (IEC 61966-2-1).
std::uint8_t encoded(double linear) {
    const double v = std::clamp(linear, 0.0, 1.0);
    const double curved = v <= 0.0031308 ? 12.92 * v : 1.055 * std::pow(v, 1.0 / 2.4) - 0.055;
    return static_cast<std::uint8_t>(std::lround(255.0 * curved));
}

/// The nearest colour that a screen has, at the same lightness and hue.
Color on_screen(Shade shade) {
    const auto fits = [](const std::array<double, 3>& rgb) {
        return std::ranges::all_of(rgb, [](double v) { return v > -1e-3 && v < 1.001; });
    };
    while (shade.chroma > 0.0 && !fits(linear_rgb(shade))) shade.chroma -= 0.002;
    shade.chroma = std::max(shade.chroma, 0.0);
    const std::array<double, 3> rgb = linear_rgb(shade);
    return {encoded(rgb[0]), encoded(rgb[1]), encoded(rgb[2])};
}

Color perceptual(double t) {
    return on_screen({0.25 + 0.67 * t, 0.12 + 0.05 * t * t, 300.0 - 198.0 * std::pow(t, 1.05)});
}

Color blue_white_red(double t) {
    const double s = std::abs(2.0 * t - 1.0);
    const double chroma = 0.19 * std::sin(0.5 * std::numbers::pi * std::min(1.0, 1.25 * s));
    return on_screen({0.985 - 0.60 * std::pow(s, 1.15), chroma, t < 0.5 ? 258.0 : 27.0});
}

Color grey(double t) {
    const auto level = static_cast<std::uint8_t>(std::lround(255.0 * t));
    return {level, level, level};
}

}  // namespace

std::vector<Color> palette_of(ColorMap map) {
    auto* shade = perceptual;
    if (map == ColorMap::grey) shade = grey;
    if (map == ColorMap::blue_white_red) shade = blue_white_red;
    std::vector<Color> palette;
    palette.reserve(256);
    for (int i = 0; i < 256; ++i) palette.push_back(shade(i / 255.0));
    return palette;
}

}  // namespace lop::io
