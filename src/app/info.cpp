/// lop info: what a file is and holds.
#include "commands.hpp"
#include "files.hpp"
#include "keys.hpp"
#include "records.hpp"
#include "results.hpp"
#include <lop/core/error.hpp>
#include <lop/io/hdf5.hpp>
#include <lop/io/segy.hpp>

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fstream>

namespace lop::app {
namespace {

namespace fs = std::filesystem;

std::string attribute_text(const io::AttributeValue& value) {
    if (const auto* number = std::get_if<double>(&value)) return fmt::format("{:g}", *number);
    if (const auto* count = std::get_if<std::int64_t>(&value)) return std::to_string(*count);
    if (const auto* text = std::get_if<std::string>(&value)) {
        const auto lines = std::ranges::count(*text, '\n');
        return lines > 0 ? "(" + counted(lines, "line") + ")" : *text;
    }
    std::string list;
    for (const double number : std::get<std::vector<double>>(value))
        list += fmt::format("{}{:g}", list.empty() ? "" : ", ", number);
    return "[" + list + "]";
}

void tell_hdf5(const std::string& path) {
    const auto file = io::Hdf5File::open(path);
    say(path + ": HDF5");
    for (const auto& [name, value] : file.attributes("/"))
        say(fmt::format("  {} = {}", name, attribute_text(value)));
    for (const io::DatasetInfo& dataset : file.datasets()) {
        say(fmt::format("  {:<24} {:<16} {:<8} {}", dataset.name, io::extents_text(dataset.extents),
                        dataset.type, dataset.unit));
        for (const auto& [name, value] : file.attributes(dataset.name))
            if (name != "unit") say(fmt::format("      {} = {}", name, attribute_text(value)));
    }
}

const char* format_words(io::SegyFormat format) {
    switch (format) {
        case io::SegyFormat::ibm_float: return "IBM floats";
        case io::SegyFormat::int32: return "32-bit integers";
        case io::SegyFormat::int16: return "16-bit integers";
        case io::SegyFormat::ieee_float: return "IEEE floats";
        case io::SegyFormat::ieee_double: return "IEEE doubles";
        case io::SegyFormat::int8: return "8-bit integers";
        case io::SegyFormat::uint32: return "32-bit unsigned integers";
        case io::SegyFormat::uint16: return "16-bit unsigned integers";
        case io::SegyFormat::uint8: return "8-bit unsigned integers";
    }
    return "samples";
}

/// The least and the largest of a coordinate over all traces.
struct Span {
    double low = 1e300, high = -1e300;
    void add(double value) {
        low = std::min(low, value);
        high = std::max(high, value);
    }
    std::string str() const { return fmt::format("{:g} to {:g} m", low, high); }
};

void tell_positions(const io::SegySurvey& survey) {
    Span source_x, source_z, receiver_x, receiver_z, offset;
    for (const io::SegyShot& shot : survey.shots)
        for (const io::SegyTrace& trace : io::read_shot_headers(survey, shot)) {
            source_x.add(trace.source.x);
            source_z.add(trace.source.z);
            receiver_x.add(trace.receiver.x);
            receiver_z.add(trace.receiver.z);
            offset.add(trace.receiver.x - trace.source.x);
        }
    say(fmt::format("  sources    x {}, z {}", source_x.str(), source_z.str()));
    say(fmt::format("  receivers  x {}, z {}", receiver_x.str(), receiver_z.str()));
    say(fmt::format("  offsets    {}", offset.str()));
}

void tell_segy(const std::string& path, const std::vector<std::string>& overrides) {
    const auto survey = io::scan_segy(path, segy_options_of(path, overrides));
    say(fmt::format(
        "{}: {}, {}, {}-endian, {} bytes", path,
        survey.options.kind == io::SegyKind::su ? "SU"
                                                : fmt::format("SEG-Y revision {}", survey.revision),
        format_words(survey.format), survey.byte_order == io::SegyByteOrder::big ? "big" : "little",
        survey.file_bytes));
    say(fmt::format("  {} of {} every {:g} ms, from {:g} ms", counted(survey.traces, "trace"),
                    counted(survey.samples, "sample"), 1e3 * survey.interval, 1e3 * survey.start));
    const auto [least, most] = std::ranges::minmax_element(survey.shots, {}, &io::SegyShot::traces);
    if (!survey.shots.empty()) {
        const std::string shots = "  " + counted(std::ssize(survey.shots), "shot") + " of ";
        say(shots + (least->traces == most->traces ? "" : fmt::format("{} to ", least->traces)) +
            counted(most->traces, "trace"));
        tell_positions(survey);
    }
    for (const std::string& warning : survey.warnings) say("  note: " + warning);
}

void tell_job(const std::string& path, const std::vector<std::string>& overrides) {
    const Job job = read_job(path, overrides, Communicator::self());
    say(path + ": a job" + (job.general.title.empty() ? "" : ", \"" + job.general.title + "\""));
    say("  results go to " + results_folder(job).string());
    for (const Section& section : sections()) {
        bool named = false;
        for (const Key& key : keys()) {
            if (key.section != section.name) continue;
            const bool set = std::ranges::find(job.set_keys, key.path()) != job.set_keys.end();
            if (!set) continue;
            if (!named && !section.name.empty()) say("  [" + section.name + "]");
            named = true;
            say(fmt::format("    {} = {}", key.name, key.text(job)));
        }
    }
    say("  other keys have their defaults (lop help job)");
}

}  // namespace

FileKind kind_of_file(const std::string& path) {
    std::error_code unseen;  // in a folder that this user may not enter
    const fs::file_status status = fs::status(path, unseen);
    if (fs::exists(status) && !fs::is_regular_file(status))
        throw FileError{"look at " + path,
                        {.expected = "a readable file",
                         .found = fs::is_directory(status) ? "a folder" : "a device or a pipe"}};
    std::ifstream file{path, std::ios::binary};
    if (!file) {
        const bool hidden = fs::exists(path, unseen) || unseen;
        throw FileError{"look at " + path,
                        {.expected = "a readable file",
                         .found = hidden ? "a file that this user may not read" : "no such file",
                         .remedy = hidden ? "check its permissions" : "check the name"}};
    }
    char magic[8] = {};
    file.read(magic, sizeof magic);
    if (std::string_view{magic, 8} == "\x89HDF\r\n\x1a\n") return FileKind::hdf5;
    const auto extension = fs::path{path}.extension();
    if (extension == ".toml") return FileKind::job;
    if (extension == ".h5" || extension == ".hdf5") return FileKind::hdf5;
    const std::array known{".segy", ".sgy", ".su", ".SEGY", ".SGY", ".SU"};
    if (std::ranges::find(known, extension) != known.end()) return FileKind::segy;
    throw FileError{
        "look at " + path,
        {.expected = "a job (.toml), HDF5 (.h5), SEG-Y (.segy, .sgy) or SU (.su)",
         .found = "another ending, and no HDF5 inside",
         .remedy = "rename a SEG-Y file; a raw model is drawn through a job that declares "
                   "it: lop plot JOB.toml"}};
}

void refuse_overrides(const std::string& path, const std::vector<std::string>& overrides) {
    if (overrides.empty()) return;
    throw JobError{"--set " + overrides.front() + " with " + path,
                   {.expected = "a job or a SEG-Y file, whose reading has keys",
                    .found = "an HDF5 file, which says itself how it is to be read"}};
}

io::SegyOptions segy_options_of(const std::string& path,
                                const std::vector<std::string>& overrides) {
    const Job job = parse_job("", path, overrides);
    for (const std::string& key : job.set_keys)
        if (!key.starts_with("records."))
            throw JobError{"--set " + key + " with the SEG-Y file " + path,
                           {.expected = "a key of [records]", .found = key}};
    return segy_options(job.records, path);
}

void tell_about(const std::string& path, const std::vector<std::string>& overrides) {
    const Communicator world = Communicator::world();
    world.collectively([&] {
        if (!world.root()) return;
        switch (kind_of_file(path)) {
            case FileKind::hdf5: refuse_overrides(path, overrides); return tell_hdf5(path);
            case FileKind::segy: return tell_segy(path, overrides);
            case FileKind::job: return tell_job(path, overrides);
        }
    });
}

}  // namespace lop::app
