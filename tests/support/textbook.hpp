/// Finite differences as a textbook writes them, slow and plain: what lop is tested against.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace textbook {

using Series = std::vector<double>;
using Traces = std::vector<Series>;  ///< traces[receiver][time sample]

// ---- Difference weights (Fornberg 1988, Math. Comp. 51, 699-706; centred, equidistant) ----

/// w with  f'(0) = sum over k = 1..R of w[k] (f(k) - f(-k)),  R = order/2;  w[0] = 0.
Series first_difference(int order);
/// w with  f''(0) = w[0] f(0) + sum over k = 1..R of w[k] (f(k) + f(-k)),  R = order/2.
Series second_difference(int order);
/// w with  f'(0) = sum over k = 1..R of w[k] (f(k - 1/2) - f(1/2 - k)),  R = order/2;  w[0] = 0.
Series staggered_difference(int order);

// ---- The acoustic wave equation with constant density:  m u_tt - lap u = f,  m = 1/v^2 ----

/// One term of an interpolation: a cell of the grid (row-major, last index fastest) and its weight.
struct Tap {
    long cell = 0;
    double weight = 1.0;
};

/// measure[n]: the Dirac (in space and time) put in at step n, the sample interval times w(t_n).
struct Source {
    std::vector<Tap> taps;
    Series measure;
};
using Receiver = std::vector<Tap>;

/// The convolutional PML of Pasalic and McGarry (2010), in the outer `cells` cells of the grid.
struct Layer {
    long cells = 20;
    double reflection = 1e-5;
    double frequency = 10.0;  ///< Hz
    double v_max = 0.0;       ///< m/s; 0 takes the largest velocity of the grid
};

/// The medium is the whole grid, its layer included; beyond it u is zero.
/// With a free surface, u vanishes on the plane of index 0 of the last axis, continues
/// antisymmetrically above it, and that side has no layer.
struct Acoustic {
    std::vector<long> shape;      ///< (x, z) or (x, y, z)
    std::vector<double> spacing;  ///< m, one per axis
    Series m;                     ///< s2/m2, one per cell
    double dt = 0.0;              ///< s
    int nt = 0;                   ///< the steps recorded: u at 0, dt, ..., (nt - 1) dt
    int order = 8;                ///< of the differences in space: even, 2 to 16
    Layer layer{};
    bool free_surface = false;
};

/// The memory of the layer on one axis: psi <- b psi + a D1 u; a = b = 0 outside the layer.
struct Profile {
    Series a, b;
};

/// The profiles of axis k, from sigma = sigma_max xi^2, alpha = pi f (1 - xi), xi the
/// depth in the layer over its thickness.
Profile layer_profile(const Acoustic& problem, std::size_t axis);

/// Sees u[n], before the step from n to n + 1.
using Watch = std::function<void(int n, const Series& u)>;

/// The traces u[n], n = 0 .. nt - 1, of
///     u[n+1] = 2 u[n] - u[n-1] + dt^2/m (Lap u[n] + s[n] / (V dt)),   u[0] = u[-1] = 0,
/// where Lap_k u = D2 u + D1 psi + zeta on each axis k, V the volume of a cell.
/// Throws std::invalid_argument where sizes contradict each other.
Traces acoustic(const Acoustic& problem, const std::vector<Source>& sources,
                const std::vector<Receiver>& receivers, const Watch& watch = {});

// ---- A shot record of JUDI on Devito: variable density, sponge ----

/// Band-limited resampling: y(t) = sum over j of x[j] sinc((t - j dt_in)/dt_in), t = i dt_out.
Series sinc_resample(const Series& x, double dt_in, double dt_out, int samples_out);

/// The 99 traces of 667 samples, 0.75 ms apart, of JUDI's model of two layers.
Traces judi_record();

/// Every trace of a SEG-Y file of big-endian IEEE floats (format 5), one length for all.
/// Throws std::runtime_error where the file cannot be read or is of another format.
Traces read_segy_ieee(const std::string& path);

}  // namespace textbook
