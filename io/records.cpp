/// Shot records through the doors: every rank reads and writes the traces of its own shots.
#include <lop/io/records.hpp>

#include <lop/core/error.hpp>
#include <lop/core/log.hpp>

#include <algorithm>
#include <cmath>

namespace lop::io {
namespace {

Point to_point(const SegyPoint& p) { return {p.x, p.y, p.z}; }
SegyPoint to_segy(const Point& p) { return {p.x, p.y, p.z}; }

/// The sources and receivers of all shots, from the trace headers.
struct Positions {
    std::vector<std::vector<Point>> sources;
    std::vector<std::vector<Point>> receivers;
};

Positions read_positions(const SegySurvey& survey) {
    Positions positions;
    for (const SegyShot& shot : survey.shots) {
        positions.sources.push_back({to_point(shot.source)});
        auto& receivers = positions.receivers.emplace_back();
        for (const SegyTrace& trace : read_shot_headers(survey, shot))
            receivers.push_back(to_point(trace.receiver));
    }
    return positions;
}

void check_survey(const SegySurvey& survey) {
    if (!survey.shots.empty() && survey.samples > 0 && survey.interval > 0) return;
    throw FileError{
        "shot records from " + survey.path,
        {.expected = "shots of traces with a sampling interval",
         .found = std::to_string(survey.traces) + " traces of " + std::to_string(survey.samples) +
                  " samples every " + number_words(survey.interval) + " s"}};
}

template <Scalar T>
void read_own_shots(const SegySurvey& survey, ShotRecords<T>& records) {
    const Geometry& geometry = records.receivers();
    std::vector<float> samples;
    T* out = records.data();
    for (index_t s = geometry.first_shot(); s < geometry.last_shot(); ++s) {
        const SegyShot& shot = survey.shots[static_cast<std::size_t>(s)];
        samples.resize(static_cast<std::size_t>(shot.traces * survey.samples));
        read_shot(survey, shot, samples.data());
        out = std::copy(samples.begin(), samples.end(), out);
    }
    const auto finite = [](T v) { return std::isfinite(v); };
    const auto bad = std::find_if_not(records.data(), records.data() + records.size(), finite);
    if (bad == records.data() + records.size()) return;
    const index_t trace = (bad - records.data()) / survey.samples;
    throw FileError{"shot records from " + survey.path,
                    {.expected = "finite samples",
                     .found = "NaN or infinity in trace " + std::to_string(trace) +
                              " of the shots from " + std::to_string(geometry.first_shot()) + " on",
                     .remedy = "mute or remove the damaged traces"}};
}

/// The headers of one shot of the records.
template <Scalar T>
std::vector<SegyTrace> make_headers(const ShotRecords<T>& records, index_t shot) {
    std::vector<SegyTrace> headers;
    const auto& sources = records.sources().points(shot);
    for (const Point& receiver : records.receivers().points(shot)) {
        SegyTrace& header = headers.emplace_back();
        const auto number = static_cast<index_t>(headers.size());
        header.sequence = records.receivers().first_trace(shot) + number;
        header.field_record = shot + 1;
        header.source_number = shot + 1;
        header.trace_number = number;
        if (!sources.empty()) header.source = to_segy(sources.front());
        header.receiver = to_segy(receiver);
        header.offset = header.receiver.x - header.source.x;
        header.start = records.receivers().time().start;
    }
    return headers;
}

std::vector<double> flatten(const Geometry& geometry) {
    std::vector<double> values;
    for (index_t shot = 0; shot < geometry.shot_count(); ++shot)
        for (const Point& p : geometry.points(shot)) values.insert(values.end(), {p.x, p.y, p.z});
    return values;
}

std::vector<std::int64_t> first_traces(const Geometry& geometry) {
    std::vector<std::int64_t> first;
    for (index_t shot = 0; shot <= geometry.shot_count(); ++shot)
        first.push_back(geometry.first_trace(shot));
    return first;
}

std::vector<std::vector<Point>> unflatten(const std::vector<double>& values,
                                          const std::vector<std::int64_t>& first,
                                          const std::string& what) {
    std::vector<std::vector<Point>> shots;
    for (std::size_t s = 0; s + 1 < first.size(); ++s) {
        auto& points = shots.emplace_back();
        for (auto i = static_cast<std::size_t>(first[s]);
             i < static_cast<std::size_t>(first[s + 1]); ++i) {
            if (3 * i + 2 >= values.size())
                throw FileError{what + " holds fewer points than its first traces promise"};
            points.push_back({values[3 * i], values[3 * i + 1], values[3 * i + 2]});
        }
    }
    return shots;
}

/// Whether the 16-bit fields of revisions 0 and 1 hold the number of samples and the microseconds
/// between them.
bool fits_short_header(const SegyShape& shape) {
    const double microseconds = shape.interval * 1e6;
    const double whole = std::round(microseconds);
    return shape.samples <= 65535 && whole >= 1 && whole <= 32767 &&
           std::abs(microseconds - whole) <= 1e-6 * whole;
}

}  // namespace

template <Scalar T>
ShotRecords<T> open_segy(const std::string& path, Distribute distribute, const SegyOptions& options,
                         const Communicator& communicator) {
    const Communicator comm =
        distribute == Distribute::by_shot ? communicator : Communicator::self();
    SegySurvey survey;
    Positions positions;
    comm.collectively([&] {
        survey = scan_segy(path, options);
        check_survey(survey);
        positions = read_positions(survey);
    });
    for (const std::string& warning : survey.warnings) logging::warning(path + ": " + warning);
    const TimeAxis time{survey.samples, survey.interval, survey.start};
    ShotRecords<T> records{Geometry{positions.sources, time, comm},
                           Geometry{positions.receivers, time, comm}};
    comm.collectively([&] { read_own_shots(survey, records); });
    return records;
}

template <Scalar T>
void write_segy(const std::string& path, const ShotRecords<T>& records,
                const SegyWriteOptions& wanted) {
    const Geometry& geometry = records.receivers();
    const Communicator& comm = geometry.communicator();
    const SegyShape shape{geometry.trace_count(), geometry.time().samples,
                          geometry.time().interval};
    SegyWriteOptions options = wanted;
    if (options.revision == 1 && !fits_short_header(shape)) options.revision = 2;
    std::optional<SegyWriter> writer;
    comm.collectively([&] {
        if (comm.root()) writer.emplace(SegyWriter::create(path, shape, options));
    });
    comm.collectively([&] {
        if (!comm.root()) writer.emplace(SegyWriter::attach(path, shape, options));
        std::vector<float> samples;
        const T* from = records.data();
        for (index_t s = geometry.first_shot(); s < geometry.last_shot(); ++s) {
            const auto headers = make_headers(records, s);
            const auto count = static_cast<index_t>(headers.size()) * shape.samples;
            samples.assign(from, from + count);
            from += count;
            writer->write(geometry.first_trace(s), headers, samples.data());
        }
        writer->flush();
    });
    comm.collectively([&] {
        if (comm.root()) writer->commit();
    });
}

template <Scalar T>
void write_records(Hdf5File& file, const std::string& name, const ShotRecords<T>& records) {
    const Geometry& receivers = records.receivers();
    const TimeAxis& time = receivers.time();
    const int rank = receivers.communicator().rank();
    file.write(
        name + "/traces", records.data(), {receivers.trace_count(), time.samples},
        {{records.partition().first(rank), 0}, {records.partition().count(rank), time.samples}},
        {{"interval", time.interval}, {"start", time.start}, {"time_unit", std::string{"s"}}});
    const auto points = [&](const char* what, const Geometry& geometry) {
        const auto values = flatten(geometry);
        file.write_whole(name + "/" + what, values.data(), {geometry.trace_count(), 3},
                         {{"unit", std::string{"m"}}});
        const auto first = first_traces(geometry);
        file.write_whole(name + "/first_of_" + what, first.data(),
                         {static_cast<std::int64_t>(first.size())});
    };
    points("sources", records.sources());
    points("receivers", receivers);
}

template <Scalar T>
ShotRecords<T> read_records(const Hdf5File& file, const std::string& name, Distribute distribute,
                            const Communicator& communicator) {
    const Communicator comm =
        distribute == Distribute::by_shot ? communicator : Communicator::self();
    const std::string traces = name + "/traces";
    const auto extents = file.extents(traces);
    if (extents.size() != 2)
        throw FileError{"shot records " + name + " of " + file.path().string(),
                        {.expected = "traces x samples", .found = extents_text(extents)}};
    const TimeAxis time{extents[1], file.attribute<double>(traces, "interval"),
                        file.attribute<double>(traces, "start")};
    const auto geometry = [&](const char* what) {
        return Geometry{unflatten(file.read_whole<double>(name + "/" + what),
                                  file.read_whole<std::int64_t>(name + "/first_of_" + what),
                                  name + " of " + file.path().string()),
                        time, comm};
    };
    ShotRecords<T> records{geometry("sources"), geometry("receivers")};
    const auto& partition = records.partition();
    file.read(traces, records.data(), extents,
              {{partition.first(comm.rank()), 0}, {partition.count(comm.rank()), time.samples}},
              Conversion::allowed);
    return records;
}

template ShotRecords<float> open_segy(const std::string&, Distribute, const SegyOptions&,
                                      const Communicator&);
template ShotRecords<double> open_segy(const std::string&, Distribute, const SegyOptions&,
                                       const Communicator&);
template void write_segy(const std::string&, const ShotRecords<float>&, const SegyWriteOptions&);
template void write_segy(const std::string&, const ShotRecords<double>&, const SegyWriteOptions&);
template void write_records(Hdf5File&, const std::string&, const ShotRecords<float>&);
template void write_records(Hdf5File&, const std::string&, const ShotRecords<double>&);
template ShotRecords<float> read_records(const Hdf5File&, const std::string&, Distribute,
                                         const Communicator&);
template ShotRecords<double> read_records(const Hdf5File&, const std::string&, Distribute,
                                          const Communicator&);

}  // namespace lop::io
