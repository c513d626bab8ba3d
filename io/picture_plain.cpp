/// Pictures drawn by lop itself, dot by dot, where there is no gnuplot.
#include "picture_plot.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace lop::io {
namespace {

constexpr int text_size = 2;
constexpr int tick = 7;

/// Where a value lies between the ends of a scale, from 0 to 1.
double part_of(const Scale& scale, double value) {
    if (!scale.logarithmic) return (value - scale.low) / (scale.high - scale.low);
    return std::log(value / scale.low) / std::log(scale.high / scale.low);
}

int pixel_of(double part, int begin, int length) {
    return begin + static_cast<int>(std::lround(std::clamp(part, 0.0, 1.0) * (length - 1)));
}

void draw_title(Canvas& canvas, const Frame& frame, const std::string& title) {
    const int room = std::max(1, static_cast<int>(title.size()) * 6);
    const int size = std::clamp(frame.width / room, 1, 3);
    canvas.text(frame.left + frame.plot_width / 2, frame.top / 2, title, Align::center, size,
                black);
}

std::vector<Tick> x_ticks(const Frame& frame, const Scale& scale, bool whole = false) {
    return linear_ticks(scale.low, scale.high, frame.plot_width / 100, whole ? 1.0 : 0.0);
}

std::vector<Tick> y_ticks(const Frame& frame, const Scale& scale) {
    const int most = std::max(3, frame.plot_height / 50);
    return scale.logarithmic ? logarithmic_ticks(scale.low, scale.high, most)
                             : linear_ticks(scale.low, scale.high, most);
}

void draw_x_axis(Canvas& canvas, const Frame& frame, const Scale& scale,
                 const std::vector<Tick>& ticks) {
    const int bottom = frame.top + frame.plot_height;
    for (const Tick& mark : ticks) {
        const int x = pixel_of(part_of(scale, mark.value), frame.left, frame.plot_width);
        canvas.rectangle(x, bottom, 1, tick, black);
        canvas.text(x, bottom + tick + 12, mark.label, Align::center, text_size, black);
    }
    canvas.text(frame.left + frame.plot_width / 2, bottom + 48, scale.label, Align::center,
                text_size, black);
}

void draw_y_axis(Canvas& canvas, const Frame& frame, const Scale& scale,
                 const std::vector<Tick>& ticks, bool downwards) {
    for (const Tick& mark : ticks) {
        const double part = part_of(scale, mark.value);
        const int y = pixel_of(downwards ? part : 1.0 - part, frame.top, frame.plot_height);
        canvas.rectangle(frame.left - tick, y, tick, 1, black);
        canvas.text(frame.left - tick - 5, y, mark.label, Align::right, text_size, black);
    }
    canvas.text_upwards(18, frame.top + frame.plot_height / 2, scale.label, text_size, black);
}

void draw_grid(Canvas& canvas, const CurvePlot& plot, const std::vector<Tick>& across,
               const std::vector<Tick>& up) {
    const Frame& frame = plot.frame;
    for (const Tick& mark : across) {
        const int x = pixel_of(part_of(plot.x, mark.value), frame.left, frame.plot_width);
        canvas.rectangle(x, frame.top, 1, frame.plot_height, light_grey);
    }
    for (const Tick& mark : up) {
        const int y = pixel_of(1.0 - part_of(plot.y, mark.value), frame.top, frame.plot_height);
        canvas.rectangle(frame.left, y, frame.plot_width, 1, light_grey);
    }
}

void draw_curve(Canvas& canvas, const CurvePlot& plot, const Curve& curve, Color color) {
    const Frame& frame = plot.frame;
    const auto at_x = [&](double v) {
        return frame.left + part_of(plot.x, v) * (frame.plot_width - 1);
    };
    const auto at_y = [&](double v) {
        return frame.top + (1.0 - part_of(plot.y, v)) * (frame.plot_height - 1);
    };
    bool before = false;
    for (std::size_t i = 0; i < curve.x.size(); ++i) {
        const bool good = plot.drawable(curve, i);
        if (good) {
            const std::size_t from = before ? i - 1 : i;
            canvas.line(at_x(curve.x[from]), at_y(curve.y[from]), at_x(curve.x[i]),
                        at_y(curve.y[i]), 2.0, color);
            if (curve.x.size() <= most_points) {
                canvas.line(at_x(curve.x[i]), at_y(curve.y[i]), at_x(curve.x[i]), at_y(curve.y[i]),
                            6.0, color);
            }
        }
        before = good;
    }
}

void draw_color_bar(Canvas& canvas, const ImagePlot& plot) {
    const Frame& frame = plot.frame;
    const int left = frame.left + frame.plot_width + bar_gap;
    const int colors = static_cast<int>(plot.palette.size());
    for (int row = 0; row < frame.plot_height; ++row) {
        const int index = (frame.plot_height - 1 - row) * colors / frame.plot_height;
        canvas.rectangle(left, frame.top + row, bar_width, 1,
                         plot.palette[static_cast<std::size_t>(index)]);
    }
    canvas.frame(left, frame.top, bar_width, frame.plot_height, black);
    const int right = left + bar_width + 1;
    for (const Tick& mark : y_ticks(frame, plot.value)) {
        const int y = pixel_of(1.0 - part_of(plot.value, mark.value), frame.top, frame.plot_height);
        canvas.rectangle(right, y, tick - 2, 1, black);
        canvas.text(right + tick + 2, y, mark.label, Align::left, text_size, black);
    }
    canvas.text_upwards(frame.width - bar_label, frame.top + frame.plot_height / 2,
                        plot.value.label, text_size, black);
}

Color color_of(const ImagePlot& plot, float value) {
    if (!std::isfinite(value)) return no_value;
    const auto last = static_cast<double>(plot.palette.size() - 1);
    const double part = part_of(plot.value, static_cast<double>(value));
    return plot.palette[static_cast<std::size_t>(std::lround(std::clamp(part, 0.0, 1.0) * last))];
}

Color shaded(Color color, float shade) {
    const auto part = [&](std::uint8_t c) {
        return static_cast<std::uint8_t>(std::lround(static_cast<float>(c) * shade));
    };
    return {part(color.red), part(color.green), part(color.blue)};
}

void draw_legend(Canvas& canvas, const CurvePlot& plot) {
    const int right = plot.frame.left + plot.frame.plot_width - 16;
    int y = plot.frame.top + 22;
    for (std::size_t k = 0; k < plot.curves.size(); ++k) {
        if (plot.curves[k].name.empty()) continue;
        canvas.text(right - 40, y, plot.curves[k].name, Align::right, text_size, black);
        canvas.line(right - 30, y, right, y, 2.5, curve_color(k));
        y += 24;
    }
}

}  // namespace

std::vector<Tick> linear_ticks(double low, double high, int most, double least) {
    if (low > high) std::swap(low, high);
    const double rough = std::max((high - low) / std::max(most, 1), least);
    const double power = std::pow(10.0, std::floor(std::log10(rough) + 1e-9));
    double step = 10.0 * power;
    for (const double factor : {5.0, 2.0, 1.0})
        if (factor * power >= rough * (1.0 - 1e-9)) step = factor * power;
    const double largest = std::max(std::abs(low), std::abs(high));
    const int decimals = std::max(0, -static_cast<int>(std::floor(std::log10(step) + 1e-9)));
    const bool fixed = largest < 1e6 && decimals <= 4;
    std::vector<Tick> ticks;
    // A sample's cell reaches half a sample beyond it: a mark just outside belongs to the axis.
    const double first = std::ceil(low / step - 0.02);
    const double steps = std::floor(high / step + 0.02) - first;
    const bool sensible = steps >= 0.0 && steps < 1000.0;  // not limits too near or too far apart
    if (!sensible) return ticks;
    for (int i = 0; i <= static_cast<int>(steps); ++i) {
        const double value = first + i == 0.0 ? 0.0 : (first + i) * step;
        char label[40];
        if (fixed) std::snprintf(label, sizeof label, "%.*f", decimals, value);
        else std::snprintf(label, sizeof label, "%.4g", value);
        ticks.push_back({value, label});
    }
    return ticks;
}

std::vector<Tick> logarithmic_ticks(double low, double high, int most) {
    const double decades = std::log10(high / low);
    if (decades <= 1.2) return linear_ticks(low, high, most);
    const int every = std::max(1, static_cast<int>(std::ceil(decades / most)));
    const int last = static_cast<int>(std::floor(std::log10(high)));
    std::vector<Tick> ticks;
    for (int e = static_cast<int>(std::ceil(std::log10(low))); e <= last; e += every)
        ticks.push_back({std::pow(10.0, e), "1e" + std::to_string(e)});
    return ticks;
}

bool spans_decades(const Scale& scale) {
    return scale.logarithmic && std::log10(scale.high / scale.low) > 1.2;
}

Color curve_color(std::size_t index) {
    constexpr std::array<Color, 7> colors{{{0, 114, 178},
                                           {213, 94, 0},
                                           {0, 158, 115},
                                           {204, 121, 167},
                                           {230, 159, 0},
                                           {86, 180, 233},
                                           {60, 60, 60}}};
    return colors[index % colors.size()];
}

Canvas plain_picture(const ImagePlot& plot) {
    const Frame& frame = plot.frame;
    Canvas canvas{frame.width, frame.height};
    std::size_t i = 0;
    for (int row = 0; row < frame.plot_height; ++row)
        for (int column = 0; column < frame.plot_width; ++column, ++i) {
            const Color color = color_of(plot, plot.pixels[i]);
            canvas.set(frame.left + column, frame.top + row,
                       plot.shade.empty() ? color : shaded(color, plot.shade[i]));
        }
    canvas.frame(frame.left, frame.top, frame.plot_width, frame.plot_height, black);
    draw_title(canvas, frame, plot.title);
    draw_x_axis(canvas, frame, plot.x, x_ticks(frame, plot.x));
    draw_y_axis(canvas, frame, plot.z, y_ticks(frame, plot.z), true);
    draw_color_bar(canvas, plot);
    return canvas;
}

Canvas plain_picture(const CurvePlot& plot) {
    const Frame& frame = plot.frame;
    const std::vector<Tick> across = x_ticks(frame, plot.x, plot.whole_x);
    const std::vector<Tick> up = y_ticks(frame, plot.y);
    Canvas canvas{frame.width, frame.height};
    draw_grid(canvas, plot, across, up);
    draw_x_axis(canvas, frame, plot.x, across);
    draw_y_axis(canvas, frame, plot.y, up, false);
    for (std::size_t k = 0; k < plot.curves.size(); ++k)
        draw_curve(canvas, plot, plot.curves[k], curve_color(k));
    canvas.frame(frame.left, frame.top, frame.plot_width, frame.plot_height, black);
    draw_title(canvas, frame, plot.title);
    draw_legend(canvas, plot);
    return canvas;
}

}  // namespace lop::io
