/// Geometries: bookkeeping of shots and traces.
#include <lop/seismic/geometry.hpp>

#include <lop/core/error.hpp>

#include <cmath>
#include <iomanip>
#include <sstream>

namespace lop {
namespace {

std::string words(const Point& p) {
    std::ostringstream text;
    text << std::setprecision(10) << "(" << p.x << ", " << p.y << ", " << p.z << ") m";
    return text.str();
}

void check_time(const TimeAxis& time) {
    if (time.samples > 0 && time.interval > 0 && std::isfinite(time.interval) &&
        std::isfinite(time.start))
        return;
    throw GeometryError{
        "a geometry's time axis",
        {.expected = "at least one sample, a positive interval and a finite start in s",
         .found = time.str()}};
}

}  // namespace

Geometry::Geometry(std::vector<std::vector<Point>> shots, TimeAxis time,
                   const Communicator& communicator)
    : Geometry{shots, time, communicator,
               Partition::balanced(static_cast<index_t>(shots.size()), communicator.size())} {}

Geometry::Geometry(std::vector<std::vector<Point>> shots, TimeAxis time,
                   const Communicator& communicator, Partition shares) {
    check_time(time);
    const auto count = static_cast<index_t>(shots.size());
    if (!shares.is_over_one_axis() || shares.axis() != 0 || shares.extent() != count ||
        shares.ranks() != communicator.size())
        throw GeometryError{
            "the shares of " + std::to_string(count) + " shots",
            {.expected = "a part for each of " + std::to_string(communicator.size()) + " ranks"}};
    std::vector<index_t> first_trace{0};
    for (const auto& points : shots)
        first_trace.push_back(first_trace.back() + static_cast<index_t>(points.size()));
    std::vector<index_t> traces;
    const Cuts& cuts = *shares.cuts(0);
    for (int part = 0; part < cuts.parts(); ++part)
        traces.push_back(first_trace[static_cast<std::size_t>(cuts.first(part + 1))] -
                         first_trace[static_cast<std::size_t>(cuts.first(part))]);
    const Shape shape{first_trace.back(), time.samples};
    auto layout = std::make_shared<const detail::DistributedLayout>("traces", shape, communicator,
                                                                    shares.with(Cuts{0, traces}));
    state_ = std::make_shared<const State>(State{std::move(shots), std::move(first_trace), time,
                                                 std::move(shares), std::move(layout)});
}

namespace {

/// Over the first side; the ranks along the others hold the same.
Partition over_groups(std::size_t shots, const ProcessGrid& ranks) {
    std::vector<int> axes(static_cast<std::size_t>(ranks.dimension()), -1);
    if (axes.empty())
        throw ArgumentError{"shots over a process grid without sides",
                            {.expected = "shots at a time, and ranks for each of them"}};
    axes[0] = 0;
    return ranks.partition(Shape{static_cast<index_t>(shots)}, axes);
}

}  // namespace

Geometry::Geometry(std::vector<std::vector<Point>> shots, TimeAxis time, const ProcessGrid& ranks)
    : Geometry{shots, time, ranks.communicator(), over_groups(shots.size(), ranks)} {}

Geometry Geometry::with_time(TimeAxis time) const {
    return {state_->shots, time, communicator(), shares()};
}

void Geometry::check_inside(const Grid& grid, const char* what) const {
    for (index_t shot = 0; shot < shot_count(); ++shot)
        for (const Point& point : points(shot))
            if (!grid.contains(point)) {
                std::ostringstream extent;
                extent << std::setprecision(10);
                for (int axis = 0; axis < grid.dimension(); ++axis)
                    extent << (axis > 0 ? ", " : "")
                           << (axis == grid.dimension() - 1 ? "z"
                               : axis == 0                  ? "x"
                                                            : "y")
                           << " " << grid.origin(axis) << " to " << grid.last(axis) << " m";
                throw GeometryError{std::string{"a "} + what + " of shot " + std::to_string(shot) +
                                        " outside the model",
                                    {.expected = extent.str(),
                                     .found = words(point),
                                     .remedy = "extend the model, move its origin, or check the "
                                               "unit of the coordinates"}};
            }
}

bool Geometry::operator==(const Geometry& other) const {
    return state_ == other.state_ ||
           (state_->time == other.state_->time && state_->shots == other.state_->shots &&
            *state_->layout == *other.state_->layout);
}

std::vector<Point> line_of_points(Point first, Point last, index_t count) {
    constexpr index_t most = 1'000'000'000;
    if (count < 0 || count > most)
        throw GeometryError{"a line of " + std::to_string(count) + " points",
                            {.expected = "at most a thousand million", .remedy = "fewer points"}};
    std::vector<Point> points;
    points.reserve(static_cast<std::size_t>(count));
    for (index_t i = 0; i < count; ++i) {
        const double f = count > 1 ? static_cast<double>(i) / static_cast<double>(count - 1) : 0;
        points.push_back({first.x + f * (last.x - first.x), first.y + f * (last.y - first.y),
                          first.z + f * (last.z - first.z)});
    }
    return points;
}

namespace {

std::vector<std::vector<Point>> one_by_one(const std::vector<Point>& sources) {
    std::vector<std::vector<Point>> shots;
    for (const Point& source : sources) shots.push_back({source});
    return shots;
}

}  // namespace

Geometry shots_at(const std::vector<Point>& sources, TimeAxis time,
                  const Communicator& communicator) {
    return {one_by_one(sources), time, communicator};
}

Geometry shots_at(const std::vector<Point>& sources, TimeAxis time, const ProcessGrid& ranks) {
    return {one_by_one(sources), time, ranks};
}

Geometry fixed_spread(const std::vector<Point>& receivers, index_t shots, TimeAxis time,
                      const Communicator& communicator) {
    return {std::vector<std::vector<Point>>(static_cast<std::size_t>(shots), receivers), time,
            communicator};
}

Geometry fixed_spread(const std::vector<Point>& receivers, index_t shots, TimeAxis time,
                      const ProcessGrid& ranks) {
    return {std::vector<std::vector<Point>>(static_cast<std::size_t>(shots), receivers), time,
            ranks};
}

}  // namespace lop
