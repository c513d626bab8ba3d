/// Scales, wedges and steps of curvelets.
#include "operators/curvelet_layout.hpp"

#include "operators/lines.hpp"
#include <lop/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace lop::curvelets {
namespace {

constexpr int most_scales = 24;
constexpr int most_wedges = 1 << 10;

const std::string name = "CurveletTransform";

/// Whether a window of the finest scale meets itself when it is sampled every 2 samples along its
/// axis and every `step` across. In units of half the sampling rate, the window lies between 1/3 and
/// 4/3 along its axis: it fills the period 1 of the samples. Across, the period is 2 / step, and
///
///  - an inner wedge is at most 4/3 (2/N + 2 delta) wide, delta = 2 overlap / N;
///  - the outermost one reaches over the diagonal, to slopes of 1 / (1 - delta), and there begins
///    before 1/3. Its points (f, g), f < 1/3 < g < f / (1 - delta), and what its end holds one
///    period further along, (f + 1, g'), (f + 1) c < g' < 4/3, c = 1 - 2/N - delta, must not differ
///    by whole periods across.
bool aliases(int wedges, double overlap, index_t step) {
    constexpr double rounding = 1e-12;
    const double delta = 2 * overlap / wedges;
    const double period = 2.0 / static_cast<double>(step);
    if (4.0 / 3 * (2.0 / wedges + 2 * delta) > period + rounding) return true;
    const double c = 1 - 2.0 / wedges - delta;
    const int periods = static_cast<int>(std::ceil(4.0 / 3 / period));
    for (int m = -periods; m <= periods; ++m) {
        const double shift = m * period;
        // g + shift > (g (1 - delta) + 1) c, where f is the least it can be.
        const double begin = std::max(1.0 / 3, (c - shift) / (1 - (1 - delta) * c));
        const double end = std::min(1 / (3 * (1 - delta)), 4.0 / 3 - shift);
        if (end - begin > rounding) return true;
    }
    return false;
}

void check_options(const CurveletOptions& options) {
    if (options.scales < 2 || options.scales > most_scales)
        throw ArgumentError{name + " of " + counted(options.scales, "scale"),
                            {.expected = "2 to " + std::to_string(most_scales)}};
    const int directional = options.scales - (options.directional_finest ? 1 : 2);
    const auto given = static_cast<int>(options.wedges.size());
    if (given > std::max(directional, 1) || given == 0)
        throw ArgumentError{name + ": wedges at " + counted(given, "scale"),
                            {.expected = "from one number to one for each of " +
                                         std::to_string(directional) + " directional scales"}};
    for (const int wedges : options.wedges)
        if (wedges < 3)
            throw ArgumentError{name + " of " + counted(wedges, "wedge"),
                                {.expected = "3 or more"}};
    const bool overlaps = options.overlap > 0 && options.overlap <= 0.5;
    if (!overlaps)
        throw ArgumentError{name + ": overlap of wedges",
                            {.expected = "above 0, and half a wedge at most",
                             .found = number_words(options.overlap)}};
}

void choose_wedges(Layout& layout, const CurveletOptions& options) {
    for (int scale = 1; layout.directional(scale) && scale <= layout.finest; ++scale) {
        const auto at = static_cast<std::size_t>(scale - 1);
        const int wedges =
            at < options.wedges.size() ? options.wedges[at] : 2 * layout.wedges.back();
        if (wedges > most_wedges)
            throw ArgumentError{name + " of " + std::to_string(wedges) + " wedges at scale " +
                                    std::to_string(scale),
                                {.expected = std::to_string(most_wedges) + " at most",
                                 .remedy = "say how many at each scale, {6, 12, 12}"}};
        layout.wedges.push_back(wedges);
        layout.across.push_back(angular_step(wedges, layout.overlap));
        if (layout.across.back() == 0)
            throw ArgumentError{name + ": overlap of " + std::to_string(wedges) + " wedges",
                                {.expected = "one at which no wedge meets itself when sampled",
                                 .found = number_words(options.overlap),
                                 .remedy = "1/16, or 4 wedges or more, for which 1/4 serves"}};
    }
}

/// Between neighbours of a band along one axis; `band_axis` is -1 of one without direction.
index_t step_along(const Layout& layout, int scale, int band_axis, int axis) {
    if (scale == 0) return layout.times_smaller(1);
    if (band_axis < 0) return 1;
    if (axis == band_axis) return 2 * layout.times_smaller(scale);
    return layout.across[static_cast<std::size_t>(scale - 1)] * layout.times_smaller(scale);
}

Extents step_of(const Layout& layout, int scale, int band_axis) {
    Extents step{1, 1, 1};
    for (int axis = 0; axis < layout.rank(); ++axis)
        step[layout.place(axis)] = step_along(layout, scale, band_axis, axis);
    return step;
}

/// Each axis padded to a multiple of every step; all steps occur along every axis.
void pad(Layout& layout) {
    index_t multiple = 1;
    for (int scale = 0; scale <= layout.finest; ++scale)
        for (const index_t step : step_of(layout, scale, layout.directional(scale) ? 0 : -1))
            multiple = std::lcm(multiple, step);
    for (int axis = 0; axis < layout.rank(); ++axis) {
        const index_t n = layout.samples[layout.place(axis)];
        layout.padded[layout.place(axis)] = (n + multiple - 1) / multiple * multiple;
    }
}

Shape visible(const Extents& extents, int first_axis) {
    return first_axis == 0 ? Shape{extents[0], extents[1], extents[2]}
                           : Shape{extents[1], extents[2]};
}

/// A band behind the others.
void append(Layout& layout, CurveletBand band) {
    const Extents step = step_of(layout, band.scale, band.axis);
    Extents count{};
    for (std::size_t a = 0; a < 3; ++a) count[a] = layout.padded[a] / step[a];
    band.shape = visible(count, layout.first_axis);
    band.step = visible(step, layout.first_axis);
    band.first = layout.coefficients;
    layout.coefficients += volume(count);
    layout.bands.push_back(std::move(band));
}

/// All wedges about one axis and side.
void append_wedges(Layout& layout, int scale, int axis, int side) {
    const int wedges = layout.wedges_of(scale);
    const auto slope = [=](int wedge) { return (2.0 * wedge + 1) / wedges - 1; };
    const int others = layout.rank() - 1;
    for (int i = 0; i < wedges; ++i)
        for (int k = 0; k < (others == 2 ? wedges : 1); ++k) {
            CurveletBand band{.scale = scale, .axis = axis, .side = side};
            band.wedge = others == 2 ? std::vector{i, k} : std::vector{i};
            for (const int wedge : band.wedge) band.slope.push_back(slope(wedge));
            append(layout, std::move(band));
        }
}

}  // namespace

Shape Layout::padded_shape() const { return visible(padded, first_axis); }

index_t angular_step(int wedges, double overlap) {
    // Twice as many wedges stand twice as far apart, so that all steps divide each other.
    if (wedges % 2 == 0 && wedges >= 6) {
        const index_t step = 2 * angular_step(wedges / 2, overlap);
        if (step > 0 && !aliases(wedges, overlap, step)) return step;
    }
    index_t step = wedges;  // more than their width allows
    while (step > 0 && aliases(wedges, overlap, step)) --step;
    return step;
}

Layout layout_of(const Shape& shape, const CurveletOptions& options, bool two_sided) {
    if (shape.rank() != 2 && shape.rank() != 3)
        throw ArgumentError{name + " of " + shape.str(),
                            {.expected = "2 or 3 axes",
                             .found = std::to_string(shape.rank()),
                             .remedy = "kron(Identity{space}, CurveletTransform{...}) for arrays "
                                       "of images"}};
    Layout layout;
    layout.first_axis = 3 - shape.rank();
    for (int a = 0; a < shape.rank(); ++a) {
        layout.samples[layout.place(a)] = checked_samples(name, shape, a);
    }
    check_options(options);
    layout.finest = options.scales - 1;
    layout.overlap = options.overlap;
    layout.directional_finest = options.directional_finest;
    choose_wedges(layout, options);
    pad(layout);
    for (int scale = 0; scale <= layout.finest; ++scale) {
        if (!layout.directional(scale)) {
            append(layout, {.scale = scale});
            continue;
        }
        for (int axis = 0; axis < shape.rank(); ++axis) {
            append_wedges(layout, scale, axis, 1);
            if (two_sided) append_wedges(layout, scale, axis, -1);
        }
    }
    return layout;
}

}  // namespace lop::curvelets
