/// Scans SEG-Y and SU surveys: headers of all traces, shots, and the ranges a caller asks for.
#include "segy_layout.hpp"
#include <lop/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <tuple>

namespace lop::io {
namespace {

using namespace segy;

constexpr std::int64_t buffer_bytes = std::int64_t{4} << 20;
constexpr std::int64_t worth_skipping = 16384;  // samples longer than this are jumped over

/// Calls visit(index, header bytes) for traces first .. first + count - 1, reading the file in
/// large pieces where traces are short, header by header where they are long.
template <class Visit>
void for_each_header(const InputFile& file, const SegySurvey& survey, std::int64_t first,
                     std::int64_t count, Visit visit) {
    const bool skips = survey.trace_bytes - survey.header_bytes > worth_skipping;
    const std::int64_t batch =
        skips ? 1 : std::max<std::int64_t>(1, buffer_bytes / survey.trace_bytes);
    std::vector<unsigned char> bytes(
        static_cast<std::size_t>(skips ? survey.header_bytes : batch * survey.trace_bytes));
    for (std::int64_t done = 0; done < count; done += batch) {
        const std::int64_t now = std::min(batch, count - done);
        const std::int64_t at = survey.first_trace_byte + (first + done) * survey.trace_bytes;
        file.read(at, skips ? survey.header_bytes : now * survey.trace_bytes, bytes.data());
        for (std::int64_t k = 0; k < now; ++k)
            visit(first + done + k, bytes.data() + k * survey.trace_bytes);
    }
}

/// What all trace headers together say, for decisions and warnings after one pass.
struct Tally {
    TraceOddities oddities;
    double interval = 0;             // the first that is told
    std::int64_t told_interval = 0;  // traces that tell one
    bool one_interval = true;
    std::int64_t other_samples = 0;  // traces whose count differs from the survey's
    double first_start = 0, least_start = 0, most_start = 0;
    std::int64_t not_live = 0;
    double highest_receiver = 0, lowest_receiver = 0;  // z
};

bool is_same(double a, double b) { return std::fabs(a - b) <= 1e-9 * std::fabs(b); }

void take(Tally& tally, const SegyTrace& trace, std::int64_t index, std::int64_t samples) {
    if (index == 0) {
        tally.first_start = tally.least_start = tally.most_start = trace.start;
        tally.highest_receiver = tally.lowest_receiver = trace.receiver.z;
    }
    if (trace.interval > 0) {
        if (tally.told_interval == 0) tally.interval = trace.interval;
        tally.one_interval = tally.one_interval && is_same(trace.interval, tally.interval);
        ++tally.told_interval;
    }
    if (trace.samples != 0 && trace.samples != samples) ++tally.other_samples;
    tally.least_start = std::min(tally.least_start, trace.start);
    tally.most_start = std::max(tally.most_start, trace.start);
    tally.highest_receiver = std::min(tally.highest_receiver, trace.receiver.z);
    tally.lowest_receiver = std::max(tally.lowest_receiver, trace.receiver.z);
    if (trace.kind != 0 && trace.kind != 1) ++tally.not_live;
}

/// Consecutive traces of one field record and one source position.
struct Run {
    std::int64_t field_record;
    SegyPoint source;
    SegyRange range;
};

void extend(std::vector<Run>& runs, const SegyTrace& trace, std::int64_t index) {
    if (!runs.empty() && runs.back().field_record == trace.field_record &&
        runs.back().source == trace.source) {
        ++runs.back().range.count;
    } else {
        runs.push_back({trace.field_record, trace.source, {index, 1}});
    }
}

using ShotKey = std::tuple<std::int64_t, double, double, double>;

void append(SegyShot& shot, const SegyRange& range) {
    shot.traces += range.count;
    if (!shot.ranges.empty() && shot.ranges.back().first + shot.ranges.back().count == range.first)
        shot.ranges.back().count += range.count;
    else shot.ranges.push_back(range);
}

/// By field record: neighbouring runs of one number are one shot whatever their sources; runs that
/// lie apart join the shot of the same number and source position. By source: the position is all.
void group_shots(const std::vector<Run>& runs, bool by_record, SegySurvey& survey) {
    std::map<ShotKey, std::size_t> known;
    std::size_t current = 0;
    std::int64_t moved = 0;
    for (std::size_t k = 0; k < runs.size(); ++k) {
        const Run& run = runs[k];
        const ShotKey key{by_record ? run.field_record : 0, run.source.x, run.source.y,
                          run.source.z};
        const bool continues = by_record && k > 0 && runs[k - 1].field_record == run.field_record;
        const auto found = known.find(key);
        if (continues) {
            if (found == known.end() || found->second != current) ++moved;
        } else if (found != known.end()) {
            current = found->second;
        } else {
            current = survey.shots.size();
            survey.shots.push_back({run.field_record, run.source, 0, {}});
        }
        known.emplace(key, current);
        append(survey.shots[current], run.range);
    }
    if (moved > 0) {
        survey.warnings.emplace_back("the source position changes within a field record " +
                                     counted(moved, "time") +
                                     "; shots keep the position of their first "
                                     "trace (grouping by source position splits them)");
    }
}

bool has_several_records(const std::vector<Run>& runs) {
    return std::ranges::any_of(
        runs, [&](const Run& run) { return run.field_record != runs.front().field_record; });
}

void group(const std::vector<Run>& runs, SegySurvey& survey) {
    const auto wanted = survey.options.grouping;
    const bool by_record = wanted == SegyGrouping::field_record ||
                           (wanted == SegyGrouping::automatic && has_several_records(runs));
    group_shots(runs, by_record, survey);
    const bool silent = !by_record && runs.front().field_record == 0 && survey.shots.size() == 1 &&
                        runs.front().source == SegyPoint{};
    if (silent && survey.traces > 1) {
        survey.warnings.emplace_back(
            "neither field records nor source positions are set: all traces are "
            "one shot");
    }
}

std::string in_units(double interval, SegyAxis axis) {
    return axis == SegyAxis::time ? shown(interval * 1e6) + " us" : shown(interval) + " m";
}

/// Binary header against trace headers; see scan_segy.
double settle_interval(const Tally& tally, const BinaryHeader& binary, SegySurvey& survey) {
    if (survey.options.interval) return *survey.options.interval;
    const SegyAxis axis = survey.options.axis;
    const bool extended = survey.revision >= 2 && binary.extended_interval > 0 &&
                          std::isfinite(binary.extended_interval);
    const double stored =
        extended ? binary.extended_interval : static_cast<double>(binary.interval);
    double file = 0;
    if (stored > 0)
        file = axis == SegyAxis::time ? stored / 1e6 : stored / 1e3 * survey.length_unit;
    const bool fixed = survey.revision >= 1 && binary.fixed_length;
    const std::string told = "binary header: " + in_units(file, axis) +
                             ", trace headers: " + in_units(tally.interval, axis) +
                             (tally.one_interval ? "" : " and others") + " in " +
                             counted(tally.told_interval, "trace") + " of " +
                             std::to_string(survey.traces);
    if (file == 0 && tally.told_interval == 0) {
        throw FileError{
            "read " + survey.path,
            {.expected = "a positive sample interval in the binary or the trace headers",
             .found = std::to_string(binary.interval) +
                      " in the binary header, none "
                      "positive in the trace headers (" +
                      counted(survey.file_bytes, "byte") + ")",
             .remedy = "declare interval, in s"}};
    }
    const bool agree =
        tally.one_interval && (tally.told_interval == 0 || is_same(tally.interval, file));
    if (file > 0 && (agree || fixed)) {
        if (!agree)
            survey.warnings.emplace_back("intervals differ (" + told +
                                         "): the binary header is "
                                         "believed, for it declares traces of one kind");
        return file;
    }
    const bool all_tell = tally.told_interval == survey.traces || file == 0;
    if (tally.one_interval && all_tell) {
        if (survey.options.kind == SegyKind::segy) {
            survey.warnings.emplace_back("the binary header's interval is " +
                                         (file == 0 ? "not set" : in_units(file, axis)) + ": the " +
                                         in_units(tally.interval, axis) +
                                         " of the trace headers are used");
        }
        return tally.interval;
    }
    throw FileError{
        "read " + survey.path,
        {.expected = "one sample interval", .found = told, .remedy = "declare interval, in s"}};
}

double settle_length_unit(const BinaryHeader& binary, SegySurvey& survey) {
    if (survey.options.length_unit) return *survey.options.length_unit;
    if (binary.measurement != 2) return 1.0;
    survey.warnings.emplace_back("the file measures in feet: lengths are converted to metres");
    return foot;
}

void check_options(const std::string& path, const SegyOptions& options) {
    auto check = [&](const std::optional<double>& value, const char* name) {
        if (!value || (*value > 0 && std::isfinite(*value))) return;
        throw ArgumentError{
            "read " + path,
            {.expected = std::string{"a positive "} + name, .found = shown(*value)}};
    };
    check(options.interval, "interval");
    check(options.length_unit, "length unit");
    check(options.coordinate_scale, "coordinate scale");
    check(options.trace_spacing, "trace spacing");
}

void refuse_angles(const Tally& tally, const SegySurvey& survey) {
    if (tally.oddities.geographic == 0 || survey.options.accept_geographic) return;
    throw FileError{"read " + survey.path,
                    {.expected = "positions that are lengths",
                     .found = "degrees or seconds of arc (bytes 89-90) in " +
                              counted(tally.oddities.geographic, "trace"),
                     .remedy = "read a copy in projected coordinates, or set accept_geographic"}};
}

void warn_traces(const Tally& tally, SegySurvey& survey) {
    auto warn = [&](std::string words) { survey.warnings.push_back(std::move(words)); };
    const TraceOddities& odd = tally.oddities;
    if (odd.scalars > 0) {
        warn(counted(odd.scalars, "scalar") +
             " of coordinates or elevations outside the standard, "
             "such as " +
             std::to_string(odd.strange_scalar) + ": no power of ten, read as 1");
    }
    if (odd.geographic > 0) {
        warn(counted(odd.geographic, "trace") +
             " with positions in degrees or seconds of arc, read as "
             "if lengths");
    }
    if (odd.units > 0) {
        warn(counted(odd.units, "trace") +
             " with an unknown code of coordinate units, read as length");
    }
    if (tally.other_samples > 0 && tally.other_samples < survey.traces) {
        warn(counted(tally.other_samples, "trace header") + " of " + std::to_string(survey.traces) +
             " tell another number of samples than " + std::to_string(survey.samples));
    }
    if (tally.least_start != tally.most_start) {
        warn("the first samples lie between " + shown(tally.least_start) + " and " +
             shown(tally.most_start) + (survey.options.axis == SegyAxis::time ? " s" : " m") +
             ": each trace header tells its own");
    }
    if (tally.not_live > 0)
        warn(counted(tally.not_live, "trace") + " not marked as seismic data (bytes 29-30)");
    if (survey.options.elevation == SegyElevation::up && tally.lowest_receiver < 0) {
        warn("all receivers lie above z = 0, up to " + shown(-tally.highest_receiver) +
             " m; if the file stores depths as elevations, read it with elevation down");
    }
}

void check_range(const SegySurvey& survey, std::int64_t first, std::int64_t count) {
    if (first >= 0 && count >= 0 && count <= survey.traces - first) return;
    throw ArgumentError{"read traces of " + survey.path,
                        {.expected = "a range within 0 .. " + std::to_string(survey.traces - 1),
                         .found = counted(count, "trace") + " from " + std::to_string(first)}};
}

void check_unchanged(const InputFile& file, const SegySurvey& survey) {
    if (file.size() == survey.file_bytes) return;
    throw FileError{"read " + survey.path,
                    {.expected = counted(survey.file_bytes, "byte") + ", as when it was scanned",
                     .found = counted(file.size(), "byte"),
                     .remedy = "scan the file anew"}};
}

}  // namespace

SegySurvey scan_segy(const std::string& path, const SegyOptions& options) {
    check_options(path, options);
    const InputFile file{path};
    SegySurvey survey;
    survey.path = path;
    survey.options = options;
    survey.file_bytes = file.size();
    const BinaryHeader binary = find_layout(file, survey);
    survey.length_unit = settle_length_unit(binary, survey);

    Tally tally;
    std::vector<Run> runs;
    for_each_header(file, survey, 0, survey.traces,
                    [&](std::int64_t index, const unsigned char* bytes) {
                        const SegyTrace trace = decode_trace(bytes, survey, &tally.oddities);
                        take(tally, trace, index, survey.samples);
                        extend(runs, trace, index);
                    });
    refuse_angles(tally, survey);
    survey.interval = settle_interval(tally, binary, survey);
    survey.start = tally.first_start;
    warn_traces(tally, survey);
    group(runs, survey);
    return survey;
}

std::vector<SegyTrace> read_headers(const SegySurvey& survey, std::int64_t first,
                                    std::int64_t count) {
    check_range(survey, first, count);
    const InputFile file{survey.path};
    check_unchanged(file, survey);
    std::vector<SegyTrace> headers;
    headers.reserve(static_cast<std::size_t>(count));
    for_each_header(file, survey, first, count, [&](std::int64_t, const unsigned char* bytes) {
        headers.push_back(decode_trace(bytes, survey));
    });
    return headers;
}

void read_traces(const SegySurvey& survey, std::int64_t first, std::int64_t count, float* out) {
    check_range(survey, first, count);
    if (count == 0) return;
    const InputFile file{survey.path};
    check_unchanged(file, survey);
    const std::int64_t batch =
        std::min(count, std::max<std::int64_t>(1, buffer_bytes / survey.trace_bytes));
    std::vector<unsigned char> bytes(static_cast<std::size_t>(batch * survey.trace_bytes));
    for (std::int64_t done = 0; done < count; done += batch) {
        const std::int64_t now = std::min(batch, count - done);
        const std::int64_t at = survey.first_trace_byte + (first + done) * survey.trace_bytes;
        file.read(at, now * survey.trace_bytes, bytes.data());
        for (std::int64_t k = 0; k < now; ++k) {
            decode_samples(bytes.data() + k * survey.trace_bytes + survey.header_bytes,
                           survey.samples, survey.format, survey.byte_order,
                           out + (done + k) * survey.samples);
        }
    }
}

void read_shot(const SegySurvey& survey, const SegyShot& shot, float* out) {
    for (const SegyRange& range : shot.ranges) {
        read_traces(survey, range.first, range.count, out);
        out += range.count * survey.samples;
    }
}

std::vector<SegyTrace> read_shot_headers(const SegySurvey& survey, const SegyShot& shot) {
    std::vector<SegyTrace> headers;
    for (const SegyRange& range : shot.ranges) {
        const auto piece = read_headers(survey, range.first, range.count);
        headers.insert(headers.end(), piece.begin(), piece.end());
    }
    return headers;
}

}  // namespace lop::io
