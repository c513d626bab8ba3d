/// Pictures of what happens over time: side by side, or one after the other.
#include "animated_png.hpp"
#include "picture_plot.hpp"
#include <lop/io/atomic_file.hpp>

#include <algorithm>
#include <cmath>

namespace lop::io {
namespace fs = std::filesystem;
namespace {

/// Pictures of a series, with the colours that all of them share.
class Painter {
 public:
    Painter(const fs::path& path, const PictureSeries& series, const PictureSpec& spec)
        : asked_{"draw " + path.string()}, series_{series}, spec_{spec} {
        if (series.count < 1)
            throw ArgumentError{asked_, {.expected = "at least one picture", .found = "none"}};
        spec_.title = series.title(0);  // makes room for those of all
        if (spec_.colors == ColorMap::automatic) spec_.colors = ColorMap::blue_white_red;
        set_range();
        set_shade();
    }

    Canvas canvas(std::int64_t number) const {
        ImagePlot plot = plot_of(series_.values(number));
        plot.title = series_.title(number);
        plot.shade = shade_;
        return plain_picture(plot);
    }

 private:
    ImagePlot plot_of(const std::vector<float>& values) const {
        return image_plot(asked_, values.data(), series_.nx, series_.nz, spec_);
    }

    /// Amplitudes decay as waves spread: the largest would leave all others pale.
    void set_range() {
        if (spec_.low && spec_.high) return;
        std::vector<double> lows, highs;
        for (std::int64_t n = 0; n < series_.count; ++n) {
            const auto values = series_.values(n);
            if (std::ranges::all_of(values, [](float v) { return v == 0; })) continue;
            const Scale scale = plot_of(values).value;
            lows.push_back(scale.low);
            highs.push_back(scale.high);
        }
        if (highs.empty()) return;
        const auto median = [](std::vector<double>& all) {
            const auto middle = all.begin() + std::ssize(all) / 2;
            std::nth_element(all.begin(), middle, all.end());
            return *middle;
        };
        const double low = median(lows), high = median(highs);
        if (!spec_.low) spec_.low = low;
        if (!spec_.high) spec_.high = high;
    }

    void set_shade() {
        if (series_.backdrop.empty()) return;
        PictureSpec whole = spec_;
        whole.low = whole.high = std::nullopt;
        shade_ = image_plot(asked_, series_.backdrop.data(), series_.nx, series_.nz, whole).pixels;
        const auto [least, most] = std::ranges::minmax(shade_);
        constexpr float darkest = 0.6F;  // colours are told apart on it
        for (float& value : shade_)
            value = least < most ? darkest + (1 - darkest) * (value - least) / (most - least) : 1;
    }

    std::string asked_;
    const PictureSeries& series_;
    PictureSpec spec_;
    std::vector<float> shade_;
};

void paste(Canvas& sheet, const Canvas& picture, int left, int top) {
    for (int y = 0; y < picture.height(); ++y)
        for (int x = 0; x < picture.width(); ++x) sheet.set(left + x, top + y, picture.at(x, y));
}

}  // namespace

void write_sheet(const fs::path& path, const PictureSeries& series, const PictureSpec& spec,
                 int most) {
    const Painter painter{path, series, spec};
    const auto shown = static_cast<int>(std::min<std::int64_t>(series.count, std::max(most, 1)));
    const int columns = static_cast<int>(std::ceil(std::sqrt(shown)));
    const int rows = (shown + columns - 1) / columns;
    std::optional<Canvas> sheet;
    for (int i = 0; i < shown; ++i) {
        const std::int64_t number = shown > 1 ? i * (series.count - 1) / (shown - 1) : 0;
        const Canvas picture = painter.canvas(number);
        if (!sheet) sheet.emplace(columns * picture.width(), rows * picture.height());
        paste(*sheet, picture, i % columns * picture.width(), i / columns * picture.height());
    }
    write_file(path, sheet->png());
}

void write_movie(const fs::path& path, const PictureSeries& series, const PictureSpec& spec,
                 double interval) {
    const Painter painter{path, series, spec};
    std::vector<std::string> pictures;
    for (std::int64_t n = 0; n < series.count; ++n) pictures.push_back(painter.canvas(n).png());
    const int milliseconds = static_cast<int>(std::clamp(1e3 * interval, 1.0, 65535.0));
    write_file(path, animated_png(pictures, milliseconds));
}

}  // namespace lop::io
