/// Models as SEG-Y files: one trace per column, the grid told by the positions of the traces.
#include <lop/core/error.hpp>
#include <lop/io/segy.hpp>

#include <algorithm>
#include <cmath>

namespace lop::io {
namespace {

struct Spot {
    double x = 0, y = 0;
};

Spot operator-(const Spot& a, const Spot& b) { return {a.x - b.x, a.y - b.y}; }

double length(const Spot& a) { return std::hypot(a.x, a.y); }

/// Of a step: coordinates of whole metres turn steps of 6.25 m into 6, 6, 7, 6.
constexpr double tolerance = 0.2;

/// traces[outer x inner] at origin + i outer_step + j inner_step.
struct Lattice {
    std::int64_t outer = 1, inner = 1;
    Spot origin, outer_step, inner_step;
};

bool all_equal(const std::vector<Spot>& spots) {
    return std::ranges::all_of(spots,
                               [&](const Spot& spot) { return length(spot - spots.front()) == 0; });
}

std::vector<Spot> positions(const std::vector<SegyTrace>& headers, const SegySurvey& survey) {
    std::vector<Spot> spots(headers.size());
    auto take = [&](auto&& position) {
        std::transform(headers.begin(), headers.end(), spots.begin(), position);
        return spots.size() == 1 ? length(spots.front()) > 0 : !all_equal(spots);
    };
    if (take([](const SegyTrace& trace) { return Spot{trace.cdp_x, trace.cdp_y}; })) return spots;
    if (take([](const SegyTrace& trace) { return Spot{trace.receiver.x, trace.receiver.y}; }))
        return spots;
    if (take([](const SegyTrace& trace) { return Spot{trace.source.x, trace.source.y}; }))
        return spots;
    if (spots.size() == 1) return spots;
    if (!survey.options.trace_spacing) {
        throw FileError{
            "read the model " + survey.path,
            {.expected = "traces at different positions",
             .found = "one position in all " + std::to_string(headers.size()) + " traces",
             .remedy = "declare the trace spacing, the first of spacing = [dx, dz]"}};
    }
    for (std::size_t k = 0; k < spots.size(); ++k)
        spots[k] = {static_cast<double>(k) * *survey.options.trace_spacing, 0};
    return spots;
}

/// The first traces that lie on one line with even steps are the inner axis.
Lattice find_lattice(const std::vector<Spot>& spots) {
    const auto count = static_cast<std::int64_t>(spots.size());
    auto at = [&](std::int64_t k) { return spots[static_cast<std::size_t>(k)]; };
    Lattice lattice;
    lattice.origin = at(0);
    const Spot step = at(1) - at(0);
    std::int64_t inner = 2;
    while (inner < count && length(at(inner) - at(inner - 1) - step) <= tolerance * length(step))
        ++inner;
    // Steps rounded to the stored precision: the whole line gives the finest estimate.
    auto mean = [](const Spot& span, std::int64_t steps) {
        const auto n = static_cast<double>(steps);
        return Spot{span.x / n, span.y / n};
    };
    lattice.inner = inner;
    lattice.inner_step = mean(at(inner - 1) - at(0), inner - 1);
    lattice.outer = count / inner;
    if (lattice.outer > 1)
        lattice.outer_step = mean(at((lattice.outer - 1) * inner) - at(0), lattice.outer - 1);
    return lattice;
}

bool is_regular(const std::vector<Spot>& spots, const Lattice& lattice) {
    if (lattice.outer * lattice.inner != static_cast<std::int64_t>(spots.size())) return false;
    const double inner = length(lattice.inner_step), outer = length(lattice.outer_step);
    if (inner == 0 || (lattice.outer > 1 && outer == 0)) return false;
    const double room = tolerance * (lattice.outer > 1 ? std::min(inner, outer) : inner);
    for (std::int64_t i = 0; i < lattice.outer; ++i) {
        for (std::int64_t j = 0; j < lattice.inner; ++j) {
            const auto a = static_cast<double>(i), b = static_cast<double>(j);
            const Spot expected{
                lattice.origin.x + a * lattice.outer_step.x + b * lattice.inner_step.x,
                lattice.origin.y + a * lattice.outer_step.y + b * lattice.inner_step.y};
            if (length(spots[static_cast<std::size_t>(i * lattice.inner + j)] - expected) > room)
                return false;
        }
    }
    return true;
}

bool is_along_x(const Spot& step) { return std::fabs(step.y) <= 1e-3 * std::fabs(step.x); }
bool is_along_y(const Spot& step) { return std::fabs(step.x) <= 1e-3 * std::fabs(step.y); }

/// One axis of the model and how far apart its columns lie in the file; a falling axis is turned.
struct Axis {
    std::int64_t count = 1, stride = 0;
    double origin = 0, step = 0;
    bool falls = false;

    std::int64_t trace(std::int64_t k) const { return (falls ? count - 1 - k : k) * stride; }
};

Axis make_axis(std::int64_t count, std::int64_t stride, double origin, double step) {
    const bool falls = step < 0;
    const double first = falls ? origin + static_cast<double>(count - 1) * step : origin;
    return {count, stride, first, std::fabs(step), falls};
}

[[noreturn]] void refuse_grid(const SegySurvey& survey, const std::string& found) {
    throw FileError{"read the model " + survey.path,
                    {.expected = "columns on a line or on a rectangle along x and y, evenly spaced",
                     .found = found,
                     .remedy = "read a copy resampled to a regular grid"}};
}

struct Axes {
    Axis x, y;
};

Axes find_axes(const std::vector<Spot>& spots, SegySurvey& survey) {
    if (spots.size() == 1) return {make_axis(1, 1, spots[0].x, 0), make_axis(1, 0, spots[0].y, 0)};
    const Lattice lattice = find_lattice(spots);
    if (!is_regular(spots, lattice))
        refuse_grid(survey, std::to_string(spots.size()) + " columns at uneven positions");
    const Spot &inner = lattice.inner_step, &outer = lattice.outer_step, &origin = lattice.origin;
    if (lattice.outer == 1) {
        const bool along_x = is_along_x(inner);
        if (!along_x)
            survey.warnings.emplace_back(
                "the line does not run along x: x is the distance "
                "along it");
        const double step = along_x ? inner.x : length(inner);
        return {make_axis(lattice.inner, 1, along_x ? origin.x : 0, step),
                make_axis(1, 0, along_x ? origin.y : 0, 0)};
    }
    if (is_along_y(inner) && is_along_x(outer)) {
        return {make_axis(lattice.outer, lattice.inner, origin.x, outer.x),
                make_axis(lattice.inner, 1, origin.y, inner.y)};
    }
    if (is_along_x(inner) && is_along_y(outer)) {
        return {make_axis(lattice.inner, 1, origin.x, inner.x),
                make_axis(lattice.outer, lattice.inner, origin.y, outer.y)};
    }
    refuse_grid(survey, "a rectangle turned against x and y");
}

void check_model(const std::string& path, const SegyModel& model) {
    const bool positive = model.nx > 0 && model.ny > 0 && model.nz > 0 && model.dz > 0 &&
                          (model.nx == 1 || model.dx > 0) && (model.ny == 1 || model.dy > 0);
    const std::string shape = std::to_string(model.nx) + " x " + std::to_string(model.ny) + " x " +
                              std::to_string(model.nz);
    if (!positive) {
        throw ArgumentError{"write the model " + path,
                            {.expected = "positive sizes and spacings", .found = shape}};
    }
    const double size = static_cast<double>(model.nx) * static_cast<double>(model.ny) *
                        static_cast<double>(model.nz);
    if (size != static_cast<double>(model.values.size())) {
        throw ArgumentError{
            "write the model " + path,
            {.expected = shape + " values", .found = std::to_string(model.values.size())}};
    }
}

}  // namespace

void write_segy_model(const std::string& path, const SegyModel& model,
                      const SegyWriteOptions& options) {
    check_model(path, model);
    SegyWriteOptions depth = options;
    depth.axis = SegyAxis::depth;
    std::vector<SegyTrace> headers;
    headers.reserve(static_cast<std::size_t>(model.nx * model.ny));
    for (std::int64_t i = 0; i < model.nx; ++i) {
        for (std::int64_t j = 0; j < model.ny; ++j) {
            SegyTrace trace;
            trace.cdp_x = model.x0 + static_cast<double>(i) * model.dx;
            trace.cdp_y = model.y0 + static_cast<double>(j) * model.dy;
            trace.source = trace.receiver = {trace.cdp_x, trace.cdp_y, 0};
            trace.inline_number = i + 1;
            trace.crossline_number = j + 1;
            trace.cdp = i * model.ny + j + 1;
            trace.cdp_trace = 1;
            trace.start = model.z0;
            headers.push_back(trace);
        }
    }
    write_segy(path, headers, model.nz, model.dz, model.values.data(), depth);
}

SegyModel read_segy_model(const std::string& path, const SegyOptions& options) {
    SegyOptions depth = options;
    depth.axis = SegyAxis::depth;
    SegySurvey survey = scan_segy(path, depth);
    const std::vector<SegyTrace> headers = read_headers(survey, 0, survey.traces);
    const Axes axes = find_axes(positions(headers, survey), survey);
    const bool one_start = std::ranges::all_of(
        headers, [&](const SegyTrace& trace) { return trace.start == survey.start; });
    if (!one_start) refuse_grid(survey, "columns that begin at different depths");

    std::vector<float> columns(static_cast<std::size_t>(survey.traces * survey.samples));
    read_traces(survey, 0, survey.traces, columns.data());
    SegyModel model{.nx = axes.x.count,
                    .ny = axes.y.count,
                    .nz = survey.samples,
                    .dx = axes.x.step,
                    .dy = axes.y.step,
                    .dz = survey.interval,
                    .x0 = axes.x.origin,
                    .y0 = axes.y.origin,
                    .z0 = survey.start,
                    .values = std::vector<float>(columns.size()),
                    .warnings = survey.warnings};
    float* out = model.values.data();
    for (std::int64_t i = 0; i < model.nx; ++i) {
        for (std::int64_t j = 0; j < model.ny; ++j, out += model.nz) {
            const std::int64_t trace = axes.x.trace(i) + axes.y.trace(j);
            std::copy_n(columns.data() + trace * model.nz, model.nz, out);
        }
    }
    return model;
}

}  // namespace lop::io
