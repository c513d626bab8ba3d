/// Shot records from SEG-Y and HDF5 files.
#include "records.hpp"

#include "medium.hpp"
#include <lop/core/error.hpp>
#include <lop/core/units.hpp>
#include <lop/io/records.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace lop::app {
namespace {

constexpr std::array<std::pair<const char*, io::SegyFormat>, 6> formats{
    {{"ibm_float", io::SegyFormat::ibm_float},
     {"ieee_float", io::SegyFormat::ieee_float},
     {"ieee_double", io::SegyFormat::ieee_double},
     {"int32", io::SegyFormat::int32},
     {"int16", io::SegyFormat::int16},
     {"int8", io::SegyFormat::int8}}};

template <Scalar T> ShotRecords<T> open_records(const Job& job) {
    require_file("records", job.records.file);
    const std::string path = find_file(job, job.records.file);
    if (path.ends_with(".h5") || path.ends_with(".hdf5")) {
        const auto file = io::Hdf5File::open(path, MPI_COMM_WORLD);
        return io::read_records<T>(file, job.records.group);
    }
    return io::open_segy<T>(path, io::Distribute::by_shot, segy_options(job.records, path));
}

}  // namespace

io::SegyOptions segy_options(const Job::Records& records, const std::string& path) {
    io::SegyOptions options;
    if (path.ends_with(".su")) options.kind = io::SegyKind::su;
    if (records.elevation == "down") options.elevation = io::SegyElevation::down;
    if (!records.byte_order.empty())
        options.byte_order =
            records.byte_order == "big" ? io::SegyByteOrder::big : io::SegyByteOrder::little;
    for (const auto& [name, format] : formats)
        if (records.format == name) options.format = format;
    if (records.samples > 0) options.samples = records.samples;
    if (records.interval > 0) options.interval = records.interval;
    if (!records.length_unit.empty())
        options.length_unit = to_si(records.length_unit, Quantity::length);
    options.accept_truncated = records.accept_truncated;
    options.accept_geographic = records.accept_geographic;
    return options;
}

template <Scalar T> std::optional<ShotRecords<T>> read_records(const Job& job) {
    if (job.records.kind != "file") {
        if (job.records.file.empty()) return std::nullopt;
        throw JobError{"the key records.file is set",
                       {.expected = "records.kind = \"file\"",
                        .found = "records.kind = \"" + job.records.kind + "\""}};
    }
    const auto records = open_records<T>(job);
    TimeAxis time = records.receivers().time();
    const Geometry sources = records.sources().with_time({time.samples, time.interval, 0});
    time.start += job.records.time_shift;
    const Geometry receivers = records.receivers().with_time(time);
    auto traces = receivers.template space<T>().uninitialized();
    std::copy_n(records.data(), records.size(), traces.data());
    return ShotRecords<T>{sources, receivers, std::move(traces)};
}

template std::optional<ShotRecords<float>> read_records(const Job&);
template std::optional<ShotRecords<double>> read_records(const Job&);

}  // namespace lop::app
