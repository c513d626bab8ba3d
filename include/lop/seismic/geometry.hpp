/// Where sources and receivers are, shot by shot, and when they are sampled.
#pragma once

#include <lop/distributed/distributed_array.hpp>
#include <lop/distributed/process_grid.hpp>

#include <memory>
#include <vector>

namespace lop {

/// The points of every shot and the time axis of their traces. Shots are shared among the ranks
/// of a communicator, or among groups of them: ranks that work on a shot together hold the same traces. Shots
/// may have unlike numbers of points.
/// A vector of traces over a geometry is an array [all traces x samples], scattered over traces.
/// Copies share one state.
class Geometry {
 public:
    Geometry(std::vector<std::vector<Point>> shots, TimeAxis time,
             const Communicator& communicator = Communicator::world());
    /// The same, with shots shared as given.
    Geometry(std::vector<std::vector<Point>> shots, TimeAxis time, const Communicator& communicator,
             Partition shares);
    /// The same, with as many shots at a time as the first side of a grid of ranks is long; the ranks along its other
    /// sides share each shot (WaveMedium::over).
    Geometry(std::vector<std::vector<Point>> shots, TimeAxis time, const ProcessGrid& ranks);

    index_t shot_count() const { return static_cast<index_t>(state_->shots.size()); }
    index_t trace_count() const { return state_->first_trace.back(); }
    const std::vector<Point>& points(index_t shot) const {
        return state_->shots[static_cast<std::size_t>(shot)];
    }
    /// The number of traces before a shot.
    index_t first_trace(index_t shot) const {
        return state_->first_trace[static_cast<std::size_t>(shot)];
    }
    const TimeAxis& time() const { return state_->time; }
    const Communicator& communicator() const { return state_->layout->communicator; }
    /// Shots over ranks.
    const Partition& shares() const { return state_->shares; }
    /// The shots of this rank: first, and one past the last.
    index_t first_shot() const { return shares().first(communicator().rank()); }
    index_t last_shot() const { return first_shot() + shares().count(communicator().rank()); }

    /// The space of traces over this geometry.
    template <Scalar T> DistributedSpace<T> space() const {
        return DistributedSpace<T>{state_->layout};
    }
    /// The same points, sampled otherwise.
    Geometry with_time(TimeAxis time) const;

    /// Throws GeometryError naming the first shot and point that lie outside the grid.
    void check_inside(const Grid& grid, const char* what) const;
    bool operator==(const Geometry& other) const;

 private:
    struct State {
        std::vector<std::vector<Point>> shots;
        std::vector<index_t> first_trace;
        TimeAxis time;
        Partition shares;
        std::shared_ptr<const detail::DistributedLayout> layout;
    };
    std::shared_ptr<const State> state_;
};

/// Sources and receivers of the same shots.
struct Acquisition {
    Geometry sources;
    Geometry receivers;
};

/// `count` points from `first` to `last`, evenly spaced.
std::vector<Point> line_of_points(Point first, Point last, index_t count);

/// One shot per point of `sources`.
Geometry shots_at(const std::vector<Point>& sources, TimeAxis time,
                  const Communicator& communicator = Communicator::world());

Geometry shots_at(const std::vector<Point>& sources, TimeAxis time, const ProcessGrid& ranks);

/// The same `receivers` for each of `shots` shots.
Geometry fixed_spread(const std::vector<Point>& receivers, index_t shots, TimeAxis time,
                      const Communicator& communicator = Communicator::world());
Geometry fixed_spread(const std::vector<Point>& receivers, index_t shots, TimeAxis time,
                      const ProcessGrid& ranks);

}  // namespace lop
