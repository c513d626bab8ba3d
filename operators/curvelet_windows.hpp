/// The windows of curvelets over the frequencies, row by row.
#pragma once

#include "operators/curvelet_layout.hpp"

#include <array>
#include <vector>

namespace lop::curvelets {

/// 0 below 0, 1 above 1, and between x^4 (35 - 84 x + 70 x^2 - 20 x^3), so that
/// ramp(x) + ramp(1 - x) = 1 (Daubechies 1992, section 4.2).
double ramp(double x);

/// The slope of a frequency (minor, major), major > 0, continued over the diagonals such that the
/// planes of both axes agree there: minor / major where |minor| <= major, beyond it
/// +-(2 - major / |minor|). Only their ratio matters.
double slope_of(double minor, double major);

/// The squared window of one of `wedges` wedges in the slope: from -1 + 2 number / wedges to
/// 2 / wedges more, with ramps of +-2 overlap / wedges about both edges. All wedges about both axes of a
/// plane add up to one.
double wedge_window(double slope, int number, int wedges, double overlap);

/// The square roots of one wedge's window in the plane of two axes: of each place along the first
/// axis, a run of values along the second one.
template <class R> struct WedgePlane {
    struct Row {
        index_t begin = 0;  // along the second axis
        index_t end = 0;
        index_t at = 0;  // of the value at `begin`
    };
    index_t first_row = 0;
    std::vector<Row> rows{};
    std::vector<R> values{};

    const Row& row(index_t u) const { return rows[static_cast<std::size_t>(u - first_row)]; }
    const R* from(const Row& row, index_t v) const {
        return values.data() + row.at + (v - row.begin);
    }
};

/// All windows W of a layout over the frequencies of side +1. They are not folded: windows of the
/// finest scale reach beyond Nyquist. Axes are three, as Layout counts them.
///
/// Stored are the factors of W, along axes and in planes, about n^2 values for n^2 or n^3 frequencies.
template <class R> class Windows {
 public:
    explicit Windows(const Layout& layout);
    Windows(const Windows&) = delete;
    Windows& operator=(const Windows&) = delete;

    /// A box of frequencies around the window of a band.
    struct Box {
        Extents begin{};
        Extents end{};
    };
    const Box& box(std::size_t band_number) const { return bands_[band_number].box; }

    /// Frequencies along the last axis, `begin` up to `end`; none by default.
    struct Piece {
        index_t begin = 0;
        index_t end = 0;
    };
    /// What row (u0, u1) of a window holds: one piece, or two about a gap. `scale` times the weight at
    /// u2 is written to weights[u2], for which there is room at -reach .. reach. No weight in a piece is
    /// zero, but by underflow.
    std::array<Piece, 2> row(std::size_t band_number, index_t u0, index_t u1, R scale,
                             R* weights) const;
    index_t reach() const { return reach_[2]; }

    /// One over the root of what all squared windows add up to, at frequencies 0 .. n / 2 along each
    /// axis; empty for images, where that is one.
    const std::vector<R>& balance() const { return balance_; }

 private:
    using Profile = std::array<std::vector<R>, 3>;  // at -reach .. reach along each axis
    /// What one low pass lets through and a smaller one does not.
    struct Shell {
        const Profile* outer = nullptr;
        const Profile* inner = nullptr;
        const Profile* between = nullptr;  // outer - inner along each axis
    };
    struct Band {
        Shell shell{};
        index_t plateau = -1;  // outer and inner are one along the last axis up to here
        Box box{};
        /// Its wedge in the planes of axes (0, 1), (0, 2) and (1, 2), where it has one there.
        std::array<const WedgePlane<R>*, 3> planes{};
    };
    /// Of the same planes, all wedges: those about the one axis, then those about the other.
    using Planes = std::array<std::vector<WedgePlane<R>>, 3>;

    R at(const Profile& profile, std::size_t axis, index_t u) const {
        return profile[axis][static_cast<std::size_t>(u + reach_[axis])];
    }
    /// The shell at (u0, u1, u2) is of_outer times its outer, and of_between times its between, at u2.
    struct Across {
        R of_outer, of_between;
    };
    Across across(const Shell& shell, index_t u0, index_t u1) const;
    void make_profiles(const Layout& layout);
    void make_planes(const Layout& layout, int scale);
    void make_band(const Layout& layout, const CurveletBand& band);
    static Box box_of(const Layout& layout, const CurveletBand& band);
    std::array<const WedgePlane<R>*, 3> planes_of(const Layout& layout,
                                                  const CurveletBand& band) const;
    void make_balance(const Layout& layout);
    void add_imbalance(const Layout& layout, int scale, std::vector<double>& sum) const;

    Extents reach_{};
    std::vector<Profile> low_passes_{};  // up to scales 0, 1, ...
    std::vector<Profile> between_{};     // of scales 1, 2, ...: what their bands have of low passes
    Profile all_{};
    Profile none_{};
    std::vector<Planes> planes_{};  // of scales 1, 2, ...
    std::vector<Band> bands_{};
    std::vector<R> balance_{};
};

}  // namespace lop::curvelets
