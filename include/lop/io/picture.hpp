/// Pictures of models, images, shot records and convergence histories, as PNG files.
#pragma once

#include <lop/core/error.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace lop::io {

/// automatic: blue_white_red where the values have both signs, perceptual otherwise.
/// perceptual: dark violet over green to yellow, evenly brighter; for positive quantities.
/// blue_white_red: white at zero; for residuals, perturbations, gradients.
/// grey: black to white, the middle at zero if both signs occur; for seismic images and records.
enum class ColorMap { automatic, perceptual, blue_white_red, grey };

/// By what is a picture drawn? automatic: gnuplot where it is found, plain otherwise or if the
/// environment says LOP_PICTURES=plain. plain: by lop itself, with a small pixel font of ASCII
/// letters.
enum class Drawing { automatic, gnuplot, plain };

/// Coordinates of the samples along one side of a picture: start + i * step.
/// Of "m" and "s" the picture makes km or ms where that reads better; other units are left alone.
struct PictureAxis {
    double start = 0.0;
    double step = 1.0;
    std::string label{};
    std::string unit{};
};

struct PictureSpec {
    std::string title{};
    PictureAxis x{.label = "distance", .unit = "m"};  // to the right
    PictureAxis z{.label = "depth", .unit = "m"};     // downwards
    std::string quantity{};                           // beside the colour bar: "velocity"
    std::string unit{};                               // of the values as they are given: "km/s"
    ColorMap colors = ColorMap::automatic;
    std::optional<double> low{};   // values of the ends of the colour bar; if absent,
    std::optional<double> high{};  // taken from the values by `percentile`
    double percentile = 100.0;     // in (50, 100]: this part of the values lies within the colours
    int width = 1200;              // pixels, at least 400
    Drawing drawing = Drawing::automatic;
};

/// Draws values[nx][nz] (z fastest) with x to the right and z downwards, axes, title and a colour
/// bar. Axes of one unit are drawn to scale where the picture's shape allows. Values that are not
/// finite are sand-coloured. T is float or double. The file appears whole or not at all. Not
/// collective: call it on one rank. Errors: ArgumentError for senseless extents and limits,
/// FileError if it cannot be written.
template <class T>
void write_picture(const std::filesystem::path& path, const T* values, std::int64_t nx,
                   std::int64_t nz, const PictureSpec& spec = {});

/// Pictures of one size, with the same axes and colours: what happens over time.
struct PictureSeries {
    std::int64_t count = 0;
    std::int64_t nx = 0;
    std::int64_t nz = 0;
    std::function<std::vector<float>(std::int64_t)> values{};  // [nx][nz] of a picture, z fastest
    std::function<std::string(std::int64_t)> title{};
    std::vector<float>
        backdrop{};  // [nx][nz]; shades the pictures, dark where it is least; or empty
};

/// Draws up to `most` of the pictures, evenly chosen, the first and the last among them, as one PNG. Values of both signs
/// are alike in size to the eye: colours reach to the median of what each picture would reach to by itself
/// (spec.percentile, blue_white_red), unless spec says where. Drawn by lop itself. Errors as of write_picture.
void write_sheet(const std::filesystem::path& path, const PictureSeries& series,
                 const PictureSpec& spec = {}, int most = 12);
/// All of them as an animated PNG (PNG, third edition, 2025), each for `interval` s and over and over: browsers and viewers
/// play it, ffmpeg reads it, and what knows no animation shows the first.
void write_movie(const std::filesystem::path& path, const PictureSeries& series,
                 const PictureSpec& spec = {}, double interval = 0.08);

struct Curve {
    std::string name{};
    std::vector<double> y{};
    std::vector<double> x{};  // 0, 1, 2, ... if empty
};

struct CurvesSpec {
    std::string title{};
    std::string x_label = "iteration";
    std::string y_label{};
    bool log_scale = true;  // of y; given up if no value is positive
    int width = 900;        // pixels, at least 400
    int height = 560;       // pixels, at least 300
    Drawing drawing = Drawing::automatic;
};

/// Draws curves in one frame, such as the misfit over iterations. Values that cannot be drawn
/// (not finite, or not positive on a logarithmic scale) interrupt their curve. Errors as above.
void write_curves(const std::filesystem::path& path, const std::vector<Curve>& curves,
                  const CurvesSpec& spec = {});

}  // namespace lop::io
