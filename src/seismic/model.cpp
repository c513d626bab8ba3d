/// Acoustic models: checks, smoothing, and the built-in section.
#include <lop/seismic/model.hpp>

#include <lop/core/error.hpp>
#include <lop/core/place.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace lop {
namespace {

template <Scalar T>
void check_values(const Grid& grid, const Array<T>& values, const char* name, const char* unit) {
    if (!(values.shape() == grid.shape()))
        throw ModelError{std::string{"a model from an array of "} + name,
                         {.expected = grid.shape().str() + " values, the grid's points",
                          .found = values.shape().str() + " values"}};
    for (index_t i = 0; i < values.size(); ++i) {
        const auto value = static_cast<double>(values[i]);
        if (std::isfinite(value) && value > 0) continue;
        throw ModelError{
            std::string{"a model with a "} + name + " that no medium has",
            {.expected = std::string{"finite, positive values in "} + unit,
             .found = number_words(value) + " at point " + place_words(i, grid.shape()),
             .remedy = "repair the model: mask or interpolate such points"}};
    }
}

/// Convolves along one axis with a normalised Gaussian; the ends are repeated beyond the edges, and so
/// take the weights that lie there.
void gaussian_along(std::vector<double>& values, const Grid& grid, int axis, double length) {
    const double sigma = length / grid.spacing(axis);
    constexpr double most = 1e6;
    if (!(sigma <= most))
        throw ArgumentError{"a model smoothed over " + number_words(length) + " m",
                            {.expected = "at most " + number_words(most * grid.spacing(axis)) +
                                         " m, a million points along axis " + std::to_string(axis),
                             .found = number_words(sigma) + " points"}};
    const auto reach = static_cast<index_t>(std::ceil(4 * sigma));
    std::vector<double> weight(static_cast<std::size_t>(reach + 1));
    double total = 0;
    for (index_t k = 0; k <= reach; ++k) {
        const double u = static_cast<double>(k) / sigma;
        total += (k == 0 ? 1 : 2) * (weight[static_cast<std::size_t>(k)] = std::exp(-0.5 * u * u));
    }
    std::vector<double> beyond = weight;  // the sum of all weights from here on
    for (index_t k = reach; k-- > 0;)
        beyond[static_cast<std::size_t>(k)] += beyond[static_cast<std::size_t>(k + 1)];
    const auto at_or_zero = [reach](const std::vector<double>& w, index_t k) {
        return k <= reach ? w[static_cast<std::size_t>(k)] : 0.0;
    };
    const index_t count = grid.shape()[axis];
    if (count == 1) return;
    const index_t inner = grid.shape().product(axis + 1, grid.dimension());
    const index_t lines = grid.size() / count;
    std::vector<double> line(static_cast<std::size_t>(count));
    for (index_t l = 0; l < lines; ++l) {
        double* at = values.data() + (l / inner) * count * inner + l % inner;
        for (index_t i = 0; i < count; ++i) line[static_cast<std::size_t>(i)] = at[i * inner];
        for (index_t i = 0; i < count; ++i) {
            double sum = line.front() * at_or_zero(beyond, i) +
                         line.back() * at_or_zero(beyond, count - 1 - i);
            const index_t last = std::min(count - 2, i + reach);
            for (index_t k = std::max<index_t>(1, i - reach); k <= last; ++k)
                sum += weight[static_cast<std::size_t>(std::abs(i - k))] *
                       line[static_cast<std::size_t>(k)];
            at[i * inner] = sum / total;
        }
    }
}

template <Scalar T> DistributedArray<T> replicated(Array<T> values, const Communicator& comm) {
    DistributedSpace<T> space{"model", values.shape(), comm};
    auto m = space.uninitialized();
    m.local() = std::move(values);
    return m;
}

}  // namespace

template <Scalar T>
Model<T> Model<T>::from_velocity(const Grid& grid, const Array<T>& velocity,
                                 const Communicator& communicator) {
    check_values(grid, velocity, "velocity", "m/s");
    auto m = Array<T>::uninitialized(grid.shape(), "model");
    for (index_t i = 0; i < m.size(); ++i) {
        const auto v = static_cast<double>(velocity[i]);
        m[i] = static_cast<T>(1 / (v * v));
    }
    return {grid, replicated(std::move(m), communicator)};
}

template <Scalar T>
Model<T> Model<T>::from_slowness_squared(const Grid& grid, const Array<T>& m,
                                         const Communicator& communicator) {
    check_values(grid, m, "squared slowness", "s2/m2");
    return {grid, replicated(Array<T>{m}, communicator)};
}

template <Scalar T> Array<T> Model<T>::velocity() const {
    auto v = Array<T>::uninitialized(grid_.shape(), "velocity");
    for (index_t i = 0; i < v.size(); ++i)
        v[i] = static_cast<T>(1 / std::sqrt(static_cast<double>(m_.data()[i])));
    return v;
}

template <Scalar T> double Model<T>::min_velocity() const {
    return 1 /
           std::sqrt(static_cast<double>(*std::max_element(m_.local().begin(), m_.local().end())));
}

template <Scalar T> double Model<T>::max_velocity() const {
    return 1 /
           std::sqrt(static_cast<double>(*std::min_element(m_.local().begin(), m_.local().end())));
}

template <Scalar T> Model<T> Model<T>::with(const DistributedArray<T>& m) const {
    if (!m.partition().is_replicated() || !(m.communicator() == communicator()))
        throw SpaceError{"a model with another squared slowness",
                         {.expected = m_.describe(), .found = m.describe()}};
    check_values(grid_, m.local(), "squared slowness", "s2/m2");
    return {grid_, m};
}

template <Scalar T> template <Scalar U> Model<U> Model<T>::as() const {
    auto m = Array<U>::uninitialized(grid_.shape(), "model");
    for (index_t i = 0; i < m.size(); ++i) m[i] = static_cast<U>(m_.data()[i]);
    return {grid_, replicated(std::move(m), communicator())};
}

template <Scalar T> Model<T> Model<T>::smoothed(double length, double keep_above) const {
    if (!(length >= 0) || !std::isfinite(length))
        throw ArgumentError{"a model smoothed over " + number_words(length) + " m",
                            {.expected = "a finite length of zero or more"}};
    std::vector<double> slowness(static_cast<std::size_t>(grid_.size()));
    for (std::size_t i = 0; i < slowness.size(); ++i)
        slowness[i] = std::sqrt(static_cast<double>(m_.data()[i]));
    for (int axis = 0; axis < grid_.dimension() && length > 0; ++axis)
        gaussian_along(slowness, grid_, axis, length);
    auto m = m_;
    const index_t nz = grid_.shape()[grid_.dimension() - 1];
    for (index_t i = 0; i < m.size(); ++i) {
        const double depth = grid_.origin(grid_.dimension() - 1) +
                             grid_.depth_spacing() * static_cast<double>(i % nz);
        const double s = slowness[static_cast<std::size_t>(i)];
        if (depth >= keep_above || keep_above == 0) m.data()[i] = static_cast<T>(s * s);
    }
    return {grid_, std::move(m)};
}

// ---- the built-in section ---------------------------------------------------------------------

namespace {

/// Velocity in m/s at relative position (x, z) in [0, 1]^2, z counted from the sea floor.
double section_velocity(double x, double z) {
    using std::numbers::pi;
    // A normal fault that dips to the right: its hanging wall is thrown down.
    const double fault = 0.52 + 0.22 * z;
    const double thrown = x > fault ? z - 0.075 : z;
    // A broad fold and a gentle dip bend the layers, more so at depth.
    const double fold = 0.05 * std::sin(2 * pi * (1.3 * x + 0.1)) + 0.06 * (x - 0.5);
    const double level = thrown + fold * std::min(1.0, 0.3 + thrown);
    constexpr double tops[] = {0.12, 0.24, 0.35, 0.47, 0.60, 0.74};
    constexpr double speeds[] = {1750, 2000, 1900, 2300, 2550, 2450, 3000};
    std::size_t layer = 0;
    while (layer < std::size(tops) && level > tops[layer]) ++layer;
    // A fast lens in the left half.
    const double a = (x - 0.27) / 0.13;
    const double b = (z - 0.52) / 0.06;
    if (a * a + b * b < 1) return 3300;
    return speeds[layer] + 150 * z;
}

}  // namespace

template <Scalar T> Array<T> synthetic_velocity(const Grid& grid, double water_depth) {
    auto v = Array<T>::uninitialized(grid.shape(), "velocity");
    const int depth_axis = grid.dimension() - 1;
    const index_t nz = grid.shape()[depth_axis];
    const index_t column_stride = grid.shape().product(1, grid.dimension());
    const double width = std::max(grid.last(0) - grid.origin(0), grid.spacing(0));
    const double depth = std::max(grid.last(depth_axis) - water_depth, grid.spacing(depth_axis));
    constexpr double water = 1500;
    for (index_t i = 0; i < v.size(); ++i) {
        const double x = grid.spacing(0) * static_cast<double>(i / column_stride) / width;
        const double z = grid.origin(depth_axis) +
                         grid.spacing(depth_axis) * static_cast<double>(i % nz) - water_depth;
        v[i] = static_cast<T>(z < 0 ? water : section_velocity(x, z / depth));
    }
    return v;
}

template class Model<float>;
template class Model<double>;
template Model<float> Model<float>::as<float>() const;
template Model<double> Model<float>::as<double>() const;
template Model<float> Model<double>::as<float>() const;
template Model<double> Model<double>::as<double>() const;
template Array<float> synthetic_velocity(const Grid&, double);
template Array<double> synthetic_velocity(const Grid&, double);

}  // namespace lop
