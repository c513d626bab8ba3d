/// Whole runs of one shot of every wave equation: points per second, beside what memory would allow; and the rows of one
/// shot as a user's program has them (one_shot.hpp).
///
/// Usage: [mpirun -n 2] bench_waves [--rows acoustic3d,shot2d_gradient,..] [--orders 4,8,16] [--grid N] [--steps N]
///                                  [--repeat N] [--layers N] [--every N] [--together N] [--output FILE]
/// Threads by OMP_NUM_THREADS; ranks share the shot. Prints one JSON object a row, as peers_waves.py does for Devito and
/// peers_deepwave.py for deepwave; row "bandwidth" is the memory's, and without --rows all equations are measured. `first_result_s` counts from the start of the process,
/// for rows after the first from that of the row and what the process took to start; `rss_mb` is the peak of the process
/// (of all ranks) up to the end of the row, so ask for one row where it matters.
///
/// Equations: points count the grid, whose outer cells are the absorbing layers. `bytes` is what a step must move for a
/// point, if neighbours come from caches: every field and coefficient that a stage reads, and every field that it writes,
/// once; --together N runs so many steps together, -1 stage after stage, 0 as it pays; `of_bound` the share of bandwidth / bytes that is reached, where the fields do not fit a cache.
///
/// One shot: `seconds` is one application of M, J, J.H() or Spectra, made beforehand; `every` the comb of the history or
/// of the spectra, --every or lop's own; `norm` that of the result; --output FILE gets it as raw floats.
#include "operators/wave/shot.hpp"
#include "tests/benchmarks/bandwidth.hpp"
#include "tests/benchmarks/one_shot.hpp"
#include "tests/benchmarks/process.hpp"
#include <lop/operators/wave/equations.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

using lop::index_t;
using namespace lop::wave;
using bench::Start;

struct Options {
    std::vector<std::string> rows;
    std::vector<int> orders{4, 8, 16};
    index_t grid = 0, steps = 0, layers = -1, every = 0;
    int repeat = 5;
    int together = 0;
    std::string output;
};

#ifdef __clang__
constexpr const char* compiler = __VERSION__;
#else
constexpr const char* compiler = "GCC " __VERSION__;
#endif

/// Prints members of a JSON object that every row begins with.
void print_row(const std::string& name, int order, index_t grid, index_t layers) {
    std::printf(
        "{\"program\": \"lop\", \"row\": \"%s\", \"order\": %d, \"grid\": %lld, \"layers\": %lld, "
        "\"ranks\": %d, \"threads\": %d, ",
        name.c_str(), order, static_cast<long long>(grid), static_cast<long long>(layers),
        lop::Communicator::world().size(), omp_get_max_threads());
}

/// Ranks measure together what they have together.
bench::Bandwidth shared_bandwidth() {
    const lop::Communicator world = lop::Communicator::world();
    world.barrier();
    const bench::Bandwidth own = bench::measure_bandwidth();
    return {own.copy * world.size(), own.triad * world.size()};
}

void measure_bandwidth() {
    const bench::Bandwidth measured = shared_bandwidth();
    if (!lop::Communicator::world().root()) return;
    std::printf(
        "{\"row\": \"bandwidth\", \"ranks\": %d, \"threads\": %d, \"copy\": %.2f, \"triad\": %.2f, "
        "\"compiler\": \"%s\"}\n",
        lop::Communicator::world().size(), omp_get_max_threads(), measured.copy, measured.triad,
        compiler);
}

/// A field of a temporary is not read before it is written; one of two levels is read at both, where it has a past. An
/// array that stands for several coefficients comes once.
index_t bytes_of(const StageRun<float>& stage) {
    const StageShape& shape = stage.slots.shape;
    index_t values = stage.slots.fields.count + stage.stage->updates.count;
    for (const StageShape::UpdateShape& u : shape.updates) {
        bool is_read = u.own != Gain::zero;
        for (const Derivative& d : shape.derivatives)
            for (const SignedField& source : d.sources) is_read = is_read || source.field == u.slot;
        values += (u.takes_turns && u.before != Gain::zero ? 1 : 0) - (is_read ? 0 : 1);
    }
    std::set<const float*> arrays{stage.coefficients.begin(), stage.coefficients.end()};
    arrays.erase(nullptr);  // one number each
    return (values + std::ssize(arrays)) * static_cast<index_t>(sizeof(float));
}

index_t bytes_of(const Engine<float>& engine) {
    index_t bytes = 0;
    for (const StageRun<float>& stage : engine.medium().forward().stages) bytes += bytes_of(stage);
    return bytes;
}

/// A shot in the middle of a uniform medium, with a hundred receivers.
class Shot {
 public:
    Shot(const Equation<float>& equation, int dimension, index_t points, int order,
         const std::vector<double>& values, const std::vector<double>& settings, index_t layers,
         int together)
        : points_{points} {
        Problem problem;
        problem.dimension = dimension;
        for (std::size_t axis = 0; axis < static_cast<std::size_t>(dimension); ++axis) {
            problem.extents[axis] = points;
            problem.spacing[axis] = 10;
        }
        problem.order = order;
        problem.settings = settings;
        problem.steps_at_once = together;
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

constexpr const char* usage =
    "bench_waves [--rows ROW,ROW,..] [--orders 4,8,16] [--grid N] [--steps N] [--repeat N] "
    "[--layers N] "
    "[--every N] [--together N] [--output FILE]\n"
    "rows: bandwidth, shot2d_forward, shot2d_gradient, shot2d_born, shot2d_dft20 (or another "
    "number of "
    "frequencies), and the equations";

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

void measure(const std::string& name, int order, const Options& options, const Start& start) {
    const Row& row = all_rows().at(name);
    const index_t points = options.grid > 0 ? options.grid : row.points;
    const index_t layers = options.layers >= 0 ? options.layers : 20;
    index_t size = 1;
    for (int axis = 0; axis < row.dimension; ++axis) size *= points;
    const index_t steps =
        options.steps > 0 ? options.steps : std::max<index_t>(10, 1'000'000'000 / size);
    Shot shot{row.equation(row.dimension),
              row.dimension,
              points,
              order,
              row.parameters,
              row.settings,
              layers,
              options.together};
    shot.run(3);
    const double first = start.first_result();
    const double median = bench::median_seconds(options.repeat, [&] { shot.run(steps); });
    const index_t peak = bench::peak_mb();
    if (bench::bandwidth == 0) bench::bandwidth = shared_bandwidth().triad;
    const double gpts = 1e-9 * static_cast<double>(size * (steps - 1)) / median;
    const index_t bytes = bytes_of(*shot.engine);
    if (!lop::Communicator::world().root()) return;
    print_row(name, order, points, layers);
    std::printf(
        "\"seconds\": %.3f, \"gpts\": %.3f, \"bytes\": %lld, \"of_bound\": %.2f, "
        "\"first_result_s\": %.2f, \"rss_mb\": %lld}\n",
        median, gpts, static_cast<long long>(bytes),
        gpts * static_cast<double>(bytes) / bench::bandwidth, first, static_cast<long long>(peak));
}

void measure_shot(const std::string& name, int order, const Options& options, const Start& start) {
    bench::OneShotSetup setup{.order = order, .every = options.every};
    if (options.grid > 0) setup.points = options.grid;
    if (options.steps > 0) setup.steps = options.steps;
    if (options.layers >= 0) setup.layers = options.layers;
    const bench::Work work = bench::OneShot{setup}.work(name);
    work.apply();
    const double first = start.first_result();
    const double median = bench::median_seconds(options.repeat, work.apply);
    const index_t peak = bench::peak_mb();
    const double size = lop::norm(*work.result);
    const index_t history =
        lop::Communicator::world().sum(static_cast<index_t>(work.history_bytes));
    if (!lop::Communicator::world().root()) return;
    if (!options.output.empty()) {
        std::ofstream file{options.output, std::ios::binary};
        file.write(reinterpret_cast<const char*>(work.result->data()),
                   static_cast<std::streamsize>(work.result->size() * sizeof(float)));
    }
    print_row(name, order, setup.points, setup.layers);
    std::printf(
        "\"steps\": %lld, \"seconds\": %.3f, \"first_result_s\": %.2f, \"rss_mb\": %lld, "
        "\"every\": %lld, \"history_mb\": %.1f, \"history\": \"%s\", \"norm\": %.6g}\n",
        static_cast<long long>(setup.steps), median, first, static_cast<long long>(peak),
        static_cast<long long>(work.every), 1e-6 * static_cast<double>(history),
        work.history.c_str(), size);
}

std::vector<std::string> split(const std::string& list) {
    std::vector<std::string> parts;
    std::istringstream stream{list};
    for (std::string part; std::getline(stream, part, ',');) parts.push_back(part);
    return parts;
}

std::string how_to_use() {
    std::string words = usage;
    for (const auto& [name, row] : all_rows()) words += " " + name;
    return words;
}

void check_row(const std::string& row) {
    if (row != "bandwidth" && !row.starts_with("shot2d_") && !all_rows().contains(row))
        throw std::invalid_argument{"what is row " + row + "? " + how_to_use()};
}

Options options_of(int argc, char** argv) {
    Options options;
    for (const auto& [name, row] : all_rows()) options.rows.push_back(name);
    if (argc % 2 == 0) throw std::invalid_argument{how_to_use()};
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string key = argv[i], value = argv[i + 1];
        if (key == "--rows") options.rows = split(value);
        else if (key == "--grid") options.grid = std::stoll(value);
        else if (key == "--steps") options.steps = std::stoll(value);
        else if (key == "--layers") options.layers = std::stoll(value);
        else if (key == "--together") options.together = std::stoi(value);
        else if (key == "--every") options.every = std::stoll(value);
        else if (key == "--output") options.output = value;
        else if (key == "--repeat") options.repeat = std::max(1, std::stoi(value));
        else if (key == "--orders") {
            options.orders.clear();
            for (const std::string& order : split(value))
                options.orders.push_back(std::stoi(order));
        } else throw std::invalid_argument{"what is " + key + "?"};
    }
    for (const std::string& row : options.rows) check_row(row);
    return options;
}

}  // namespace

int main(int argc, char** argv) {
    const lop::Session session{argc, argv};
    const Options options = options_of(argc, argv);
    const double before = bench::age_of_process();
    for (const std::string& row : options.rows)
        for (const int order : options.orders) {
            const Start start{.before = before};
            if (row == "bandwidth") measure_bandwidth();
            else if (row.starts_with("shot2d")) measure_shot(row, order, options, start);
            else measure(row, order, options, start);
            std::fflush(stdout);
        }
}
