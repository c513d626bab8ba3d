/// Placing points and resampling traces for the engine.
#include "setup.hpp"

#include <lop/core/error.hpp>

#include <algorithm>
#include <string>

namespace lop::wave {

const Port& port_of(const Physics& physics, Side side, const std::string& quantity) {
    const Port* first = side == Side::source ? physics.sources.begin() : physics.receivers.begin();
    const Port* last = side == Side::source ? physics.sources.end() : physics.receivers.end();
    std::string known;
    for (const Port* port = first; port != last; ++port) {
        if (quantity.empty() || quantity == port->name) return *port;
        known += (port == first ? "" : ", ") + std::string{port->name};
    }
    throw ArgumentError{std::string{side == Side::source ? "a source" : "a receiver"} +
                            " of the quantity '" + quantity + "'",
                        {.expected = "one that the wave equation has: " + known}};
}

template <class T>
PlacedPoints place_points(const Engine<T>& engine, const Grid& grid,
                          const std::vector<Point>& points, const Port& port,
                          lop::Interpolation interpolation) {
    const auto before = engine.padding_before();
    PlacedPoints placed;
    for (const Part& part : port.parts) placed.parts.push_back({part, {}});
    for (const Point& point : points) {
        std::array<double, 3> position{};
        for (int axis = 0; axis < grid.dimension(); ++axis) {
            const auto a = static_cast<std::size_t>(axis);
            // Points a hair outside, as rounded coordinates are, belong to the edge.
            const double inside =
                std::clamp((grid.coordinate(point, axis) - grid.origin(axis)) / grid.spacing(axis),
                           0.0, static_cast<double>(grid.shape()[axis] - 1));
            position[a] = inside + static_cast<double>(before[a]);
        }
        for (PlacedPart& part : placed.parts)
            append_point(part.points, engine.point_grid(part.part.field), position, interpolation);
    }
    return placed;
}

template <class T>
PlacedGeometry<T>::PlacedGeometry(const Geometry& geometry_, const ProjectionOptions& options,
                                  Side side, const Engine<T>& engine, const Grid& grid,
                                  const TimeAxis& steps)
    : geometry{geometry_}, kernel{steps, geometry_.time()} {
    const Port& port = port_of(engine.physics(), side, options.quantity);
    for (index_t shot = geometry.first_shot(); shot < geometry.last_shot(); ++shot)
        points.push_back(
            place_points(engine, grid, geometry.points(shot), port, options.interpolation));
}

template <class T>
void PlacedGeometry<T>::to_steps(index_t s, const T* traces, std::vector<T>& series) const {
    const index_t count = shot(s).size();
    const index_t from = kernel.to_samples();
    const index_t to = kernel.from_samples();
    series.resize(static_cast<std::size_t>(count * to));
    const T* first = traces + trace_offset(s) * from;
    T* out = series.data();
#pragma omp parallel for schedule(static)
    for (index_t p = 0; p < count; ++p) kernel.adjoint(first + p * from, out + p * to);
}

template <class T>
void PlacedGeometry<T>::from_steps(index_t s, const std::vector<T>& series, T* traces) const {
    const index_t count = shot(s).size();
    const index_t from = kernel.from_samples();
    const index_t to = kernel.to_samples();
    T* first = traces + trace_offset(s) * to;
    const T* in = series.data();
#pragma omp parallel for schedule(static)
    for (index_t p = 0; p < count; ++p) kernel.forward(in + p * from, first + p * to);
}

template <class T>
std::optional<Halo<T>> planes_within_reach(const WaveMedium<T>& medium, int order) {
    if (!medium.domain().is_cut()) return {};
    const int axis = medium.parameters().partition().axis();
    const index_t reach = reach_of_parameters(order / 2);
    return Halo<T>{medium.space(), {{axis, reach, reach, Ends::clipped}}};
}

template std::optional<Halo<float>> planes_within_reach(const WaveMedium<float>&, int);
template std::optional<Halo<double>> planes_within_reach(const WaveMedium<double>&, int);
template PlacedPoints place_points(const Engine<float>&, const Grid&, const std::vector<Point>&,
                                   const Port&, lop::Interpolation);
template PlacedPoints place_points(const Engine<double>&, const Grid&, const std::vector<Point>&,
                                   const Port&, lop::Interpolation);
template struct PlacedGeometry<float>;
template struct PlacedGeometry<double>;

}  // namespace lop::wave
