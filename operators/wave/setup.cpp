/// Placing points and resampling traces for the engine.
#include "setup.hpp"

#include "apertures.hpp"
#include <lop/core/error.hpp>

#include <algorithm>
#include <cassert>
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

Port port_for(const Physics& physics, Side side, const ProjectionOptions& options) {
    Port port = port_of(physics, side, options.quantity);
    if (!options.derivative_along) return port;
    const Axis axis = *options.derivative_along;
    if (axis == Axis::y && physics.dimension == 2)
        throw ArgumentError{"a derivative along y", {.expected = "x or z, as the model has no y"}};
    for (int i = 0; i < port.parts.count; ++i) {
        if (port.parts[i].derivative >= 0)
            throw ArgumentError{std::string{"a derivative of '"} + port.name + "'",
                                {.expected = "of a quantity that is not one already"}};
        port.parts[i].derivative = axis == Axis::z   ? physics.dimension - 1
                                   : axis == Axis::y ? 1
                                                     : 0;
    }
    return port;
}

namespace {

/// In intervals of the padded grid. Points a hair outside, as rounded coordinates are, belong to the edge.
std::array<double, 3> padded_position(const Grid& grid, const std::array<index_t, 3>& before,
                                      const Point& point) {
    std::array<double, 3> position{};
    for (int axis = 0; axis < grid.dimension(); ++axis) {
        const auto a = static_cast<std::size_t>(axis);
        const double inside =
            std::clamp((grid.coordinate(point, axis) - grid.origin(axis)) / grid.spacing(axis), 0.0,
                       static_cast<double>(grid.shape()[axis] - 1));
        position[a] = inside + static_cast<double>(before[a]);
    }
    return position;
}

}  // namespace

template <class T>
PlacedPoints place_points(const Engine<T>& engine, const Grid& grid,
                          const std::vector<Point>& points, index_t first_trace, const Port& port,
                          const ProjectionOptions& options) {
    const auto before = engine.padding_before();
    PlacedPoints placed;
    for (const Part& part : port.parts) placed.parts.push_back({part, {}});
    for (PlacedPart& part : placed.parts) {
        const PointGrid field = engine.point_grid(part.part.field);
        const auto append = [&](PointSet& set, const Point& point) {
            append_point(set, field, padded_position(grid, before, point), options.interpolation,
                         part.part.derivative);
        };
        index_t trace = first_trace;
        for (const Point& point : points) {
            const Aperture* aperture = aperture_of(options.apertures, trace++);
            if (!aperture) {
                append(part.points, point);
                continue;
            }
            PointSet several;
            for (const Point& one : points_at(*aperture, point)) append(several, one);
            append_sum(part.points, several, *aperture);
        }
    }
    return placed;
}

template <class T>
PlacedGeometry<T>::PlacedGeometry(const Geometry& geometry_, const ProjectionOptions& options,
                                  Side side, const Engine<T>& engine, const Grid& grid,
                                  const TimeAxis& steps)
    : geometry{geometry_}, kernel{steps, geometry_.time()} {
    check_apertures_inside(options.apertures, geometry, grid,
                           side == Side::source ? "source" : "receiver");
    const Port port = port_for(engine.physics(), side, options);
    for (index_t shot = geometry.first_shot(); shot < geometry.last_shot(); ++shot)
        points.push_back(place_points(engine, grid, geometry.points(shot),
                                      geometry.first_trace(shot), port, options));
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

std::vector<index_t> counts_of(const Cuts& cuts) {
    std::vector<index_t> counts;
    for (int part = 0; part < cuts.parts(); ++part) counts.push_back(cuts.count(part));
    return counts;
}

template <class T>
Partition shares_of_grids(const WaveMedium<T>& medium, const Geometry& shots, int axis) {
    const Partition& shares = shots.shares();
    if (!medium.domain().is_cut()) return shares;
    const Partition& planes = medium.parameters().partition();
    const int ranks = medium.communicator().size();
    if (shares.cuts(0) && shots.communicator().size() == ranks) {
        const Partition of_shots = Partition::given(counts_of(*shares.cuts(0)));
        const Partition of_planes = Partition::given(counts_of(*planes.cuts(planes.axis())), axis);
        for (const Partition& both : {of_shots * of_planes, of_planes * of_shots}) {
            bool fits = both.ranks() == ranks;
            for (int rank = 0; fits && rank < ranks; ++rank)
                fits = both.part(rank, 0) == shares.part(rank, 0) &&
                       both.part(rank, axis) == planes.part(rank, planes.axis());
            if (fits) return both;
        }
    }
    throw GeometryError{
        "arrays over shots and over a model that ranks share",
        {.expected = "ranks in a grid, shots along one side and planes along the other",
         .found = "shots " + shares.str(shots.communicator().size()) + ", and " +
                  medium.parameters().describe(),
         .remedy = "the same process grid for geometries and medium.over(ranks)"}};
}

template <class T>
std::shared_ptr<const Halo<T>> filled_planes(const Engine<T>& engine,
                                             const DistributedSpace<T>& space, int axis) {
    const Medium<T>& medium = engine.medium();
    if (!medium.domain().is_cut()) return {};
    const index_t radius = medium.radius();
    auto halo = std::make_shared<const Halo<T>>(
        space, std::vector<AxisHalo>{{axis, radius, radius, Ends::clipped}});
    assert(halo->range().scratch()->size() * engine.model_size() ==
           space.scratch()->size() * engine.filled_size());
    return halo;
}

template Partition shares_of_grids(const WaveMedium<float>&, const Geometry&, int);
template Partition shares_of_grids(const WaveMedium<double>&, const Geometry&, int);
template std::shared_ptr<const Halo<float>> filled_planes(const Engine<float>&,
                                                          const DistributedSpace<float>&, int);
template std::shared_ptr<const Halo<double>> filled_planes(const Engine<double>&,
                                                           const DistributedSpace<double>&, int);
template std::optional<Halo<float>> planes_within_reach(const WaveMedium<float>&, int);
template std::optional<Halo<double>> planes_within_reach(const WaveMedium<double>&, int);
template PlacedPoints place_points(const Engine<float>&, const Grid&, const std::vector<Point>&,
                                   index_t, const Port&, const ProjectionOptions&);
template PlacedPoints place_points(const Engine<double>&, const Grid&, const std::vector<Point>&,
                                   index_t, const Port&, const ProjectionOptions&);
template struct PlacedGeometry<float>;
template struct PlacedGeometry<double>;

}  // namespace lop::wave
