/// Choices of a propagation: accuracy, edges, time step, history.
#pragma once

#include <lop/core/scalar.hpp>
#include <lop/seismic/aperture.hpp>

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace lop {

/// A convolutional perfectly matched layer (Pasalic and McGarry 2010) on every side but a free
/// surface. Its memory variables are part of the recurrence that the adjoint transposes.
struct Pml {
    index_t cells = 20;        ///< thickness in grid cells; 0: the field ends in zeros
    double reflection = 1e-5;  ///< of the continuous layer at normal incidence
    double frequency = 10;     ///< Hz, of the frequency shift: about the dominant one of the data
    bool inside = false;       ///< over the outer cells of the model instead of around it
    /// Cells on each side, where they differ: x first, x last, (y first, y last,) z first, z last. Empty: `cells`.
    std::vector<index_t> widths{};
};

/// Cells in which waves lose strength, as other codes have them: softer than a layer that is matched, and so thicker,
/// but stable in any medium. After every step what a field has changed by is multiplied with g (fields of two
/// levels), or the field itself (fields of one level, which decay half as fast),
///
///     f <- f' + g (f - f'),  g = exp(-2 s dt),   s(d) = v ln(1/reflection) / L (d/L - sin(2 pi d/L) / (2 pi)),
///
/// d the depth in a sponge of thickness L (the profile is Devito's; after Cerjan et al. 1985, Geophysics 50(4) 705-708,
/// and Sochacki et al. 1987, Geophysics 52(1) 60-71).
struct Sponge {
    index_t cells = 40;
    double reflection =
        1e-2;  ///< of what decays on both ways at normal incidence; less returns more from the slope
    bool inside = false;
    std::vector<index_t> widths{};
};

/// How a point between grid points is read and driven.
enum class Interpolation {
    linear,
    /// Sinc under a Kaiser window, half-width 4, b = 6.31: the optimum of Hicks (2002, table 1)
    /// for wavenumbers up to pi/2 a cell, four points per wavelength. The eight weights of an axis
    /// are scaled to sum to one, so that a source keeps its strength and a constant is read as it
    /// is; the error stays below 1.8e-3.
    sinc
};

enum class Axis { x, y, z };

struct ProjectionOptions {
    Interpolation interpolation = Interpolation::sinc;
    /// What a source drives or a receiver records, by the name that the wave equation declares ("pressure",
    /// "force x", ..); empty: the first one.
    std::string quantity{};
    /// A receiver records the derivative of the quantity along this axis, per metre; a source is the transpose, a
    /// dipole: the measure -s d/dx delta(x - x_s), so that its field is s times the derivative by x_s of a point's.
    /// Its pole towards larger x is the positive one. Sinc: the derivative of the windowed sinc (Hicks 2002,
    /// b = 6.42) with the least change that makes it exact for constants and slopes; of exp(i k x), k up to pi/2 a
    /// cell, it is right to 0.008 per cell and to 1.1 %. Linear: the slope between neighbours, which is first order.
    std::optional<Axis> derivative_along{};
    /// Of finite size: none (points), one for all points, or one for each trace of the geometry, in its order.
    std::vector<Aperture> apertures{};
};

struct PropagatorOptions {
    int space_order = 8;  ///< 2, 4, .. 16; time order is 2
    Pml boundary{};
    bool free_surface = false;  ///< in the first row: u = 0, elastic no traction; no layer there
    double courant = 0.75;      ///< share of the stability limit that a derived step may use
    double time_step = 0;       ///< s; 0: derived from the limit and the data's interval
    double max_frequency = 0;   ///< Hz, of the source; 0: unknown, dispersion is not checked
    double dispersion_limit = 0.05;  ///< largest relative error of the phase velocity accepted
    std::optional<Sponge> sponge{};  ///< in place of the layers of `boundary`
    /// Shots of a rank that run together, 1 to 8: they share what is read of the medium, and give the bits of one after
    /// the other. Each takes the memory of a shot, its history included.
    int shots_at_once = 1;
    /// Called on each rank after each of its shots, with the propagations that the shot took (1 for
    /// M and M', 2 for J and J', without what a bounded history computes again): for progress. May be empty; must not communicate.
    std::function<void(index_t propagations)> after_shot{};
};

/// How much of the forward field a Jacobian's adjoint keeps, and at which steps its forward map
/// injects the scattered source: every step of a comb, so that the pair stays exactly adjoint.
struct History {
    /// In which precision what is kept lies in memory.
    enum class Storage {
        full,  ///< that of the fields
        /// 16 bits, half of it in single precision: whole numbers times a step for every 64 values, each within
        /// 2^-15 of the largest magnitude among those 64. The forward map J takes the same rounded values, so that
        /// the pair stays exactly adjoint; it is not the exact derivative any more, but that of a background known to
        /// 2^-15. With every k-th step, partners r and multipliers l of the steps, a value of the gradient is off by at most
        ///
        ///     2^-15 k sum over steps of  (largest |r| among the 64) |l|.
        half
    };

    /// Steps from one kept step to the next; 1: all. 0: the largest that samples the products of
    /// two fields of PropagatorOptions::max_frequency with a mean free of alias, 1 where that is unknown.
    index_t every = 0;
    /// Bytes for it, of each shot that runs; 0: as many as it takes. Where it does not fit, parts of the
    /// forward run are computed again from states that are kept (binomial checkpointing): few steps
    /// again, and the same bits. Jacobian::history says what was chosen.
    std::size_t memory = 0;
    /// Where the states are kept; empty: in memory, and part of it. Else in a file without a name there,
    /// one for each rank, which is gone when the program ends, however it does. (A limit on the size of
    /// files, ulimit -f, ends a program that does not ignore SIGXFSZ.) Of use with `memory` alone.
    std::string folder{};
    std::size_t disk = 0;  ///< bytes for the states of a shot in that folder; 0: as many as help
    Storage storage = Storage::full;
    /// Hz, ascending, at most the Nyquist frequency of the kept steps. Where there are some, no steps are kept but the sums
    /// over time of these frequencies, two frames each, and 16 steps on their way: the forward field is replaced by
    ///
    ///     r~(t) = 2/N sum over f of Re( R_f exp(2 pi i f t) ),   R_f = sum over the N kept steps of r(t) exp(-2 pi i f t)
    ///
    /// (1/N at 0 and at the Nyquist frequency), in J as in its adjoint, so that the pair stays exactly adjoint. The gradient
    /// is the sum over f of Re( R_f conj(L_f) ), L_f those of the multipliers. It is not the derivative but its part at these
    /// frequencies: multiples of 1 / (N every dt) are orthogonal and, all of them up to the Nyquist frequency, make the
    /// history of those steps; others leak into each other as those of any record of that length do.
    /// With `every` = 0 steps are kept as often as f and max_frequency ask for, 1.25 (f + max_frequency).
    /// Not with 16 bits, nor with a folder; `memory` bounds it, and refuses what does not fit.
    std::vector<double> frequencies{};
    /// Keeps no steps but a belt of the forward field around the points that no absorbing layer reaches, at every step, as wide
    /// as a step reaches, and runs the field inside it backwards by the same equation, which is symmetric in time: a forward
    /// run more and little memory. For equations of second order without losses: acoustic ones, of variable density too; else
    /// ArgumentError. Rounding grows on the way back, slowly: the pair is adjoint to that, not to the bit, and the
    /// gradient equals that of a kept history to it. Outside, in the layers and in the order / 2 cells before them (twice
    /// as many where a step has two stages), neither J nor its adjoint has anything: they are those of perturbations inside.
    /// Not with 16 bits, frequencies or a folder; `memory` bounds it, and refuses what does not fit.
    bool reversal = false;
};

}  // namespace lop
