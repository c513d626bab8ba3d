/// Profiles along axes, wedges in planes, and the rows made of them.
#include "operators/curvelet_windows.hpp"

#include <algorithm>
#include <cmath>

namespace lop::curvelets {
namespace {

/// The largest frequency inside a low pass that ends at 2/3 of the sampling rate, or `times_smaller`.
index_t reach_of(index_t n, index_t times_smaller) { return (2 * n - 1) / (3 * times_smaller); }

/// The squared low pass is the ramp at this place: 1 up to half that way, 0 at its end.
double low_pass_place(index_t frequency, index_t n, index_t times_smaller) {
    return 2 - static_cast<double>(3 * frequency * times_smaller) / static_cast<double>(n);
}

/// ramp(x) - ramp(y), x >= y, to its last digits also where both are almost one: its root is a window.
double ramp_between(double x, double y) {
    return y > 0.5 ? ramp(1 - y) - ramp(1 - x) : ramp(x) - ramp(y);
}

/// The sum of all wedges about the major axis.
double cone_window(double slope, int wedges, double overlap) {
    return ramp((wedges * (1 - std::abs(slope)) + 2 * overlap) / (4 * overlap));
}

/// Which of Windows' planes holds two axes, p < q.
constexpr std::size_t plane_of(std::size_t p, std::size_t q) { return p + q - 1; }

/// Fills the planes of all wedges about one of two axes, `about_first` or not, row by row.
template <class R> class WedgeSweep {
 public:
    WedgeSweep(WedgePlane<R>* planes, int wedges, double overlap)
        : planes_{planes}, wedges_{wedges}, overlap_{overlap} {}

    /// Frequency v of row u has this slope. Slopes of a row come in order.
    void add(index_t u, index_t v, double slope) {
        const int middle = static_cast<int>(std::floor(wedges_ * (slope + 1) / 2));
        for (int w = std::max(0, middle - 1); w <= std::min(wedges_ - 1, middle + 1); ++w) {
            const double window = wedge_window(slope, w, wedges_, overlap_);
            if (window == 0) continue;
            auto& plane = planes_[w];
            auto& row = plane.rows[static_cast<std::size_t>(u - plane.first_row)];
            if (row.end == row.begin) row = {v, v, static_cast<index_t>(plane.values.size())};
            row.end = v + 1;
            plane.values.push_back(static_cast<R>(std::sqrt(window)));
        }
    }

 private:
    WedgePlane<R>* planes_;
    int wedges_;
    double overlap_;
};

}  // namespace

double ramp(double x) {
    if (x <= 0) return 0;
    if (x > 0.5) return 1 - ramp(1 - x);  // exactly complementary
    return x * x * x * x * (35 - x * (84 - x * (70 - 20 * x)));
}

double slope_of(double minor, double major) {
    const double size = std::abs(minor);
    return std::copysign(size <= major ? size / major : 2 - major / size, minor);
}

double wedge_window(double slope, int number, int wedges, double overlap) {
    const double place = wedges * (slope + 1) - 2 * number;  // 0 at one edge, 2 at the other
    return ramp((place + 2 * overlap) / (4 * overlap)) *
           ramp((2 - place + 2 * overlap) / (4 * overlap));
}

template <class R> Windows<R>::Windows(const Layout& layout) {
    for (std::size_t a = 0; a < 3; ++a) reach_[a] = reach_of(layout.padded[a], 1);
    make_profiles(layout);
    for (int scale = 1; layout.directional(scale) && scale <= layout.finest; ++scale)
        make_planes(layout, scale);
    for (const CurveletBand& band : layout.bands) make_band(layout, band);
    if (layout.rank() == 3) make_balance(layout);
}

template <class R> void Windows<R>::make_profiles(const Layout& layout) {
    const auto along_axes = [&](auto&& value) {
        Profile profile;
        for (std::size_t a = 0; a < 3; ++a)
            for (index_t u = -reach_[a]; u <= reach_[a]; ++u)
                profile[a].push_back(static_cast<R>(value(a, std::abs(u))));
        return profile;
    };
    const auto place = [&](std::size_t a, index_t u, int scale) {
        return low_pass_place(u, layout.padded[a], layout.times_smaller(scale));
    };
    all_ = along_axes([](std::size_t, index_t) { return 1; });
    none_ = along_axes([](std::size_t, index_t) { return 0; });
    for (int scale = 0; scale <= layout.finest; ++scale)
        low_passes_.push_back(
            along_axes([&](std::size_t a, index_t u) { return ramp(place(a, u, scale)); }));
    for (int scale = 1; scale <= layout.finest; ++scale)
        between_.push_back(along_axes([&](std::size_t a, index_t u) {
            const double outer = layout.directional(scale) ? place(a, u, scale) : 1;
            return ramp_between(outer, place(a, u, scale - 1));
        }));
}

template <class R> void Windows<R>::make_planes(const Layout& layout, int scale) {
    const int wedges = layout.wedges_of(scale);
    const Extents& n = layout.padded;
    Extents reach{};
    for (std::size_t a = 0; a < 3; ++a) reach[a] = reach_of(n[a], layout.times_smaller(scale));
    Planes planes;
    for (std::size_t p = layout.place(0); p < 3; ++p)
        for (std::size_t q = p + 1; q < 3; ++q) {
            auto& both = planes[plane_of(p, q)];
            WedgePlane<R> empty{.first_row = -reach[p]};
            empty.rows.resize(static_cast<std::size_t>(2 * reach[p] + 1));
            both.assign(2 * static_cast<std::size_t>(wedges), empty);
            WedgeSweep<R> about_p{both.data(), wedges, layout.overlap};
            WedgeSweep<R> about_q{both.data() + wedges, wedges, layout.overlap};
            for (index_t u = -reach[p]; u <= reach[p]; ++u)
                for (index_t v = -reach[q]; v <= reach[q]; ++v) {
                    // u / n_p and v / n_q cycles a sample, over one denominator.
                    const auto f = static_cast<double>(u * n[q]);
                    const auto g = static_cast<double>(v * n[p]);
                    if (u > 0) about_p.add(u, v, slope_of(g, f));
                    if (v > 0) about_q.add(u, v, slope_of(f, g));
                }
            for (auto& plane : both) plane.values.shrink_to_fit();
        }
    planes_.push_back(std::move(planes));
}

template <class R> auto Windows<R>::box_of(const Layout& layout, const CurveletBand& band) -> Box {
    Box box;
    for (std::size_t a = 0; a < 3; ++a) {
        const index_t n = layout.padded[a];
        const index_t reach = reach_of(n, layout.times_smaller(band.scale));
        box.begin[a] = -reach;
        box.end[a] = reach + 1;
        if (band.axis < 0 && band.scale > 0) {  // every frequency once
            box.begin[a] = -((n - 1) / 2);
            box.end[a] = n / 2 + 1;
        }
    }
    if (band.axis >= 0) box.begin[layout.place(band.axis)] = 1;
    return box;
}

template <class R>
std::array<const WedgePlane<R>*, 3> Windows<R>::planes_of(const Layout& layout,
                                                          const CurveletBand& band) const {
    std::array<const WedgePlane<R>*, 3> result{};
    if (band.axis < 0) return result;
    const auto& planes = planes_[static_cast<std::size_t>(band.scale - 1)];
    const std::size_t axis = layout.place(band.axis);
    std::size_t next = 0;
    for (std::size_t other = layout.place(0); other < 3; ++other) {
        if (other == axis) continue;
        const int wedges_before = other < axis ? layout.wedges_of(band.scale) : 0;
        const int at = band.wedge[next++] + wedges_before;
        const std::size_t plane = plane_of(axis, other);
        result[plane] = &planes[plane][static_cast<std::size_t>(at)];
    }
    return result;
}

template <class R> void Windows<R>::make_band(const Layout& layout, const CurveletBand& band) {
    const auto scale = static_cast<std::size_t>(band.scale);
    const bool undivided_finest = band.axis < 0 && band.scale > 0;
    const Shell shell{.outer = undivided_finest ? &all_ : &low_passes_[scale],
                      .inner = scale == 0 ? &none_ : &low_passes_[scale - 1],
                      .between = scale == 0 ? &low_passes_[0] : &between_[scale - 1]};
    index_t plateau = -1;
    while (plateau < reach_[2] && at(*shell.between, 2, plateau + 1) == 0) ++plateau;
    bands_.push_back({.shell = shell,
                      .plateau = plateau,
                      .box = box_of(layout, band),
                      .planes = planes_of(layout, band)});
}

/// With o and i the low passes and d = o - i the shell is
/// o0 o1 o2 - i0 i1 i2 = (d0 o1 + i0 d1) o2 + i0 i1 d2: nothing is subtracted.
template <class R>
auto Windows<R>::across(const Shell& shell, index_t u0, index_t u1) const -> Across {
    const R i0 = at(*shell.inner, 0, u0);
    return {at(*shell.between, 0, u0) * at(*shell.outer, 1, u1) + i0 * at(*shell.between, 1, u1),
            i0 * at(*shell.inner, 1, u1)};
}

template <class R> auto Windows<R>::row(std::size_t band_number, index_t u0, index_t u1, R scale,
                                        R* weights) const -> std::array<Piece, 2> {
    const Band& band = bands_[band_number];
    index_t begin = band.box.begin[2];
    index_t end = band.box.end[2];
    const auto narrow = [&](const WedgePlane<R>* plane, index_t u) {
        if (!plane) return;
        begin = std::max(begin, plane->row(u).begin);
        end = std::min(end, plane->row(u).end);
    };
    const auto [plane01, plane02, plane12] = band.planes;
    if (plane01) {
        const auto& row = plane01->row(u0);
        if (u1 < row.begin || u1 >= row.end) return {};
        scale *= *plane01->from(row, u1);
    }
    narrow(plane02, u0);
    narrow(plane12, u1);
    const auto [of_outer, of_between] = across(band.shell, u0, u1);
    if (begin >= end || (of_outer == 0 && of_between == 0)) return {};

    const R* outer = (*band.shell.outer)[2].data() + reach_[2];
    const R* between = (*band.shell.between)[2].data() + reach_[2];
    for (index_t v = begin; v < end; ++v)
        weights[v] = scale * std::sqrt(of_outer * outer[v] + of_between * between[v]);
    const auto multiply = [&](const WedgePlane<R>* plane, index_t u) {
        if (!plane) return;
        const R* factors = plane->from(plane->row(u), begin);
        for (index_t v = begin; v < end; ++v) weights[v] *= factors[v - begin];
    };
    multiply(plane02, u0);
    multiply(plane12, u1);

    if (of_outer > 0) return {Piece{begin, end}, Piece{}};
    const index_t gap = band.plateau;
    return {Piece{begin, std::min(end, -gap)}, Piece{std::max(begin, gap + 1), end}};
}

/// About the diagonal of a volume the wedges of the three axes do not add up to one: with x the
/// windows about axis 0 against axis 1, y about 0 against 2, z about 1 against 2, they add up to
/// x y + (1 - x) z + (1 - y) (1 - z), less than one by what is added here, times the low passes,
/// at the frequencies where the sampled array has it.
template <class R> void Windows<R>::add_imbalance(const Layout& layout, int scale,
                                                  std::vector<double>& sum) const {
    const auto& n = layout.padded;
    const int wedges = layout.wedges_of(scale);
    const auto at_scale = static_cast<std::size_t>(scale);
    const Shell shell{&low_passes_[at_scale], &low_passes_[at_scale - 1], &between_[at_scale - 1]};
    const auto reach = [&](std::size_t a) { return reach_of(n[a], layout.times_smaller(scale)); };
    const auto cone = [&](std::size_t p, std::size_t q, index_t u, index_t v) {
        const auto major = static_cast<double>(u * n[q]);
        const auto minor = static_cast<double>(v * n[p]);
        return major == 0 ? 0 : cone_window(slope_of(minor, major), wedges, layout.overlap);
    };
    std::vector<double> z;  // [reach(1) + 1 x reach(2) + 1]
    for (index_t u1 = 0; u1 <= reach(1); ++u1)
        for (index_t u2 = 0; u2 <= reach(2); ++u2) z.push_back(cone(1, 2, u1, u2));
    std::vector<double> y(static_cast<std::size_t>(reach(2) + 1));
    // Both signs of Nyquist are one frequency of the array.
    const auto place = [&](std::size_t a, index_t u) { return std::min(u, n[a] - u); };
    const auto times = [&](std::size_t a, index_t u) { return 2 * u == n[a] ? 2 : 1; };
    for (index_t u0 = 0; u0 <= reach(0); ++u0) {
        for (index_t u2 = 0; u2 <= reach(2); ++u2)
            y[static_cast<std::size_t>(u2)] = cone(0, 2, u0, u2);
        for (index_t u1 = 0; u1 <= reach(1); ++u1) {
            const double x = cone(0, 1, u0, u1);
            const auto [of_outer, of_between] = across(shell, u0, u1);
            const double* zs = z.data() + u1 * (reach(2) + 1);
            double* sums =
                sum.data() + (place(0, u0) * (n[1] / 2 + 1) + place(1, u1)) * (n[2] / 2 + 1);
            for (index_t u2 = 0; u2 <= reach(2); ++u2) {
                const double yz = y[static_cast<std::size_t>(u2)];
                const double missing = yz - x * yz + x * zs[u2] - yz * zs[u2];
                if (missing == 0) continue;
                const double weight =
                    of_outer * at(*shell.outer, 2, u2) + of_between * at(*shell.between, 2, u2);
                sums[place(2, u2)] += times(0, u0) * times(1, u1) * times(2, u2) * weight * missing;
            }
        }
    }
}

template <class R> void Windows<R>::make_balance(const Layout& layout) {
    index_t size = 1;
    for (const index_t n : layout.padded) size *= n / 2 + 1;
    std::vector<double> missing(static_cast<std::size_t>(size), 0.0);
    for (int scale = 1; layout.directional(scale) && scale <= layout.finest; ++scale)
        add_imbalance(layout, scale, missing);
    for (const double m : missing) balance_.push_back(static_cast<R>(1 / std::sqrt(1 - m)));
}

template class Windows<float>;
template class Windows<double>;

}  // namespace lop::curvelets
