/// Dots, lines and letters on a raster; libpng makes the file.
#include "canvas.hpp"

#include "glyphs.hpp"
#include <lop/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <png.h>

namespace lop::io {
namespace {

constexpr int advance = 6;  // columns from one letter to the next

/// Letters of a text in UTF-8: what is beyond ASCII becomes one unknown letter.
std::string letters(const std::string& words) {
    std::string out;
    for (const char c : words) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte & 0xC0u) != 0x80u) out += byte < 0x80u ? c : '\x7f';
    }
    return out;
}

std::uint8_t mixed(std::uint8_t from, std::uint8_t to, double amount) {
    return static_cast<std::uint8_t>(std::lround(from + (to - from) * amount));
}

}  // namespace

Canvas::Canvas(int width, int height, Color background)
    : width_{width},
      height_{height},
      pixels_(static_cast<std::size_t>(width) * static_cast<std::size_t>(height), background) {}

void Canvas::set(int x, int y, Color color) {
    if (x >= 0 && x < width_ && y >= 0 && y < height_) pixels_[index(x, y)] = color;
}

void Canvas::blend(int x, int y, Color color, double amount) {
    if (x < 0 || x >= width_ || y < 0 || y >= height_) return;
    Color& pixel = pixels_[index(x, y)];
    pixel = {mixed(pixel.red, color.red, amount), mixed(pixel.green, color.green, amount),
             mixed(pixel.blue, color.blue, amount)};
}

void Canvas::rectangle(int x, int y, int width, int height, Color color) {
    for (int j = y; j < y + height; ++j)
        for (int i = x; i < x + width; ++i) set(i, j, color);
}

void Canvas::frame(int x, int y, int width, int height, Color color) {
    rectangle(x - 1, y - 1, width + 2, 1, color);
    rectangle(x - 1, y + height, width + 2, 1, color);
    rectangle(x - 1, y, 1, height, color);
    rectangle(x + width, y, 1, height, color);
}

void Canvas::line(double x0, double y0, double x1, double y1, double thickness, Color color) {
    const double reach = 0.5 * thickness + 1.0;
    const auto bound = [](double v, int most) {
        return static_cast<int>(std::clamp(v, -1.0, static_cast<double>(most)));
    };
    const double length2 = (x1 - x0) * (x1 - x0) + (y1 - y0) * (y1 - y0);
    for (int y = bound(std::min(y0, y1) - reach, height_);
         y <= bound(std::max(y0, y1) + reach, height_); ++y) {
        for (int x = bound(std::min(x0, x1) - reach, width_);
             x <= bound(std::max(x0, x1) + reach, width_); ++x) {
            const double along =
                ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / std::max(length2, 1e-12);
            const double t = std::clamp(along, 0.0, 1.0);
            const double distance = std::hypot(x - x0 - t * (x1 - x0), y - y0 - t * (y1 - y0));
            const double cover = std::clamp(0.5 * thickness + 0.5 - distance, 0.0, 1.0);
            if (cover > 0.0) blend(x, y, color, cover);
        }
    }
}

int Canvas::text_width(const std::string& words, int size) {
    const auto count = static_cast<int>(letters(words).size());
    return count == 0 ? 0 : (advance * count - 1) * size;
}

void Canvas::text(int x, int y, const std::string& words, Align align, int size, Color color) {
    const int width = text_width(words, size);
    int left = x;
    if (align == Align::center) left -= width / 2;
    if (align == Align::right) left -= width;
    const int top = y - (7 * size) / 2;
    for (const char letter : letters(words)) {
        const Glyph& rows = glyph(letter);
        for (int row = 0; row < 9; ++row) {
            for (int column = 0; column < 5; ++column) {
                if ((rows[static_cast<std::size_t>(row)] >> (4 - column) & 1) == 0) continue;
                rectangle(left + column * size, top + row * size, size, size, color);
            }
        }
        left += advance * size;
    }
}

void Canvas::text_upwards(int x, int y, const std::string& words, int size, Color color) {
    const int width = text_width(words, size);
    if (width == 0) return;
    const int height = 9 * size;
    Canvas flat{width, height};
    flat.text(0, (7 * size) / 2, words, Align::left, size, color);
    for (int j = 0; j < height; ++j) {
        for (int i = 0; i < width; ++i)
            if (flat.at(i, j) == color) set(x - (7 * size) / 2 + j, y + width / 2 - i, color);
    }
}

std::string Canvas::png() const {
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = static_cast<png_uint_32>(width_);
    image.height = static_cast<png_uint_32>(height_);
    image.format = PNG_FORMAT_RGB;
    png_alloc_size_t bytes = PNG_IMAGE_PNG_SIZE_MAX(image);
    std::string file(bytes, '\0');
    const int done =
        png_image_write_to_memory(&image, file.data(), &bytes, 0, pixels_.data(), 0, nullptr);
    if (done == 0)
        throw FileError{"encode a picture",
                        {.expected = {},
                         .found = std::string{"libpng: "} + image.message,
                         .remedy = "draw a smaller one"}};
    file.resize(bytes);
    return file;
}

}  // namespace lop::io
