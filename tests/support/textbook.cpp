/// Difference weights, the acoustic equation with a PML, and JUDI's record, as a textbook has them.
#include "textbook.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <numbers>
#include <stdexcept>
#include <utility>

namespace textbook {

using std::numbers::pi;

// ---- Difference weights ----

namespace {

double factorial(int n) { return n < 2 ? 1.0 : n * factorial(n - 1); }

/// (-1)^(k+1) (R!)^2 / ((R - k)! (R + k)!)
double alternating_ratio(int R, int k) {
    const double sign = k % 2 == 1 ? 1.0 : -1.0;
    return sign * factorial(R) * factorial(R) / (factorial(R - k) * factorial(R + k));
}

int radius(int order) {
    if (order < 2 || order > 16 || order % 2 != 0)
        throw std::invalid_argument("textbook: the order of a difference is even, from 2 to 16");
    return order / 2;
}

}  // namespace

Series first_difference(int order) {
    const int R = radius(order);
    Series w(R + 1, 0.0);
    for (int k = 1; k <= R; ++k) w[k] = alternating_ratio(R, k) / k;
    return w;
}

Series second_difference(int order) {
    const int R = radius(order);
    Series w(R + 1, 0.0);
    for (int k = 1; k <= R; ++k) {
        w[k] = 2.0 * alternating_ratio(R, k) / (k * k);
        w[0] -= 2.0 * w[k];
    }
    return w;
}

Series staggered_difference(int order) {
    const int R = radius(order);
    double odd = 1.0;  // (2R - 1)!! / 2^(R - 1)
    for (int k = 2; k <= R; ++k) odd *= (2 * k - 1) / 2.0;
    Series w(R + 1, 0.0);
    for (int k = 1; k <= R; ++k) {
        const double sign = k % 2 == 1 ? 1.0 : -1.0;
        w[k] = sign * odd * odd /
               (factorial(R + k - 1) * factorial(R - k) * (2 * k - 1) * (2 * k - 1));
    }
    return w;
}

// ---- The acoustic wave equation with constant density ----

namespace {

/// The cells along one axis: cell i of line (outer, inner) is (outer * n + i) * stride + inner.
struct Axis {
    long n = 0;
    long stride = 1;
    long outer = 1;
    double h = 1.0;
    bool mirror = false;  ///< odd images below index 0
    Profile layer;
    Series psi, zeta;  ///< over the whole grid, zero outside the layer
};

long size_of(const std::vector<long>& shape) {
    long cells = 1;
    for (long n : shape) cells *= n;
    return cells;
}

void check(const Acoustic& p, const std::vector<Source>& sources,
           const std::vector<Receiver>& receivers) {
    const auto refuse = [](const char* why) { throw std::invalid_argument(why); };
    if (p.shape.empty() || p.shape.size() != p.spacing.size())
        refuse("textbook: one spacing per axis");
    for (std::size_t k = 0; k < p.shape.size(); ++k) {
        const bool surface = p.free_surface && k + 1 == p.shape.size();
        if (p.shape[k] < 1) refuse("textbook: an axis has no cell");
        if (p.shape[k] < (surface ? 1 : 2) * p.layer.cells)
            refuse("textbook: the layers of an axis overlap");
    }
    const long cells = size_of(p.shape);
    if (static_cast<long>(p.m.size()) != cells) refuse("textbook: m has one value per cell");
    const auto outside = [&](const Tap& tap) { return tap.cell < 0 || tap.cell >= cells; };
    for (const auto& s : sources)
        if (std::ranges::any_of(s.taps, outside))
            refuse("textbook: a source lies outside the grid");
    for (const auto& r : receivers)
        if (std::ranges::any_of(r, outside)) refuse("textbook: a receiver lies outside the grid");
}

std::vector<Axis> axes_of(const Acoustic& p) {
    std::vector<Axis> axes(p.shape.size());
    const long cells = size_of(p.shape);
    long stride = 1;
    for (std::size_t k = axes.size(); k-- > 0;) {
        Axis& axis = axes[k];
        axis.n = p.shape[k];
        axis.stride = stride;
        stride *= axis.n;
        axis.outer = cells / stride;
        axis.h = p.spacing[k];
        axis.mirror = p.free_surface && k + 1 == axes.size();
        axis.layer = layer_profile(p, k);
        axis.psi.assign(cells, 0.0);
        axis.zeta.assign(cells, 0.0);
    }
    return axes;
}

/// One line of f, from cell `first` on, with R more cells at both ends: zero, or below index 0 the
/// image of parity `image` (-1: odd). Cell i of the line is line[R + i].
void take_line(const Series& f, const Axis& axis, long first, long R, double image, Series& line) {
    line.assign(axis.n + 2 * R, 0.0);
    for (long i = 0; i < axis.n; ++i) line[R + i] = f[first + i * axis.stride];
    if (!axis.mirror) return;
    for (long k = 1; k <= std::min(R, axis.n - 1); ++k) line[R - k] = image * line[R + k];
}

/// w[0] f(0) + sum over k of w[k] (f(k) + parity f(-k)) about position i.
double difference(const Series& w, double parity, const Series& line, long i) {
    double sum = w[0] * line[i];
    for (long k = 1; k < std::ssize(w); ++k) sum += w[k] * (line[i + k] + parity * line[i - k]);
    return sum;
}

/// lap += Lap_k u on one axis, and one step of the memory of its layer.
void add_second_derivative(const Series& d1, const Series& d2, const Series& u, Axis& axis,
                           Series& lap) {
    const double h = axis.h;
    const long R = std::ssize(d1) - 1;
    const auto& [a, b] = axis.layer;
    Series u_line, psi_line;
    for (long outer = 0; outer < axis.outer; ++outer) {
        for (long inner = 0; inner < axis.stride; ++inner) {
            const long first = outer * axis.n * axis.stride + inner;
            take_line(u, axis, first, R, -1.0, u_line);
            for (long i = 0; i < axis.n; ++i) {
                if (a[i] == 0.0) continue;
                double& psi = axis.psi[first + i * axis.stride];
                psi = b[i] * psi + a[i] * difference(d1, -1.0, u_line, R + i) / h;
            }
            // psi, a slope, is even about a surface where u is odd.
            take_line(axis.psi, axis, first, R, 1.0, psi_line);
            for (long i = 0; i < axis.n; ++i) {
                const double stretched = difference(d2, 1.0, u_line, R + i) / (h * h) +
                                         difference(d1, -1.0, psi_line, R + i) / h;
                double& zeta = axis.zeta[first + i * axis.stride];
                zeta = b[i] * zeta + a[i] * stretched;
                lap[first + i * axis.stride] += stretched + zeta;
            }
        }
    }
}

}  // namespace

Profile layer_profile(const Acoustic& p, std::size_t axis) {
    const long n = p.shape[axis];
    const long cells = p.layer.cells;
    const double v = p.layer.v_max > 0.0
                         ? p.layer.v_max
                         : 1.0 / std::sqrt(*std::min_element(p.m.begin(), p.m.end()));
    const double thickness = static_cast<double>(cells) * p.spacing[axis];
    const double sigma_max = -3.0 * v * std::log(p.layer.reflection) / (2.0 * thickness);
    const bool surface = p.free_surface && axis + 1 == p.shape.size();
    Profile profile{Series(n, 0.0), Series(n, 0.0)};
    for (long i = 0; i < n; ++i) {
        const long low = surface ? 0 : cells - i;  // how many cells deep into the layer at index 0
        const long high = i - (n - cells) + 1;     // and into the one at the far end
        const long deep = std::max(low, high);
        if (deep <= 0) continue;
        const double xi = static_cast<double>(deep) / static_cast<double>(cells);
        const double sigma = sigma_max * xi * xi;
        const double alpha = pi * p.layer.frequency * (1.0 - xi);
        profile.b[i] = std::exp(-(sigma + alpha) * p.dt);
        profile.a[i] = sigma / (sigma + alpha) * (profile.b[i] - 1.0);
    }
    return profile;
}

Traces acoustic(const Acoustic& p, const std::vector<Source>& sources,
                const std::vector<Receiver>& receivers, const Watch& watch) {
    check(p, sources, receivers);
    const Series d1 = first_difference(p.order);
    const Series d2 = second_difference(p.order);
    std::vector<Axis> axes = axes_of(p);
    const long cells = size_of(p.shape);
    double volume = 1.0;
    for (double h : p.spacing) volume *= h;

    Series past(cells, 0.0), u(cells, 0.0), lap(cells, 0.0);
    Traces traces(receivers.size(), Series(p.nt, 0.0));
    for (int n = 0; n < p.nt; ++n) {
        if (watch) watch(n, u);
        for (std::size_t r = 0; r < receivers.size(); ++r)
            for (const Tap& tap : receivers[r]) traces[r][n] += tap.weight * u[tap.cell];
        std::fill(lap.begin(), lap.end(), 0.0);
        for (Axis& axis : axes) add_second_derivative(d1, d2, u, axis, lap);
        for (const Source& s : sources) {
            if (n >= static_cast<int>(s.measure.size())) continue;
            for (const Tap& tap : s.taps)
                lap[tap.cell] += tap.weight * s.measure[n] / (volume * p.dt);
        }
        for (long i = 0; i < cells; ++i)
            past[i] = 2.0 * u[i] - past[i] + p.dt * p.dt / p.m[i] * lap[i];
        if (p.free_surface)
            for (long i = 0; i < cells; i += p.shape.back()) past[i] = 0.0;
        std::swap(past, u);
    }
    return traces;
}

// ---- A shot record of JUDI on Devito ----

namespace {

// Units of this section: m, ms, kHz, g/cm3; km/s is m/ms.
constexpr int pad = 40;  // cells around the model
constexpr int cells = 101 + 2 * pad;
constexpr double h = 10.0;    // m
constexpr double dt = 1.479;  // ms
constexpr int steps = 338;
constexpr int order = 8;
constexpr double dt_record = 0.75;  // ms
constexpr int samples = 667;

constexpr int at(int ix, int iz) { return ix * cells + iz; }

/// Velocity 1.5 km/s above row 50 of the model, 3.5 km/s from there on.
double velocity(int iz) { return iz < pad + 50 ? 1.5 : 3.5; }

/// The damping of one axis: 1.5 ln(1000)/37 (p - sin(2 pi p)/(2 pi))/h, p = (38 - i)/37,
/// i = 0 .. 36.
Series sponge() {
    Series damp(cells, 0.0);
    for (int i = 0; i < 37; ++i) {
        const double p = (38 - i) / 37.0;
        const double value =
            1.5 * std::log(1000.0) / 37.0 * (p - std::sin(2 * pi * p) / (2 * pi)) / h;
        damp[i] += value;
        damp[cells - 1 - i] += value;
    }
    return damp;
}

/// The staggered difference of f on the axis of this stride: at i + 1/2 (shift 1), i - 1/2 (0).
double half_difference(const Series& w, const Series& f, int cell, int i, int stride, int shift) {
    const auto value = [&](int j) {
        return i + j < 0 || i + j >= cells ? 0.0 : f[cell + j * stride];
    };
    double sum = 0.0;
    for (int k = 1; k < static_cast<int>(w.size()); ++k)
        sum += w[k] * (value(k - 1 + shift) - value(shift - k));
    return sum / h;
}

/// D-( b D+ u ), summed over both axes.
Series divergence_of_flux(const Series& w, const Series& b, const Series& u) {
    Series flux_x(u.size()), flux_z(u.size()), result(u.size());
    for (int ix = 0; ix < cells; ++ix) {
        for (int iz = 0; iz < cells; ++iz) {
            const int i = at(ix, iz);
            flux_x[i] = b[i] * half_difference(w, u, i, ix, cells, 1);
            flux_z[i] = b[i] * half_difference(w, u, i, iz, 1, 1);
        }
    }
    for (int ix = 0; ix < cells; ++ix) {
        for (int iz = 0; iz < cells; ++iz) {
            const int i = at(ix, iz);
            result[i] = half_difference(w, flux_x, i, ix, cells, 0) +
                        half_difference(w, flux_z, i, iz, 1, 0);
        }
    }
    return result;
}

/// A Ricker wavelet of 15 Hz that peaks at its period, sampled as the record is, at the time step.
Series judi_wavelet() {
    Series w(samples);
    for (int i = 0; i < samples; ++i) {
        const double r = pi * 0.015 * (i * dt_record - 1 / 0.015);
        w[i] = (1 - 2 * r * r) * std::exp(-r * r);
    }
    return sinc_resample(w, dt_record, dt, steps);
}

}  // namespace

Series sinc_resample(const Series& x, double dt_in, double dt_out, int samples_out) {
    Series y(samples_out, 0.0);
    for (int i = 0; i < samples_out; ++i) {
        for (std::size_t j = 0; j < x.size(); ++j) {
            const double t = pi * (i * dt_out / dt_in - static_cast<double>(j));
            y[i] += x[j] * (t == 0.0 ? 1.0 : std::sin(t) / t);
        }
    }
    return y;
}

/// With m = 1/v^2, b = 1/rho, rho = (v + 0.5)/2, and the damping d, summed over the axes:
///     u+ = (m b/dt^2 (2 u - u-) + d/dt u + D-(b D+ u)) / (m b/dt^2 + d/dt),
/// then u+ at the source, 25 cells along and 2 down, += w dt^2/(m b). The receivers, at every cell
/// from 1 to 99 and 5 down, record u before the update; the steps are 1 to nt - 2.
Traces judi_record() {
    const Series difference = staggered_difference(order);
    const Series damp = sponge();
    const Series wavelet = judi_wavelet();
    Series b(cells * cells), mb(cells * cells);
    for (int ix = 0; ix < cells; ++ix) {
        for (int iz = 0; iz < cells; ++iz) {
            const double v = velocity(iz);
            b[at(ix, iz)] = 1.0 / ((v + 0.5) / 2);
            mb[at(ix, iz)] = b[at(ix, iz)] / (v * v);
        }
    }
    const int source = at(pad + 25, pad + 2);
    Series past(cells * cells, 0.0), u(cells * cells, 0.0);
    Traces steps_of(99, Series(steps, 0.0));
    for (int n = 1; n <= steps - 2; ++n) {
        for (int r = 0; r < 99; ++r) steps_of[r][n] = u[at(pad + 1 + r, pad + 5)];
        const Series div = divergence_of_flux(difference, b, u);
        for (int ix = 0; ix < cells; ++ix) {
            for (int iz = 0; iz < cells; ++iz) {
                const int i = at(ix, iz);
                const double inertia = mb[i] / (dt * dt);
                const double friction = (damp[ix] + damp[iz]) / dt;
                past[i] = (inertia * (2 * u[i] - past[i]) + friction * u[i] + div[i]) /
                          (inertia + friction);
            }
        }
        past[source] += wavelet[n] * dt * dt / mb[source];
        std::swap(past, u);
    }
    Traces record;
    for (const Series& trace : steps_of)
        record.push_back(sinc_resample(trace, dt, dt_record, samples));
    return record;
}

Traces read_segy_ieee(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
    const auto big_endian = [&](std::size_t offset, int count) {
        std::uint32_t value = 0;
        for (int i = 0; i < count; ++i)
            value = value << 8 | static_cast<unsigned char>(bytes.at(offset + i));
        return value;
    };
    if (bytes.size() < 3600) throw std::runtime_error(path + ": no SEG-Y file");
    const std::size_t count = big_endian(3220, 2);  // samples per trace
    if (big_endian(3224, 2) != 5)
        throw std::runtime_error(path + ": the samples are not IEEE floats");
    Traces traces;
    for (std::size_t begin = 3600 + 240; begin + 4 * count <= bytes.size();
         begin += 240 + 4 * count) {
        Series trace(count);
        for (std::size_t i = 0; i < count; ++i)
            trace[i] = std::bit_cast<float>(big_endian(begin + 4 * i, 4));
        traces.push_back(trace);
    }
    return traces;
}

}  // namespace textbook
