/// Pictures decided: ranges, units, frames and samples per pixel; and which hand draws them.
#include <lop/io/picture.hpp>

#include "color_map.hpp"
#include "gnuplot.hpp"
#include "picture_plot.hpp"
#include <lop/io/atomic_file.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <utility>

namespace lop::io {
namespace fs = std::filesystem;
namespace {

constexpr int margin_left = 92;
constexpr int margin_right = 140;  // colour bar and its numbers
constexpr int margin_top = 56;
constexpr int margin_bottom = 68;

std::string with_unit(const std::string& label, const std::string& unit) {
    if (unit.empty()) return label;
    return label.empty() ? unit : label + " (" + unit + ")";
}

/// The factor and the unit in which lengths or times of this size read well.
std::pair<double, std::string> shown_unit(const std::string& unit, double size) {
    if (unit == "m" && size >= 5000.0) return {1e-3, "km"};
    if (unit == "s" && size > 0.0 && size < 0.1) return {1e3, "ms"};
    return {1.0, unit};
}

double length_of(const PictureAxis& axis, std::int64_t count) {
    return std::abs(axis.step) * static_cast<double>(count);
}

/// A sample stands for a cell around it: the scale runs from the first cell's edge to the last
/// one's.
Scale scale_of(const PictureAxis& axis, std::int64_t count, double size) {
    const auto [factor, unit] = shown_unit(axis.unit, size);
    const double first = axis.start - 0.5 * axis.step;
    const double last = first + axis.step * static_cast<double>(count);
    return {factor * first, factor * last, with_unit(axis.label, unit)};
}

Frame frame_of(const PictureSpec& spec, std::int64_t nx, std::int64_t nz) {
    constexpr double tallest = 900.0;
    constexpr double flattest = 240.0;
    Frame frame;
    frame.width = std::max(spec.width, 400);
    frame.left = margin_left;
    frame.top = spec.title.empty() ? margin_top / 2 : margin_top;
    double width = frame.width - margin_left - margin_right;
    const bool to_scale = spec.x.unit == spec.z.unit && !spec.x.unit.empty();
    const double ratio = to_scale ? length_of(spec.z, nz) / length_of(spec.x, nx) : 0.6;
    double height = width * ratio;
    if (height > tallest) {
        width = std::max(width * tallest / height, 200.0);
        height = tallest;
    }
    frame.plot_width = static_cast<int>(std::lround(width));
    frame.plot_height = static_cast<int>(std::lround(std::max(height, flattest)));
    frame.width = frame.left + frame.plot_width + margin_right;
    frame.height = frame.top + frame.plot_height + margin_bottom;
    return frame;
}

/// The value below which this part of the sorted values lies.
double quantile(std::vector<double>& values, double part) {
    const auto at =
        static_cast<std::ptrdiff_t>(std::lround(part * static_cast<double>(values.size() - 1)));
    std::nth_element(values.begin(), values.begin() + at, values.end());
    return values[static_cast<std::size_t>(at)];
}

struct Range {
    double low;
    double high;
    ColorMap colors;
};

/// The ends of the colour bar: as asked for, else by percentile, symmetric for values of both
/// signs.
Range range_of(std::vector<double> values, const PictureSpec& spec) {
    if (values.empty()) values = {0.0, 1.0};
    const auto [least, greatest] = std::ranges::minmax_element(values);
    const double smaller = std::min(-*least, *greatest);
    const bool both_signs = smaller > 0.05 * std::max(-*least, *greatest);
    Range range{0.0, 0.0, spec.colors};
    if (range.colors == ColorMap::automatic)
        range.colors = both_signs ? ColorMap::blue_white_red : ColorMap::perceptual;
    const double part = spec.percentile / 100.0;
    if (range.colors == ColorMap::blue_white_red ||
        (range.colors == ColorMap::grey && both_signs)) {
        for (double& value : values) value = std::abs(value);
        range.high = quantile(values, part);
        range.low = -range.high;
    } else {
        range.low = quantile(values, 1.0 - part);
        range.high = quantile(values, part);
    }
    if (spec.low) range.low = *spec.low;
    if (spec.high) range.high = *spec.high;
    if (!(range.low < range.high)) {  // one value only: give it some room
        const double room = range.low == 0.0 ? 1.0 : 0.05 * std::abs(range.low);
        if (!spec.low) range.low -= room;
        if (!spec.high) range.high += room;
    }
    return range;
}

/// The samples that a pixel shows: the nearest one where samples are larger than pixels, else all
/// that it covers (their mean is shown, so that thin layers do not alias).
std::pair<std::int64_t, std::int64_t> covered(int pixel, int pixels, std::int64_t count) {
    const auto at = [&](int p) { return static_cast<std::int64_t>(p) * count / pixels; };
    return {at(pixel), std::max(at(pixel) + 1, at(pixel + 1))};
}

template <class T>
std::vector<float> sampled(const T* values, std::int64_t nx, std::int64_t nz, const Frame& frame) {
    std::vector<float> pixels;
    pixels.reserve(static_cast<std::size_t>(frame.plot_width) *
                   static_cast<std::size_t>(frame.plot_height));
    for (int row = 0; row < frame.plot_height; ++row) {
        const auto [z0, z1] = covered(row, frame.plot_height, nz);
        for (int column = 0; column < frame.plot_width; ++column) {
            const auto [x0, x1] = covered(column, frame.plot_width, nx);
            double sum = 0.0;
            int count = 0;
            for (std::int64_t x = x0; x < x1; ++x) {
                for (std::int64_t z = z0; z < z1; ++z) {
                    const auto value = static_cast<double>(values[x * nz + z]);
                    if (!std::isfinite(value)) continue;
                    sum += value;
                    ++count;
                }
            }
            pixels.push_back(count == 0 ? std::numeric_limits<float>::quiet_NaN()
                                        : static_cast<float>(sum / count));
        }
    }
    return pixels;
}

void check(const std::string& asked, std::int64_t nx, std::int64_t nz, const PictureSpec& spec) {
    if (nx <= 0 || nz <= 0) {
        throw ArgumentError{asked,
                            {.expected = "at least one sample along each axis",
                             .found = std::to_string(nx) + " x " + std::to_string(nz),
                             .remedy = "draw an array that has values"}};
    }
    const bool part_of_values = spec.percentile > 50.0 && spec.percentile <= 100.0;
    if (!part_of_values) {
        throw ArgumentError{asked,
                            {.expected = "a percentile above 50, at most 100",
                             .found = number_words(spec.percentile),
                             .remedy = "98 clips the strongest 2 per cent"}};
    }
    const double steps = std::abs(spec.x.step) * std::abs(spec.z.step);
    const bool axes =
        steps > 0.0 && std::isfinite(steps) && std::isfinite(spec.x.start + spec.z.start);
    if (!axes) {
        throw ArgumentError{
            asked,
            {.expected = "axes with a finite start and a step other than 0",
             .found = "steps " + number_words(spec.x.step) + " and " + number_words(spec.z.step),
             .remedy = "give the sampling intervals of the array"}};
    }
    const bool finite =
        std::isfinite(spec.low.value_or(0.0)) && std::isfinite(spec.high.value_or(0.0));
    if (finite && (!spec.low || !spec.high || *spec.low < *spec.high)) return;
    throw ArgumentError{asked,
                        {.expected = "finite limits, the low one below the high one",
                         .found = number_words(spec.low.value_or(0.0)) + " and " +
                                  number_words(spec.high.value_or(0.0)),
                         .remedy = "leave them out to take them from the values"}};
}

bool gnuplot_wanted(Drawing drawing) {
    const char* said = std::getenv("LOP_PICTURES");
    const bool plain = said != nullptr && std::string{said} == "plain";
    return drawing == Drawing::gnuplot || (drawing == Drawing::automatic && !plain);
}

bool is_whole_png(const std::string& bytes) {
    const std::string begin = "\x89PNG\r\n\x1a\n";
    return bytes.size() > 40 && bytes.compare(0, 8, begin) == 0 &&
           bytes.compare(bytes.size() - 8, 4, "IEND") == 0;
}

bool any_positive(const std::vector<Curve>& curves) {
    return std::ranges::any_of(curves, [](const Curve& curve) {
        return std::ranges::any_of(curve.y, [](double y) { return y > 0.0 && std::isfinite(y); });
    });
}

bool all_whole(const std::vector<Curve>& curves) {
    return std::ranges::all_of(curves, [](const Curve& curve) {
        return std::ranges::all_of(curve.x, [](double x) { return x == std::trunc(x); });
    });
}

/// Gives every curve its x; refuses one whose x and y differ in length.
std::vector<Curve> with_abscissae(const std::string& asked, std::vector<Curve> curves) {
    for (Curve& curve : curves) {
        if (curve.x.empty())
            for (std::size_t i = 0; i < curve.y.size(); ++i)
                curve.x.push_back(static_cast<double>(i));
        if (curve.x.size() == curve.y.size()) continue;
        throw ArgumentError{
            asked,
            {.expected = "as many x as y in curve " + curve.name,
             .found = std::to_string(curve.x.size()) + " and " + std::to_string(curve.y.size()),
             .remedy = "leave x out to count 0, 1, 2, ..."}};
    }
    return curves;
}

/// Limits of what can be drawn, with a little room around it.
void set_scales(CurvePlot& plot) {
    constexpr double room = 0.04;
    const bool logarithmic = plot.y.logarithmic;
    double x_low = 1e300, x_high = -1e300, y_low = 1e300, y_high = -1e300;
    for (const Curve& curve : plot.curves) {
        for (std::size_t i = 0; i < curve.x.size(); ++i) {
            if (!plot.drawable(curve, i)) continue;
            const double y = logarithmic ? std::log10(curve.y[i]) : curve.y[i];
            x_low = std::min(x_low, curve.x[i]);
            x_high = std::max(x_high, curve.x[i]);
            y_low = std::min(y_low, y);
            y_high = std::max(y_high, y);
        }
    }
    if (x_low > x_high) x_low = y_low = 0.0, x_high = y_high = 1.0;
    if (x_low == x_high) x_low -= 0.5, x_high += 0.5;
    if (y_low == y_high) {
        const double around = logarithmic || y_low == 0.0 ? 0.5 : 0.1 * std::abs(y_low);
        y_low -= around;
        y_high += around;
    }
    const double x_room = 0.5 * room * (x_high - x_low);
    const double y_room = room * (y_high - y_low);
    plot.x.low = x_low - x_room;
    plot.x.high = x_high + x_room;
    plot.y.low = logarithmic ? std::pow(10.0, y_low - y_room) : y_low - y_room;
    plot.y.high = logarithmic ? std::pow(10.0, y_high + y_room) : y_high + y_room;
}

template <class Plot>
void draw(const std::string& asked, const fs::path& path, const Plot& plot, Drawing drawing) {
    if (gnuplot_wanted(drawing)) {
        const GnuplotOutcome outcome = run_gnuplot(gnuplot_script(plot));
        const bool drawn = outcome.result == GnuplotResult::drawn;
        if (drawn && is_whole_png(outcome.output)) {
            write_file(path, outcome.output);
            return;
        }
        if (drawing == Drawing::gnuplot) {
            const bool absent = outcome.result == GnuplotResult::absent;
            throw FileError{asked,
                            {.expected = "gnuplot to draw it",
                             .found = absent ? "no gnuplot on the PATH"
                                             : "gnuplot failed: " + outcome.complaint,
                             .remedy = "install gnuplot, or ask for a plain drawing"}};
        }
    }
    write_file(path, plain_picture(plot).png());
}

}  // namespace

template <class T>
ImagePlot image_plot(const std::string& asked, const T* values, std::int64_t nx, std::int64_t nz,
                     const PictureSpec& spec) {
    check(asked, nx, nz, spec);
    std::vector<double> finite;
    for (std::int64_t i = 0; i < nx * nz; ++i)
        if (std::isfinite(values[i])) finite.push_back(static_cast<double>(values[i]));
    const Range range = range_of(std::move(finite), spec);
    const double x_length = length_of(spec.x, nx);
    const double z_length = length_of(spec.z, nz);
    const bool alike = spec.x.unit == spec.z.unit;
    const double longer = std::max(x_length, z_length);
    ImagePlot plot;
    plot.frame = frame_of(spec, nx, nz);
    plot.title = spec.title;
    plot.x = scale_of(spec.x, nx, alike ? longer : x_length);
    plot.z = scale_of(spec.z, nz, alike ? longer : z_length);
    plot.value = {range.low, range.high, with_unit(spec.quantity, spec.unit)};
    plot.pixels = sampled(values, nx, nz, plot.frame);
    plot.palette = palette_of(range.colors);
    return plot;
}

template ImagePlot image_plot(const std::string&, const float*, std::int64_t, std::int64_t,
                              const PictureSpec&);
template ImagePlot image_plot(const std::string&, const double*, std::int64_t, std::int64_t,
                              const PictureSpec&);

template <class T>
void write_picture(const fs::path& path, const T* values, std::int64_t nx, std::int64_t nz,
                   const PictureSpec& spec) {
    const std::string asked = "draw " + path.string();
    draw(asked, path, image_plot(asked, values, nx, nz, spec), spec.drawing);
}

template void write_picture(const fs::path&, const float*, std::int64_t, std::int64_t,
                            const PictureSpec&);
template void write_picture(const fs::path&, const double*, std::int64_t, std::int64_t,
                            const PictureSpec&);

void write_curves(const fs::path& path, const std::vector<Curve>& curves, const CurvesSpec& spec) {
    const std::string asked = "draw " + path.string();
    CurvePlot plot;
    plot.curves = with_abscissae(asked, curves);
    plot.title = spec.title;
    plot.x.label = spec.x_label;
    plot.y.label = spec.y_label;
    plot.y.logarithmic = spec.log_scale && any_positive(curves);
    plot.whole_x = all_whole(plot.curves);
    set_scales(plot);
    Frame& frame = plot.frame;
    frame.width = std::max(spec.width, 400);
    frame.height = std::max(spec.height, 300);
    frame.left = margin_left + 8;
    frame.top = spec.title.empty() ? margin_top / 2 : margin_top;
    frame.plot_width = frame.width - frame.left - 32;
    frame.plot_height = frame.height - frame.top - margin_bottom;
    draw(asked, path, plot, spec.drawing);
}

}  // namespace lop::io
