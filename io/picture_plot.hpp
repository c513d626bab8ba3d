/// What a picture shows, decided; only the drawing is left.
#pragma once

#include "canvas.hpp"
#include <lop/io/picture.hpp>

#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace lop::io {

/// One side of a frame in the units that are shown.
struct Scale {
    double low = 0.0;
    double high = 1.0;
    std::string label{};
    bool logarithmic = false;
};

/// Pixels from the upper left corner.
struct Frame {
    int width = 0;
    int height = 0;
    int left = 0;
    int top = 0;
    int plot_width = 0;
    int plot_height = 0;
};

struct ImagePlot {
    Frame frame;
    std::string title;
    Scale x, z, value;
    std::vector<float> pixels;  // plot_height rows of plot_width values; NaN where there is none
    std::vector<Color> palette;
    std::vector<float> shade{};  // what is left of the colour of each pixel, 0 to 1; empty: all
};

/// What write_picture draws, and its errors.
template <class T>
ImagePlot image_plot(const std::string& asked, const T* values, std::int64_t nx, std::int64_t nz,
                     const PictureSpec& spec);

struct CurvePlot {
    Frame frame;
    std::string title;
    Scale x, y;
    bool whole_x = false;       // x counts something
    std::vector<Curve> curves;  // with x

    /// Can the i-th point of a curve be drawn?
    bool drawable(const Curve& curve, std::size_t i) const {
        return std::isfinite(curve.x[i]) && std::isfinite(curve.y[i]) &&
               (!y.logarithmic || curve.y[i] > 0.0);
    }
};

inline constexpr Color no_value{240, 221, 200};  // a colour of no map

/// A curve of at most so many points shows them.
inline constexpr std::size_t most_points = 60;

/// Place and size of the colour bar.
inline constexpr int bar_gap = 22;
inline constexpr int bar_width = 20;
inline constexpr int bar_label = 14;  // from the right edge to the middle of the label

struct Tick {
    double value;
    std::string label;
};

/// Round numbers (1, 2 or 5 times a power of ten, `least` apart or more) between two limits,
/// about `most` of them or fewer.
std::vector<Tick> linear_ticks(double low, double high, int most, double least = 0.0);

/// Powers of ten, or linear_ticks where the limits are less than about a decade apart.
std::vector<Tick> logarithmic_ticks(double low, double high, int most);
bool spans_decades(const Scale& scale);

/// Colours of curves that colour-blind people tell apart (Okabe and Ito 2008).
Color curve_color(std::size_t index);

std::string gnuplot_script(const ImagePlot& plot);
std::string gnuplot_script(const CurvePlot& plot);
Canvas plain_picture(const ImagePlot& plot);
Canvas plain_picture(const CurvePlot& plot);

}  // namespace lop::io
