/// Snapshots: which points and steps are kept, and the run that hands them over.
#include <lop/operators/wave/snapshots.hpp>

#include "frames.hpp"
#include "setup.hpp"
#include <lop/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <type_traits>

namespace lop {
namespace {

[[noreturn]] void refuse(const std::string& expected, const std::string& found) {
    throw ArgumentError{"snapshots of a wavefield", {.expected = expected, .found = found}};
}

/// A value of a list for one axis of several; `otherwise` of an empty list.
template <class V> V along(const std::vector<V>& list, int axis, int dimension, V otherwise) {
    if (list.empty()) return otherwise;
    if (std::ssize(list) != 1 && std::ssize(list) != dimension)
        refuse("one value, or " + std::to_string(dimension) + " along the axes of the model",
               counted(std::ssize(list), "value"));
    return list[list.size() == 1 ? 0 : static_cast<std::size_t>(axis)];
}

std::string name_of(int axis, int dimension) {
    return axis == dimension - 1 ? "z" : axis == 0 ? "x" : "y";
}

/// The index of the point nearest to a coordinate in m, from `lowest` on; outside them: refused.
index_t nearest(const Grid& grid, int axis, double coordinate, index_t lowest, index_t highest) {
    const double index = std::round((coordinate - grid.origin(axis)) / grid.spacing(axis));
    if (index >= static_cast<double>(lowest) && index <= static_cast<double>(highest))
        return static_cast<index_t>(index);
    const auto place = [&](index_t i) {
        return number_words(grid.origin(axis) + static_cast<double>(i) * grid.spacing(axis));
    };
    refuse("points from " + place(lowest) + " to " + place(highest) + " m along " +
               name_of(axis, grid.dimension()),
           number_words(coordinate) + " m");
}

/// What is kept, on the padded grid and in space.
struct View {
    wave::Lattice lattice;
    Grid grid;
    wave::Port port;
    TimeAxis times;
};

template <Scalar T> void set_points(View& view, const Modeling<T>& M, const Snapshots& options) {
    const wave::Engine<T>& engine = *M.setup()->engine;
    const Grid& model = M.medium().grid();
    const auto padded = engine.padded_extents();
    const auto before = engine.padding_before();
    std::vector<index_t> counts;
    std::vector<double> spacing, origin;
    const int dimension = model.dimension();
    for (int axis = 0; axis < dimension; ++axis) {
        const auto k = static_cast<std::size_t>(axis);
        const index_t lowest = options.with_layers ? -before[k] : 0;
        const index_t highest =
            options.with_layers ? padded[k] - before[k] - 1 : model.shape()[axis] - 1;
        const auto end = [&](const std::vector<double>& list, index_t otherwise) {
            const double at =
                along(list, axis, dimension,
                      model.origin(axis) + static_cast<double>(otherwise) * model.spacing(axis));
            return nearest(model, axis, at, lowest, highest);
        };
        const index_t first = end(options.from, lowest);
        const index_t last = end(options.to, highest);
        const index_t stride = along(options.stride, axis, dimension, index_t{1});
        if (stride < 1)
            refuse("every k-th point of the grid, k >= 1", "k = " + std::to_string(stride));
        if (last < first)
            refuse("a box that begins before it ends",
                   "its end first along " + name_of(axis, dimension));
        counts.push_back((last - first) / stride + 1);
        spacing.push_back(model.spacing(axis) * static_cast<double>(stride));
        origin.push_back(model.origin(axis) + static_cast<double>(first) * model.spacing(axis));
        const std::size_t place = axis == dimension - 1 ? 2 : k;
        view.lattice.first[place] = first + before[k];
        view.lattice.stride[place] = stride;
        view.lattice.count[place] = counts.back();
    }
    view.grid = Grid{Shape{std::span<const index_t>{counts}}, spacing, origin};
}

std::string unit_of(const std::string& quantity) {
    if (quantity.starts_with("pressure") || quantity.starts_with("stress")) return "Pa";
    if (quantity.starts_with("velocity")) return "m/s";
    return quantity.starts_with("strain rate") ? "1/s" : "";
}

/// Refuses what is not there.
template <Scalar T> View view_of(const Modeling<T>& M, const Snapshots& options) {
    const wave::ShotSetup<T>& s = *M.setup();
    View view;
    view.port = wave::port_of(s.engine->physics(), wave::Side::receiver, options.quantity);
    set_points(view, M, options);
    if (options.every < 1)
        refuse("every k-th step, k >= 1", "k = " + std::to_string(options.every));
    view.times = {(s.steps.samples - 1) / options.every + 1,
                  s.steps.interval * static_cast<double>(options.every), s.steps.start};
    const index_t shots = s.sources.geometry.shot_count();
    for (const index_t shot : options.shots)
        if (shot < 0 || shot >= shots)
            refuse("shots from 0 to " + std::to_string(shots - 1), "shot " + std::to_string(shot));
    return view;
}

/// The snapshots of a shot while it runs. Ranks that share the shot make and use it together.
template <Scalar T> class Camera {
 public:
    Camera(const wave::Engine<T>& engine, const Snapshots& options, const View& view)
        : domain_{engine.medium().domain()},
          every_{options.every},
          reader_{engine, view.port, view.lattice, options.interpolation} {}

    void open(SnapshotSeries series, const SnapshotSink& sink) {
        const auto speeds = reader_.fastest();
        series.velocity.assign(speeds.begin(), speeds.end());
        domain_.together([&] {
            if (domain_.ranks().root()) writer_ = sink(series);
        });
    }
    void see(index_t n, const wave::FieldSet<T>& fields) {
        if (n % every_ != 0) return;
        const std::vector<T>& values = reader_.read(fields);
        domain_.together([&] {
            if (!writer_) return;
            if constexpr (std::is_same_v<T, float>) return writer_(values.data());
            single_.assign(values.begin(), values.end());
            writer_(single_.data());
        });
    }

 private:
    const wave::Domain& domain_;
    index_t every_;
    wave::FrameReader<T> reader_;
    std::vector<float> single_;
    SnapshotWriter writer_;
};

}  // namespace

template <Scalar T>
SnapshotExtent extent_of(const Modeling<T>& M, const Snapshots& snapshots) {
    const View view = view_of(M, snapshots);
    return {view.times.samples, view.grid};
}

template <Scalar T>
DistributedArray<T> record(const Modeling<T>& M, const DistributedArray<T>& q,
                           const Snapshots& snapshots, const SnapshotSink& sink) {
    detail::check_domain(M, q);
    const View view = view_of(M, snapshots);
    if (!sink) refuse("a sink that takes them", "an empty one");
    const wave::ShotSetup<T>& s = *M.setup();
    const auto is_seen = [&](index_t shot) {
        return snapshots.shots.empty() || std::ranges::count(snapshots.shots, shot) > 0;
    };
    SnapshotSeries series{.together = 0,
                          .quantity = view.port.name,
                          .unit = snapshots.unit.empty() ? unit_of(view.port.name) : snapshots.unit,
                          .grid = view.grid,
                          .times = view.times};
    for (index_t shot = 0; shot < s.sources.geometry.shot_count(); ++shot)
        series.together += is_seen(shot);

    auto d = M.range().zeros();
    for_each_shot(s, 1, [&](index_t shot, wave::ShotWorkspace<T>& w) {
        std::optional<Camera<T>> camera;
        wave::Onlooker<T> onlooker;
        if (is_seen(shot)) {
            series.shot = shot;
            camera.emplace(*s.engine, snapshots, view).open(series, sink);
            onlooker = [&](index_t n, const wave::FieldSet<T>& fields) { camera->see(n, fields); };
        } else if (!snapshots.others) {
            return;
        }
        s.sources.to_steps(shot, q.data(), w.driven);
        const auto run = recording(s, shot, w, {&s.sources.shot(shot), w.driven.data()});
        s.engine->forward({&run, 1}, s.steps.samples, onlooker);
        s.receivers.from_steps(shot, w.recorded, d.data());
    });
    return d;
}

template SnapshotExtent extent_of(const Modeling<float>&, const Snapshots&);
template SnapshotExtent extent_of(const Modeling<double>&, const Snapshots&);
template DistributedArray<float> record(const Modeling<float>&, const DistributedArray<float>&,
                                        const Snapshots&, const SnapshotSink&);
template DistributedArray<double> record(const Modeling<double>&, const DistributedArray<double>&,
                                         const Snapshots&, const SnapshotSink&);

}  // namespace lop
