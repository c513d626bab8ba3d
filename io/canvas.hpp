/// A raster of colours with lines, text and a PNG encoder.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lop::io {

struct Color {
    std::uint8_t red = 0;
    std::uint8_t green = 0;
    std::uint8_t blue = 0;
    bool operator==(const Color&) const = default;
};

inline constexpr Color black{20, 20, 20};
inline constexpr Color white{255, 255, 255};
inline constexpr Color light_grey{226, 226, 226};

enum class Align { left, center, right };

/// Pixel (0, 0) is the upper left one. What lies outside is not drawn.
class Canvas {
 public:
    Canvas(int width, int height, Color background = white);

    int width() const { return width_; }
    int height() const { return height_; }
    Color at(int x, int y) const { return pixels_[index(x, y)]; }

    void set(int x, int y, Color color);
    void rectangle(int x, int y, int width, int height, Color color);  // filled
    void frame(int x, int y, int width, int height, Color color);      // one pixel around it
    /// A line of some thickness with soft edges.
    void line(double x0, double y0, double x1, double y1, double thickness, Color color);

    /// Text whose middle line is at y; glyphs are 5 x 7 with 2 rows below, each dot a square of
    /// `size`.
    void text(int x, int y, const std::string& words, Align align, int size, Color color);
    /// The same, read upwards; its middle line is at x and its centre at y.
    void text_upwards(int x, int y, const std::string& words, int size, Color color);

    static int text_width(const std::string& words, int size);

    /// The bytes of a PNG file.
    std::string png() const;

 private:
    std::size_t index(int x, int y) const {
        return static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) +
               static_cast<std::size_t>(x);
    }
    void blend(int x, int y, Color color, double amount);

    int width_;
    int height_;
    std::vector<Color> pixels_;
};

}  // namespace lop::io
