/// Pictures by gnuplot and by lop itself: what is drawn where, and that nothing half-drawn is left.
#include <lop/io/picture.hpp>

#include "scratch.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <doctest/doctest.h>
#include <limits>
#include <png.h>
#include <string>
#include <vector>

using namespace lop::io;
using lop::ArgumentError;
using lop::FileError;
using scratch::contains;
using scratch::Folder;

namespace {

struct Pixel {
    int red, green, blue;
};

int distance(const Pixel& a, const Pixel& b) {
    return std::abs(a.red - b.red) + std::abs(a.green - b.green) + std::abs(a.blue - b.blue);
}

int brightness(const Pixel& p) { return p.red + p.green + p.blue; }

class Image {
 public:
    explicit Image(const std::filesystem::path& path) : Image{scratch::bytes_of(path)} {}
    explicit Image(const std::string& png) {
        png_image image{};
        image.version = PNG_IMAGE_VERSION;
        REQUIRE(png_image_begin_read_from_memory(&image, png.data(), png.size()) != 0);
        image.format = PNG_FORMAT_RGB;
        width = static_cast<int>(image.width);
        height = static_cast<int>(image.height);
        bytes_.resize(PNG_IMAGE_SIZE(image));
        REQUIRE(png_image_finish_read(&image, nullptr, bytes_.data(), 0, nullptr) != 0);
    }

    Pixel at(int x, int y) const {
        const auto i = static_cast<std::size_t>(3 * (y * width + x));
        return {bytes_[i], bytes_[i + 1], bytes_[i + 2]};
    }

    /// Number of pixels near a colour in a box.
    int count(const Pixel& color, int x0, int y0, int x1, int y1) const {
        int found = 0;
        for (int y = y0; y < y1; ++y)
            for (int x = x0; x < x1; ++x) found += distance(at(x, y), color) < 60 ? 1 : 0;
        return found;
    }

    int width = 0;
    int height = 0;

 private:
    std::vector<png_byte> bytes_;
};

/// A variable of the environment, put back at the end.
class Environment {
 public:
    Environment(const char* name, const char* value) : name_{name} {
        const char* before = std::getenv(name);
        had_ = before != nullptr;
        if (had_) before_ = before;
        ::setenv(name, value, 1);
    }
    Environment(const Environment&) = delete;
    Environment& operator=(const Environment&) = delete;
    ~Environment() {
        if (had_) ::setenv(name_, before_.c_str(), 1);
        else ::unsetenv(name_);
    }

 private:
    const char* name_;
    bool had_ = false;
    std::string before_;
};

bool gnuplot_is_there() {
    static const bool there = [] {
        const char* path = std::getenv("PATH");
        std::string folders = std::string{path == nullptr ? "" : path} + ":";
        for (std::size_t colon; (colon = folders.find(':')) != std::string::npos;
             folders.erase(0, colon + 1)) {
            if (::access((folders.substr(0, colon) + "/gnuplot").c_str(), X_OK) == 0) return true;
        }
        return false;
    }();
    return there;
}

std::vector<Drawing> hands() {
    if (gnuplot_is_there()) return {Drawing::plain, Drawing::gnuplot};
    MESSAGE("gnuplot is not installed: only plain pictures are tested");
    return {Drawing::plain};
}

/// Where the samples are drawn in a picture of 600 pixels with a title: margins 92, 140 and 56.
constexpr int left = 92;
constexpr int top = 56;
constexpr int plot_width = 600 - 92 - 140;
constexpr int plot_height = 240;  // the least, for flat models

/// Four quarters of different values: x to the right, z downwards.
const std::vector<float> quarters{1, 2, 3,
                                  4};  // (left, top), (left, bottom), (right, top), (right, bottom)

PictureSpec small(Drawing drawing) {
    return {.title = "Quarters",
            .x = {.step = 2000, .label = "distance", .unit = "m"},
            .z = {.step = 10, .label = "depth", .unit = "m"},
            .quantity = "speed",
            .unit = "km/s",
            .width = 600,
            .drawing = drawing};
}

Pixel quarter(const Image& image, int right, int bottom) {
    return image.at(left + plot_width / 4 + right * plot_width / 2,
                    top + plot_height / 4 + bottom * plot_height / 2);
}

template <class Error, class Action>
std::string message_of(const Action& action) {
    return scratch::message_of<Error>(action);
}

}  // namespace

TEST_CASE("x runs to the right and z downwards, larger values are brighter") {
    for (const Drawing drawing : hands()) {
        const Folder folder;
        write_picture(folder / "a.png", quarters.data(), 2, 2, small(drawing));
        const Image image{folder / "a.png"};
        CHECK(image.width == 600);
        CHECK(image.height == top + plot_height + 68);
        const int order[4] = {brightness(quarter(image, 0, 0)), brightness(quarter(image, 0, 1)),
                              brightness(quarter(image, 1, 0)), brightness(quarter(image, 1, 1))};
        CHECK(std::is_sorted(order, order + 4));
        CHECK(order[3] - order[0] > 200);
        CHECK(distance(image.at(2, 2), {255, 255, 255}) == 0);
        CHECK(folder.files() == std::vector<std::string>{"a.png"});
    }
}

TEST_CASE("the colour bar stands beside the picture, largest value on top") {
    for (const Drawing drawing : hands()) {
        const Folder folder;
        write_picture(folder / "a.png", quarters.data(), 2, 2, small(drawing));
        const Image image{folder / "a.png"};
        const int bar = left + plot_width + 22 + 10;
        CHECK(distance(image.at(bar, top + 3), quarter(image, 1, 1)) < 20);
        CHECK(distance(image.at(bar, top + plot_height - 3), quarter(image, 0, 0)) < 20);
    }
}

TEST_CASE("axes, colour bar and title bear text") {
    for (const Drawing drawing : hands()) {
        const Folder folder;
        PictureSpec spec = small(drawing);
        write_picture(folder / "a.png", quarters.data(), 2, 2, spec);
        const Image image{folder / "a.png"};
        const Pixel ink{20, 20, 20};
        CHECK(image.count(ink, left, 5, left + plot_width, top - 5) > 40);   // title
        CHECK(image.count(ink, 0, top, left - 10, top + plot_height) > 40);  // depth
        CHECK(image.count(ink, left, top + plot_height + 10, left + plot_width, image.height) > 40);
        CHECK(image.count(ink, left + plot_width + 55, top, image.width, top + plot_height) > 40);
        spec.title = "";
        write_picture(folder / "b.png", quarters.data(), 2, 2, spec);
        CHECK(Image{folder / "b.png"}.height == image.height - 28);
    }
}

TEST_CASE("gnuplot and lop draw the same colours") {
    if (!gnuplot_is_there()) {
        MESSAGE("skipped: gnuplot is not installed");
        return;
    }
    const Folder folder;
    std::vector<double> waves(40 * 30);
    for (int i = 0; i < 40; ++i)
        for (int j = 0; j < 30; ++j)
            waves[static_cast<std::size_t>(i * 30 + j)] = std::sin(0.3 * i) * std::cos(0.2 * j);
    waves[5 * 30 + 7] = std::numeric_limits<double>::quiet_NaN();
    for (const ColorMap colors : {ColorMap::perceptual, ColorMap::blue_white_red, ColorMap::grey}) {
        PictureSpec spec{
            .colors = colors, .percentile = 95, .width = 640, .drawing = Drawing::plain};
        write_picture(folder / "plain.png", waves.data(), 40, 30, spec);
        spec.drawing = Drawing::gnuplot;
        write_picture(folder / "gnuplot.png", waves.data(), 40, 30, spec);
        const Image plain{folder / "plain.png"};
        const Image gnuplot{folder / "gnuplot.png"};
        REQUIRE(plain.width == gnuplot.width);
        REQUIRE(plain.height == gnuplot.height);
        const int width = 640 - 92 - 140;
        const int height = width * 30 / 40;
        for (int i = 0; i < 40; ++i) {
            for (int j = 0; j < 30; ++j) {
                const int x = left + (2 * i + 1) * width / 80;
                const int y = 28 + (2 * j + 1) * height / 60;
                CHECK(distance(plain.at(x, y), gnuplot.at(x, y)) < 24);
            }
        }
    }
}

TEST_CASE("signed values are white at zero, blue below, red above") {
    const Folder folder;
    const std::vector<float> values{-1, 0, 0, 0.5f};
    PictureSpec spec = small(Drawing::plain);
    write_picture(folder / "a.png", values.data(), 2, 2, spec);
    const Image image{folder / "a.png"};
    CHECK(quarter(image, 0, 0).blue > quarter(image, 0, 0).red + 50);
    CHECK(brightness(quarter(image, 0, 1)) > 3 * 240);
    CHECK(quarter(image, 1, 1).red > quarter(image, 1, 1).blue + 50);
}

TEST_CASE("values beyond the limits have the colours of the ends") {
    const Folder folder;
    PictureSpec spec = small(Drawing::plain);
    spec.low = 2.0;
    spec.high = 3.0;
    write_picture(folder / "a.png", quarters.data(), 2, 2, spec);
    const Image image{folder / "a.png"};
    CHECK(distance(quarter(image, 0, 0), quarter(image, 0, 1)) == 0);
    CHECK(distance(quarter(image, 1, 0), quarter(image, 1, 1)) == 0);
    CHECK(distance(quarter(image, 0, 0), quarter(image, 1, 0)) > 200);
}

TEST_CASE("a percentile clips outliers that would hide the rest") {
    const Folder folder;
    std::vector<float> values(100);
    for (std::size_t i = 0; i < 100; ++i) values[i] = i < 50 ? 1.0f : 2.0f;
    values[0] = 1e6f;
    PictureSpec spec = small(Drawing::plain);
    write_picture(folder / "all.png", values.data(), 10, 10, spec);
    spec.percentile = 98;
    write_picture(folder / "clipped.png", values.data(), 10, 10, spec);
    const Image all{folder / "all.png"};
    const Image clipped{folder / "clipped.png"};
    CHECK(distance(quarter(all, 0, 0), quarter(all, 1, 0)) < 5);
    CHECK(distance(quarter(clipped, 0, 0), quarter(clipped, 1, 0)) > 200);
}

TEST_CASE("NaN, infinities, constants and single samples are drawn") {
    const Folder folder;
    const float nan = std::numeric_limits<float>::quiet_NaN();
    for (const Drawing drawing : hands()) {
        for (std::vector<float> values : {std::vector<float>{nan, nan, nan, nan},
                                          {1, nan, 2, -INFINITY},
                                          {0, 0, 0, 0},
                                          {-3, -3, -3, -3},
                                          {1e30f, -1e30f, 0, 0},
                                          {1e-30f, 2e-30f, 0, 0}}) {
            write_picture(folder / "a.png", values.data(), 2, 2, small(drawing));
            CHECK(Image{folder / "a.png"}.width == 600);
            write_picture(folder / "a.png", values.data(), 1, 1, small(drawing));
            CHECK(Image{folder / "a.png"}.width == 600);
        }
    }
}

TEST_CASE("a tall model is narrowed and a large one averaged, to scale") {
    const Folder folder;
    std::vector<float> stripes(2000 * 1500);
    for (std::size_t i = 0; i < stripes.size(); ++i) stripes[i] = i / 1500 % 2 == 0 ? 0.0f : 1.0f;
    PictureSpec spec{.x = {.step = 5, .label = "x", .unit = "m"},
                     .z = {.step = 10, .label = "z", .unit = "m"},
                     .colors = ColorMap::grey,
                     .width = 1200,
                     .drawing = Drawing::plain};
    write_picture(folder / "a.png", stripes.data(), 2000, 1500, spec);
    const Image image{folder / "a.png"};
    CHECK(image.height == 28 + 900 + 68);
    CHECK(image.width == 92 + 600 + 140);  // 10 km wide, 15 km deep
    for (int x = 100; x < 680; ++x) CHECK(distance(image.at(x, 500), {127, 127, 127}) < 3 * 50);
}

TEST_CASE("titles are text, whatever they hold") {
    const Folder folder;
    const std::string marker = folder / "ran";
    for (const Drawing drawing : hands()) {
        for (const std::string& evil :
             {"'; system('touch " + marker + "'); '", "`touch " + marker + "`",
              "\nsystem 'touch " + marker + "'\n", "\"$(touch " + marker + ")\" \\",
              std::string{"under_score^{x} @ & Sønderjylland %d"}}) {
            PictureSpec spec = small(drawing);
            spec.title = spec.quantity = spec.x.label = spec.z.label = evil;
            write_picture(folder / "a.png", quarters.data(), 2, 2, spec);
            write_curves(folder / "b.png", {{evil, {1, 2}, {}}},
                         {.title = evil, .y_label = evil, .drawing = drawing});
            CHECK_FALSE(std::filesystem::exists(marker));
            CHECK(Image{folder / "a.png"}.width == 600);
        }
    }
}

TEST_CASE("without gnuplot the picture is plain, and asking for gnuplot says what to install") {
    const Folder folder;
    write_picture(folder / "plain.png", quarters.data(), 2, 2, small(Drawing::plain));
    {
        const Environment path{"PATH", folder.path().c_str()};
        write_picture(folder / "automatic.png", quarters.data(), 2, 2, small(Drawing::automatic));
        const std::string message = message_of<FileError>([&] {
            write_picture(folder / "no.png", quarters.data(), 2, 2, small(Drawing::gnuplot));
        });
        CHECK(contains(message, "no gnuplot on the PATH"));
        CHECK(contains(message, "install gnuplot"));
    }
    CHECK(scratch::bytes_of(folder / "automatic.png") == scratch::bytes_of(folder / "plain.png"));
    CHECK_FALSE(std::filesystem::exists(folder / "no.png"));
}

TEST_CASE("a gnuplot that fails or draws nothing leaves the drawing to lop") {
    const Folder folder;
    const Environment path{"PATH", folder.path().c_str()};
    for (const std::string script : {"#!/bin/sh\necho broken >&2\nexit 1\n", "#!/bin/sh\nexit 0\n",
                                     "#!/bin/sh\nprintf '\\211PNG half'\n"}) {
        scratch::write_bytes(folder / "gnuplot", script);
        std::filesystem::permissions(folder / "gnuplot", std::filesystem::perms::owner_all);
        write_picture(folder / "a.png", quarters.data(), 2, 2, small(Drawing::automatic));
        CHECK(Image{folder / "a.png"}.width == 600);
        CHECK(contains(message_of<FileError>([&] {
                           write_picture(folder / "b.png", quarters.data(), 2, 2,
                                         small(Drawing::gnuplot));
                       }),
                       "gnuplot failed"));
    }
    CHECK_FALSE(std::filesystem::exists(folder / "b.png"));
}

TEST_CASE("LOP_PICTURES=plain leaves the drawing to lop") {
    const Folder folder;
    const Environment said{"LOP_PICTURES", "plain"};
    write_picture(folder / "a.png", quarters.data(), 2, 2, small(Drawing::automatic));
    write_picture(folder / "b.png", quarters.data(), 2, 2, small(Drawing::plain));
    CHECK(scratch::bytes_of(folder / "a.png") == scratch::bytes_of(folder / "b.png"));
}

TEST_CASE("what cannot be drawn or written is refused, and the old picture stays") {
    const Folder folder;
    scratch::write_bytes(folder / "old.png", "old");
    const auto refused = [&](const PictureSpec& spec, std::int64_t nx) {
        return message_of<ArgumentError>(
            [&] { write_picture(folder / "old.png", quarters.data(), nx, 2, spec); });
    };
    CHECK(contains(refused(small(Drawing::plain), 0), "at least one sample"));
    CHECK(contains(refused({.low = 2.0, .high = 1.0}, 2), "the low one below the high one"));
    CHECK(contains(refused({.low = NAN}, 2), "finite limits"));
    CHECK(contains(refused({.percentile = 20}, 2), "a percentile above 50"));
    CHECK(contains(refused({.x = {.step = 0.0}}, 2), "a step other than 0"));
    CHECK(contains(
        message_of<ArgumentError>([&] { write_curves(folder / "old.png", {{"a", {1, 2}, {1}}}); }),
        "as many x as y in curve a"));
    for (const Drawing drawing : hands()) {
        const auto draw = [&](const std::filesystem::path& path) {
            return message_of<FileError>(
                [&] { write_picture(path, quarters.data(), 2, 2, small(drawing)); });
        };
        CHECK(contains(draw(folder / "no/a.png"), "create the folder"));
        CHECK(contains(draw("/dev/full"), "No space left on device"));
        if (drawing == Drawing::gnuplot) continue;  // the limit would stop gnuplot itself
        const scratch::FileSizeLimit limit{500};
        CHECK(contains(draw(folder / "old.png"), "File too large"));
    }
    CHECK(scratch::bytes_of(folder / "old.png") == "old");
    CHECK(folder.files() == std::vector<std::string>{"old.png"});
}

TEST_CASE("curves fall where their values are, on a logarithmic scale") {
    for (const Drawing drawing : hands()) {
        const Folder folder;
        write_curves(folder / "a.png", {{"misfit", {1000, 100, 10, 1}, {}}},
                     {.y_label = "misfit", .drawing = drawing});
        const Image image{folder / "a.png"};
        CHECK(image.width == 900);
        CHECK(image.height == 560);
        const Pixel first{0, 114, 178};  // the colour of the first curve
        // Frame: 100 from the left, 28 from the top, 768 x 464; room of 2 and 4 per cent inside it.
        for (int i = 0; i < 4; ++i) {
            const int x = 100 + static_cast<int>(768 * (0.02 + i / 3.0) / 1.04);
            const int y = 28 + static_cast<int>(464 * (0.04 + i / 3.0) / 1.08);
            CHECK(image.count(first, x - 3, y - 3, x + 4, y + 4) > 10);
        }
        CHECK(image.count(first, 120, 300, 300, 480) == 0);  // nothing below the line
    }
}

TEST_CASE("values that cannot be drawn interrupt a curve; empty and negative histories are drawn") {
    for (const Drawing drawing : hands()) {
        const Folder folder;
        const std::vector<std::vector<Curve>> odd{{},
                                                  {{"empty", {}, {}}},
                                                  {{"one", {5}, {}}},
                                                  {{"zero", {0, 0, 0}, {}}},
                                                  {{"down", {-1, -2}, {}}},
                                                  {{"holes", {1, 0, 3, NAN, INFINITY, 2}, {}}},
                                                  {{"x", {1, 2, 3}, {0.5, 0.7, 0.7}}}};
        for (const auto& curves : odd) {
            write_curves(folder / "a.png", curves, {.title = "odd", .drawing = drawing});
            CHECK(Image{folder / "a.png"}.width == 900);
        }
    }
}

namespace {

/// A wave of two crests that moves to the right over two layers: dark above, light below.
PictureSeries moving(std::int64_t count) {
    return {.count = count,
            .nx = 40,
            .nz = 20,
            .values =
                [](std::int64_t n) {
                    std::vector<float> values(40 * 20);
                    for (std::int64_t x = 0; x < 40; ++x)
                        for (std::int64_t z = 0; z < 20; ++z)
                            values[static_cast<std::size_t>(20 * x + z)] = x == 5 + 2 * n ? 1.0F
                                                                           : x == 30      ? -1.0F
                                                                                          : 0.0F;
                    return values;
                },
            .title = [](std::int64_t n) { return "picture " + std::to_string(n); },
            .backdrop =
                [] {
                    std::vector<float> layers(40 * 20);
                    for (std::size_t i = 0; i < layers.size(); ++i)
                        layers[i] = i % 20 < 10 ? 1500 : 3000;
                    return layers;
                }()};
}

struct Chunk {
    std::string type, data;
    std::string bytes;  // all of it
};

std::uint32_t number(const std::string& bytes, std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i)
        value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
    return value;
}

/// The check sum of PNG, bit by bit (section D).
std::uint32_t check_sum(const std::string& bytes) {
    std::uint32_t sum = 0xFFFFFFFFU;
    for (const char byte : bytes) {
        sum ^= static_cast<unsigned char>(byte);
        for (int bit = 0; bit < 8; ++bit) sum = (sum & 1U) ? sum >> 1 ^ 0xEDB88320U : sum >> 1;
    }
    return ~sum;
}

std::string with_sum(const std::string& type, const std::string& data) {
    const auto put = [](std::uint32_t value) {
        std::string text;
        for (int shift = 24; shift >= 0; shift -= 8)
            text += static_cast<char>(value >> shift & 0xFFU);
        return text;
    };
    return put(static_cast<std::uint32_t>(data.size())) + type + data + put(check_sum(type + data));
}

std::vector<Chunk> chunks(const std::string& png) {
    std::vector<Chunk> all;
    for (std::size_t at = 8; at < png.size();) {
        const std::size_t length = number(png, at);
        REQUIRE(at + 12 + length <= png.size());
        all.push_back(
            {png.substr(at + 4, 4), png.substr(at + 8, length), png.substr(at, 12 + length)});
        CHECK(all.back().bytes == with_sum(all.back().type, all.back().data));
        at += 12 + length;
    }
    return all;
}

/// The pictures of an animation, as a viewer takes them apart.
std::vector<Image> frames_of(const std::string& apng) {
    std::vector<std::string> files;
    std::string header;
    std::uint32_t expected = 0;
    for (const Chunk& chunk : chunks(apng)) {
        if (chunk.type == "IHDR") header = apng.substr(0, 8) + chunk.bytes;
        if (chunk.type == "fcTL" || chunk.type == "fdAT")
            CHECK(number(chunk.data, 0) == expected++);
        if (chunk.type == "fcTL") files.push_back(header);
        if (chunk.type == "IDAT") files.back() += chunk.bytes;
        if (chunk.type == "fdAT") files.back() += with_sum("IDAT", chunk.data.substr(4));
    }
    std::vector<Image> images;
    for (const std::string& file : files) images.emplace_back(file + with_sum("IEND", ""));
    return images;
}

}  // namespace

TEST_CASE("a movie has every picture of a series, each where the wave is by then") {
    const Folder folder;
    write_movie(folder / "a.apng", moving(7), {.width = 600}, 0.1);
    const std::string bytes = scratch::bytes_of(folder / "a.apng");
    const auto all = chunks(bytes);
    REQUIRE(all[1].type == "acTL");
    CHECK(number(all[1].data, 0) == 7);
    CHECK(number(all[1].data, 4) == 0);  // for ever
    const auto images = frames_of(bytes);
    REQUIRE(images.size() == 7);
    const int row = top + plot_height / 4;
    for (int n = 0; n < 7; ++n) {
        const Image& image = images[static_cast<std::size_t>(n)];
        CHECK(image.width == 600);
        for (int m = 0; m < 7; ++m) {
            const Pixel p = image.at(left + plot_width * (2 * (5 + 2 * m) + 1) / 80, row);
            CHECK((p.red > p.blue + 40) == (m == n));  // positive is red, zero grey
        }
        const Pixel trough = image.at(left + plot_width * 61 / 80, row);
        CHECK(trough.blue > trough.red + 40);
        // The medium lies under it, dark where it is slow.
        const Pixel slow = image.at(left + 4, row);
        const Pixel fast = image.at(left + 4, top + 3 * plot_height / 4);
        CHECK(std::abs(slow.red - slow.blue) <= 2);  // zero lies between two of 256 colours
        CHECK(brightness(fast) - brightness(slow) > 200);
    }
    // What knows no animation sees the first.
    const Image first{folder / "a.apng"};
    CHECK(first.width == 600);
    CHECK(first.at(left + plot_width * 11 / 80, row).red >
          first.at(left + plot_width * 11 / 80, row).blue);
}

TEST_CASE("a sheet shows the first, the last and some between") {
    const Folder folder;
    write_sheet(folder / "a.png", moving(7), {.width = 600}, 4);
    const Image sheet{folder / "a.png"};
    const int height = top + plot_height + 68;
    CHECK(sheet.width == 2 * 600);
    CHECK(sheet.height == 2 * height);
    const int shown[] = {0, 2, 4, 6};
    for (int i = 0; i < 4; ++i)
        for (int m = 0; m < 7; ++m) {
            const Pixel p = sheet.at(i % 2 * 600 + left + plot_width * (2 * (5 + 2 * m) + 1) / 80,
                                     i / 2 * height + top + plot_height / 4);
            CHECK((p.red > p.blue + 40) == (m == shown[i]));
        }
    CHECK_THROWS_AS(write_sheet(folder / "b.png", moving(0)), ArgumentError);
    CHECK_THROWS_AS(write_movie(folder / "none" / "b.apng", moving(2)), FileError);
}

TEST_CASE("the colours of a series reach to the median of its pictures, whatever the strongest") {
    const Folder folder;
    PictureSeries series = moving(5);
    series.values = [inner = series.values](std::int64_t n) {
        auto values = inner(n);
        for (float& v : values) v *= n == 0 ? 0.0F : n == 1 ? 1000.0F : 1.0F;
        return values;
    };
    write_movie(folder / "a.apng", series, {.width = 600});
    const auto images = frames_of(scratch::bytes_of(folder / "a.apng"));
    const Pixel p = images[4].at(left + plot_width * 27 / 80, top + 3 * plot_height / 4);
    CHECK(p.red > p.blue + 40);
    const Pixel none = images[0].at(left + plot_width * 11 / 80, top + 3 * plot_height / 4);
    CHECK(std::abs(none.red - none.blue) <= 2);
}
