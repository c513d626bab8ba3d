/// Whole runs of one shot of every wave equation: points per second, beside what memory would allow.
///
/// Usage: [mpirun -n 2] bench_waves [--rows acoustic3d,..] [--orders 4,8,16] [--grid N] [--steps N] [--repeat N]
///                                  [--layers N]
/// Threads by OMP_NUM_THREADS; ranks share the shot. Prints one JSON object a row, as peers_waves.py does for Devito.
/// Points count the grid, whose outer cells are the absorbing layers. `bytes` is what a step must move for a point, if
/// neighbours come from caches: every field and coefficient that a stage reads, and every field that it writes, once;
/// `of_bound` the share of bandwidth / bytes that is reached, where the fields do not fit a cache.
#include "operators/wave/shot.hpp"
#include "tests/benchmarks/bandwidth.hpp"
#include <lop/operators/wave/equations.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <sys/resource.h>
#include <vector>

namespace {

using lop::index_t;
using namespace lop::wave;
using Clock = std::chrono::steady_clock;

struct Options {
    std::vector<std::string> rows;
    std::vector<int> orders{4, 8, 16};
    index_t grid = 0, steps = 0, layers = 20;
    int repeat = 5;
};

double seconds_since(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

/// A field of a temporary is not read before it is written; one of two levels is read at both, where it has a past.
index_t bytes_of(const Stage& stage, const StageSlots& slots) {
    index_t values = slots.fields.count + stage.updates.count;
    for (const StageShape::UpdateShape& u : slots.shape.updates) {
        bool is_read = u.own != Gain::zero;
        for (const Derivative& d : slots.shape.derivatives)
            for (const SignedField& source : d.sources) is_read = is_read || source.field == u.slot;
        values += (u.takes_turns && u.before != Gain::zero ? 1 : 0) - (is_read ? 0 : 1);
    }
    for (int c = 0; c < slots.coefficients.count; ++c) values += slots.shape.is_uniform[c] ? 0 : 1;
    return values * static_cast<index_t>(sizeof(float));
}

index_t bytes_of(const Engine<float>& engine) {
    index_t bytes = 0;
    for (const auto& stage : engine.medium().forward().stages)
        bytes += bytes_of(*stage.stage, stage.slots);
    return bytes;
}

/// A shot in the middle of a uniform medium, with a hundred receivers.
class Shot {
 public:
    Shot(const Equation<float>& equation, int dimension, index_t points, int order,
         const std::vector<double>& values, const std::vector<double>& settings, index_t layers)
        : points_{points} {
        Problem problem;
        problem.dimension = dimension;
        for (std::size_t axis = 0; axis < static_cast<std::size_t>(dimension); ++axis) {
            problem.extents[axis] = points;
            problem.spacing[axis] = 10;
        }
        problem.order = order;
        problem.settings = settings;
        problem.layer = {.cells = layers, .inside = true};
        problem.dt =
            0.6 * stable_time_step(UniformMedium{equation.physics, equation.forward, values,
                                                 settings, order, problem.spacing});
        const lop::Communicator world = lop::Communicator::world();
        const Domain domain =
            world.size() == 1
                ? Domain{}
                : Domain{world, *lop::Partition::balanced(points, world.size()).cuts(0)};
        const index_t held = lay_out(problem, order / 2, sizeof(float), domain).held_size();
        std::vector<float> parameters;
        for (const double value : values)
            parameters.insert(parameters.end(), static_cast<std::size_t>(held),
                              static_cast<float>(value));
        engine = std::make_unique<Engine<float>>(equation, problem, parameters.data(), domain);
        sources_ = place(engine->physics().sources[0], 1);
        receivers_ = place(engine->physics().receivers[0], 100);
    }

    void run(index_t steps) {
        source_.assign(static_cast<std::size_t>(steps), 0.0F);
        source_[0] = 1;
        traces_.resize(static_cast<std::size_t>(100 * steps));
        engine->forward(workspace_, {&sources_, source_.data()}, {&receivers_, traces_.data()},
                        steps);
    }

    std::unique_ptr<Engine<float>> engine;

 private:
    PlacedPoints place(const Port& port, int count) const {
        PlacedPoints placed;
        for (const Part& part : port.parts) placed.parts.push_back({part, {}});
        for (int i = 0; i < count; ++i)
            for (PlacedPart& part : placed.parts) {
                const double middle = static_cast<double>(points_ - 1) / 2;
                const double x = count == 1 ? middle : 2 * middle * i / (count - 1);
                append_point(part.points, engine->point_grid(part.part.field), {x, middle, middle},
                             lop::Interpolation::linear);
            }
        return placed;
    }

    index_t points_;
    PlacedPoints sources_, receivers_;
    std::vector<float> source_, traces_;
    Workspace<float> workspace_;
};

struct Row {
    int dimension;
    index_t points;
    std::function<const Equation<float>&(int)> equation;
    std::vector<double> parameters;
    std::vector<double> settings{};
};

const std::map<std::string, Row>& all_rows() {
    constexpr double slowness = 1 / (2000.0 * 2000);
    static const std::map<std::string, Row> rows{
        {"acoustic2d", {2, 2081, equation<AcousticEquation<>, float>, {slowness}}},
        {"acoustic3d", {3, 336, equation<AcousticEquation<>, float>, {slowness}}},
        {"acoustic3d_t4", {3, 336, equation<AcousticEquation<TimeOrder::four>, float>, {slowness}}},
        {"density3d", {3, 336, equation<VariableDensityEquation<>, float>, {slowness, 1000}}},
        {"visco3d",
         {3, 336, equation<ViscoAcousticEquation<1>, float>, {slowness, 1000, 0.05}, {15}}},
        {"elastic2d", {2, 2081, equation<ElasticEquation<>, float>, {2000, 1200, 1000}}},
        {"elastic3d", {3, 200, equation<ElasticEquation<>, float>, {2000, 1200, 1000}}}};
    return rows;
}

void measure(const std::string& name, int order, const Options& options) {
    const Row& row = all_rows().at(name);
    const index_t points = options.grid > 0 ? options.grid : row.points;
    index_t size = 1;
    for (int axis = 0; axis < row.dimension; ++axis) size *= points;
    const index_t steps =
        options.steps > 0 ? options.steps : std::max<index_t>(10, 1'000'000'000 / size);
    const auto begin = Clock::now();
    Shot shot{row.equation(row.dimension),
              row.dimension,
              points,
              order,
              row.parameters,
              row.settings,
              options.layers};
    shot.run(3);
    const double first = seconds_since(begin);
    std::vector<double> taken;
    for (int i = 0; i < options.repeat; ++i) {
        const auto start = Clock::now();
        shot.run(steps);
        taken.push_back(seconds_since(start));
    }
    std::nth_element(taken.begin(), taken.begin() + options.repeat / 2, taken.end());
    const double median = taken[static_cast<std::size_t>(options.repeat / 2)];
    const double gpts = 1e-9 * static_cast<double>(size * (steps - 1)) / median;
    const index_t bytes = bytes_of(*shot.engine);
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    if (!lop::Communicator::world().root()) return;
    std::printf(
        "{\"program\": \"lop\", \"row\": \"%s\", \"order\": %d, \"grid\": %lld, "
        "\"layers\": %lld, \"ranks\": %d, \"threads\": %d, \"seconds\": %.3f, "
        "\"gpts\": %.3f, \"bytes\": %lld, \"of_bound\": %.2f, \"first_result_s\": %.2f, "
        "\"rss_mb\": %ld}\n",
        name.c_str(), order, static_cast<long long>(points), static_cast<long long>(options.layers),
        lop::Communicator::world().size(), omp_get_max_threads(), median, gpts,
        static_cast<long long>(bytes), gpts * static_cast<double>(bytes) / bench::bandwidth, first,
        usage.ru_maxrss / 1024);
    std::fflush(stdout);
}

std::vector<std::string> split(const std::string& list) {
    std::vector<std::string> parts;
    std::istringstream stream{list};
    for (std::string part; std::getline(stream, part, ',');) parts.push_back(part);
    return parts;
}

Options options_of(int argc, char** argv) {
    Options options;
    for (const auto& [name, row] : all_rows()) options.rows.push_back(name);
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string key = argv[i], value = argv[i + 1];
        if (key == "--rows") options.rows = split(value);
        else if (key == "--grid") options.grid = std::stoll(value);
        else if (key == "--steps") options.steps = std::stoll(value);
        else if (key == "--layers") options.layers = std::stoll(value);
        else if (key == "--repeat") options.repeat = std::max(1, std::stoi(value));
        else if (key == "--orders") {
            options.orders.clear();
            for (const std::string& order : split(value))
                options.orders.push_back(std::stoi(order));
        } else throw std::invalid_argument{"what is " + key + "?"};
    }
    return options;
}

}  // namespace

int main(int argc, char** argv) {
    const lop::Session session{argc, argv};
    const Options options = options_of(argc, argv);
    // Ranks measure together what they have together.
    lop::Communicator::world().barrier();
    bench::bandwidth = bench::triad_bandwidth() * lop::Communicator::world().size();
    if (session.root()) std::fprintf(stderr, "triad bandwidth: %.1f GB/s\n", bench::bandwidth);
    for (const std::string& row : options.rows)
        for (const int order : options.orders) measure(row, order, options);
}
