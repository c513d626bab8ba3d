/// The factored eikonal equation by fast sweeping.
#include "operators/eikonal.hpp"

#include <lop/core/scalar.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

namespace lop {
namespace {

constexpr double never = std::numeric_limits<double>::infinity();

/// The upwind difference of T along one axis, a u - b in the unknown u of a place; `away` from the
/// neighbour is the sign that it has where the wave comes from there. `beside` u is the difference
/// without a neighbour, at places beside the source; zero elsewhere.
struct Upwind {
    double a = 0, b = 0, away = 0;
    double time = never, step = 0;  // of the neighbour, and the distance to it
    double beside = 0;
};

/// The larger root u of sum (a u - b)^2 = s^2 over the axes of `mask`; never, where there is none, or
/// the wave would not come from all of these neighbours. Along other axes T does not change, but for
/// places beside the source: between them it does, and u does not.
double root_of(const std::array<Upwind, 3>& axes, unsigned mask, double s, double t0) {
    double aa = 0, ab = 0, bb = 0;
    for (unsigned i = 0; i < 3; ++i)
        if (mask >> i & 1) {
            aa += axes[i].a * axes[i].a;
            ab += axes[i].a * axes[i].b;
            bb += axes[i].b * axes[i].b;
        } else aa += axes[i].beside * axes[i].beside;
    const double square = ab * ab - aa * (bb - s * s);
    if (!(square >= 0 && aa > 0)) return never;
    const double u = (ab + std::sqrt(square)) / aa;
    for (unsigned i = 0; i < 3; ++i)
        if (mask >> i & 1) {
            const Upwind& d = axes[i];
            if (!(d.away * (d.a * u - d.b) >= 0 && u * t0 >= d.time)) return never;
        }
    return u;
}

/// The grid as three axes, of which one may have a single place.
class Sweeps {
 public:
    /// In memory for u and T0 of as many values as the grid has places.
    Sweeps(const Grid& grid, const double* slowness, const Point& source, std::vector<double>& u,
           std::vector<double>& t0)
        : slowness_{slowness}, u_{u}, t0_{t0} {
        std::fill(u_.begin(), u_.end(), never);
        for (int a = 0; a < grid.dimension(); ++a) {
            const std::size_t to = static_cast<std::size_t>(a + 3 - grid.dimension());
            n_[to] = grid.shape()[a];
            h_[to] = grid.spacing(a);
            from_[to] = (grid.coordinate(source, a) - grid.origin(a)) / grid.spacing(a);
        }
        stride_ = {n_[1] * n_[2], n_[2], 1};
        start();
    }

    /// Leaves the times in the memory of u.
    void run() {
        bool changed = true;
        while (changed) changed = all_directions();
        for (std::size_t i = 0; i < u_.size(); ++i) u_[i] *= t0_[i];
    }

 private:
    using Place = std::array<index_t, 3>;
    std::size_t index(const Place& p) const {
        return static_cast<std::size_t>(p[0] * stride_[0] + p[1] * stride_[1] + p[2]);
    }
    double offset(const Place& p, std::size_t axis) const {
        return h_[axis] * (static_cast<double>(p[axis]) - from_[axis]);
    }
    /// Within one step of the source along every axis: there the ray is straight.
    bool beside_source(const Place& p) const {
        for (std::size_t a = 0; a < 3; ++a)
            if (!(std::abs(offset(p, a)) < h_[a])) return false;
        return true;
    }
    template <class Work> void over_places(const std::array<bool, 3>& back,
                                           const Work& work) const {
        const auto at = [&](std::size_t a, index_t i) { return back[a] ? n_[a] - 1 - i : i; };
        for (index_t i = 0; i < n_[0]; ++i)
            for (index_t j = 0; j < n_[1]; ++j)
                for (index_t k = 0; k < n_[2]; ++k) work(Place{at(0, i), at(1, j), at(2, k)});
    }

    /// Slowness at the source, linear between places; T0; and u around the source.
    void start() {
        std::array<index_t, 3> below{};
        for (std::size_t a = 0; a < 3; ++a)
            below[a] = std::clamp<index_t>(static_cast<index_t>(from_[a]), 0,
                                           std::max<index_t>(n_[a] - 2, 0));
        for (unsigned corner = 0; corner < 8; ++corner) {
            Place p = below;
            double weight = 1;
            for (std::size_t a = 0; a < 3; ++a) {
                const double part = from_[a] - static_cast<double>(below[a]);
                weight *= corner >> a & 1 ? part : 1 - part;
                p[a] = std::min(p[a] + (corner >> a & 1), n_[a] - 1);
            }
            s0_ += weight * slowness_[index(p)];
        }
        over_places({}, [&](const Place& p) {
            const std::size_t i = index(p);
            t0_[i] = s0_ * std::sqrt(offset(p, 0) * offset(p, 0) + offset(p, 1) * offset(p, 1) +
                                     offset(p, 2) * offset(p, 2));
            if (beside_source(p)) u_[i] = 0.5 * (1 + slowness_[i] / s0_);
        });
    }

    /// One sweep in each direction; whether any time became shorter by more than rounding.
    bool all_directions() {
        bool changed = false;
        for (unsigned d = 0; d < 8; ++d) {
            bool new_one = true;  // an axis of one place has one direction
            std::array<bool, 3> back{};
            for (std::size_t a = 0; a < 3; ++a) {
                back[a] = d >> a & 1;
                if (back[a] && n_[a] == 1) new_one = false;
            }
            if (new_one) over_places(back, [&](const Place& p) { changed = update(p) || changed; });
        }
        return changed;
    }

    bool update(const Place& p) {
        const std::size_t i = index(p);
        if (beside_source(p)) return false;
        std::array<Upwind, 3> axes{};
        unsigned known = 0;
        for (std::size_t a = 0; a < 3; ++a)
            if (upwind(p, a, axes[a])) known |= 1U << a;
        const double found = solve(axes, known, slowness_[i], t0_[i]);
        if (!(found < u_[i] * (1 - 4 * std::numeric_limits<double>::epsilon()))) return false;
        u_[i] = found;
        return true;
    }

    /// The difference to the earlier neighbour along an axis; false, where both have no time.
    bool upwind(const Place& p, std::size_t a, Upwind& d) const {
        const std::size_t i = index(p);
        const double gradient = s0_ * s0_ * offset(p, a) / t0_[i];
        if (std::abs(offset(p, a)) < h_[a]) d.beside = gradient;
        for (const index_t side : {-1, 1}) {
            if (p[a] + side < 0 || p[a] + side >= n_[a]) continue;
            const std::size_t j = i + static_cast<std::size_t>(side * stride_[a]);
            const double time = u_[j] < never ? u_[j] * t0_[j] : never;
            if (!(time < d.time)) continue;
            d.away = static_cast<double>(-side);
            d.time = time;
            d.step = h_[a];
            d.b = d.away * t0_[i] / h_[a] * u_[j];
        }
        if (d.time == never) return false;
        d.a = d.away * t0_[i] / h_[a] + gradient;
        return true;
    }

    /// The earliest of what comes from any of the neighbours: those that the wave does not come from
    /// give no time, or a later one.
    static double solve(const std::array<Upwind, 3>& axes, unsigned known, double s, double t0) {
        double least = never;
        for (unsigned mask = 1; mask < 8; ++mask)
            if ((mask & known) == mask) least = std::min(least, root_of(axes, mask, s, t0));
        if (least < never) return least;
        for (unsigned i = 0; i < 3; ++i)  // along an axis, never too early
            if (known >> i & 1) least = std::min(least, (axes[i].time + s * axes[i].step) / t0);
        return least;
    }

    const double* slowness_;
    std::array<index_t, 3> n_{1, 1, 1}, stride_{};
    std::array<double, 3> h_{1, 1, 1}, from_{};  // spacings, and the source in them
    double s0_ = 0;
    std::vector<double>&u_, &t0_;
};

}  // namespace

FirstArrivals::FirstArrivals(const Grid& grid)
    : grid_{grid},
      u_(static_cast<std::size_t>(grid.size())),
      t0_(static_cast<std::size_t>(grid.size())) {}

const std::vector<double>& FirstArrivals::times(const Point& source, const double* slowness) {
    Sweeps{grid_, slowness, source, u_, t0_}.run();
    return u_;
}

}  // namespace lop
