/// lop plot: pictures of files.
#include "commands.hpp"
#include "files.hpp"
#include "medium.hpp"
#include "results.hpp"
#include "snapshot_pictures.hpp"
#include <lop/core/error.hpp>
#include <lop/io/hdf5.hpp>
#include <lop/io/segy.hpp>
#include <lop/io/snapshots.hpp>

#include <fmt/format.h>

namespace lop::app {
namespace {

namespace fs = std::filesystem;

constexpr index_t least_extent = 4;  ///< of what makes a picture

/// The picture's name: as asked for, or the file's with what is drawn.
fs::path picture_name(const std::string& path, const PlotOptions& options, std::string what) {
    if (!options.output.empty()) return options.output;
    for (char& c : what)
        if (c == '/') c = '-';
    return fs::path{path}.stem().string() + (what.empty() ? "" : "-" + what) + ".png";
}

void drawn(const fs::path& path) { say("drawn: " + path.string()); }

/// A few arrays one after the other, as the parameters of a medium are, each drawn for itself.
bool is_stack(const io::DatasetInfo& dataset) {
    return dataset.extents.size() > 2 && dataset.extents.front() < least_extent;
}

index_t parts_of(const io::DatasetInfo& dataset) {
    return is_stack(dataset) ? dataset.extents.front() : 1;
}

/// A part of a dataset, of which `all` are the values, as a section, its middle one in three dimensions.
Section2D dataset_section(const io::Hdf5File& file, const io::DatasetInfo& whole,
                          const std::vector<double>& all, index_t part) {
    io::DatasetInfo dataset = whole;
    if (is_stack(whole)) dataset.extents.erase(dataset.extents.begin());
    const auto first =
        all.begin() + static_cast<std::ptrdiff_t>(all.size()) / parts_of(whole) * part;
    const std::vector<double> values(
        first, first + static_cast<std::ptrdiff_t>(all.size()) / parts_of(whole));
    const auto vector = [&](const char* key, std::size_t size, double otherwise) {
        if (file.has_attribute(dataset.name, key)) {
            auto given = file.attribute<std::vector<double>>(dataset.name, key);
            if (given.size() == size) return given;
        }
        return std::vector<double>(size, otherwise);
    };
    const bool traces = file.has_attribute(dataset.name, "interval");
    if (traces) {
        return {dataset.extents[0],
                dataset.extents[1],
                values,
                {1, 1, "trace", ""},
                {file.attribute<double>(dataset.name, "start"),
                 file.attribute<double>(dataset.name, "interval"), "time", "s"}};
    }
    const Shape shape{std::span<const index_t>{dataset.extents}};
    const auto spacing = vector("spacing", dataset.extents.size(), 1);
    const Grid grid{shape, spacing, vector("origin", dataset.extents.size(), 0)};
    Section2D section = section_of(grid, values.data());
    const bool is_upright = file.has_attribute(dataset.name, "axes") &&
                            file.attribute<std::string>(dataset.name, "axes").starts_with("z");
    if (is_upright) section = turned(section);
    if (!file.has_attribute(dataset.name, "spacing")) {
        section.x = {0, 1, "first axis", ""};
        section.z = {0, 1, "last axis", ""};
    }
    return section;
}

bool is_section(const io::DatasetInfo& dataset) {
    const bool number = dataset.type.starts_with("float") || dataset.type.starts_with("int");
    const auto rank = dataset.extents.size();
    const std::ptrdiff_t first = is_stack(dataset) ? 1 : 0;
    if (!number || rank < 2 || rank > (first > 0 ? 4 : 3)) return false;
    return std::all_of(dataset.extents.begin() + first, dataset.extents.end(),
                       [](auto extent) { return extent >= least_extent; });
}

/// A sheet of frames, or a movie.
void plot_snapshots(const io::Hdf5File& file, const std::string& path, const PlotOptions& options) {
    const fs::path name = picture_name(path, options, {});
    const bool moves = name.extension() == ".apng";
    if (!moves && name.extension() != ".png")
        throw JobError{"lop plot -o " + name.string(),
                       {.expected = "NAME.png, a sheet of frames, or NAME.apng, a movie",
                        .found = name.extension().string(),
                        .remedy = "other formats are made from the movie: ffmpeg -i NAME.apng " +
                                  name.string()}};
    draw_snapshots(file, name);
    drawn(name);
    if (moves)
        say(fmt::format("browsers play it; for slides: ffmpeg -i {} {}", name.string(),
                        fs::path{name}.replace_extension(".mp4").string()));
}

void plot_hdf5(const std::string& path, const PlotOptions& options) {
    const auto file = io::Hdf5File::open(path);
    if (options.dataset.empty() && io::holds_snapshots(file))
        return plot_snapshots(file, path, options);
    std::vector<io::DatasetInfo> chosen;
    std::string names;
    for (const io::DatasetInfo& dataset : file.datasets()) {
        if (!is_section(dataset)) continue;
        names += (names.empty() ? "" : ", ") + dataset.name;
        if (options.dataset.empty() || options.dataset == dataset.name) chosen.push_back(dataset);
    }
    if (chosen.empty())
        throw FileError{
            "draw " + (options.dataset.empty() ? path : options.dataset + " of " + path),
            {.expected = names.empty() ? "a dataset of two or three axes, or a few such"
                                       : "one of " + names,
             .found = options.dataset.empty() ? "none" : options.dataset,
             .remedy = "lop info " + path}};
    if (!options.output.empty() && (chosen.size() > 1 || parts_of(chosen.front()) > 1))
        throw JobError{"lop plot -o with several pictures",
                       {.expected = "one, --dataset with one of " + names,
                        .remedy = "leave -o away: names follow from the datasets"}};
    for (const io::DatasetInfo& dataset : chosen) {
        const auto values = file.read_whole<double>(dataset.name, io::Conversion::allowed);
        for (index_t part = 0; part < parts_of(dataset); ++part) {
            const std::string title =
                dataset.name + (parts_of(dataset) > 1 ? "-" + std::to_string(part) : "");
            const fs::path name = picture_name(path, options, title);
            const bool traces = dataset.name.ends_with("traces");
            draw(name, dataset_section(file, dataset, values, part),
                 {.title = title,
                  .unit = dataset.unit,
                  .colors = traces ? io::ColorMap::grey : io::ColorMap::automatic,
                  .percentile = traces ? 98.0 : 99.5});
            drawn(name);
        }
    }
}

void plot_segy(const std::string& path, const PlotOptions& options) {
    const auto survey = io::scan_segy(path, segy_options_of(path, options.overrides));
    const auto count = static_cast<index_t>(survey.shots.size());
    const index_t number = options.shot.value_or(0);
    if (number < 0 || number >= count)
        throw FileError{fmt::format("draw shot {} of {}", number, path),
                        {.expected = count > 0 ? fmt::format("a shot from 0 to {}", count - 1)
                                               : "a file with shots",
                         .found = counted(count, "shot")}};
    const auto& shot = survey.shots[static_cast<std::size_t>(number)];
    std::vector<float> samples(static_cast<std::size_t>(shot.traces * survey.samples));
    io::read_shot(survey, shot, samples.data());
    const fs::path name = picture_name(path, options, fmt::format("shot{}", number));
    draw(name,
         {shot.traces,
          survey.samples,
          {samples.begin(), samples.end()},
          {1, 1, "trace", ""},
          {survey.start, survey.interval, "time", "s"}},
         {.title = fmt::format("shot {}, record {}", number, shot.field_record),
          .colors = io::ColorMap::grey,
          .percentile = 98});
    drawn(name);
}

void plot_job(const std::string& path, const PlotOptions& options) {
    const Job job = read_job(path, options.overrides);
    const auto model = read_medium(job);
    const auto background = read_background(job, model);
    const auto velocity = [&](const Model<double>& medium, const char* title) {
        const fs::path name = picture_name(path, options, title);
        const Communicator world = Communicator::world();
        world.collectively([&] {
            if (!world.root()) return;
            draw_velocity(name, title, medium);
            drawn(name);
        });
    };
    velocity(model, "model");
    if (options.output.empty()) velocity(background, "background");
}

/// Options that say nothing about this kind of file are mistakes, not wishes.
void refuse_misplaced(const std::string& path, const PlotOptions& options, FileKind kind) {
    if (kind != FileKind::hdf5 && !options.dataset.empty())
        throw JobError{"lop plot --dataset " + options.dataset + " with " + path,
                       {.expected = "an HDF5 file, which holds datasets"}};
    if (kind != FileKind::segy && options.shot)
        throw JobError{fmt::format("lop plot --shot {} with {}", *options.shot, path),
                       {.expected = "a SEG-Y file, which holds shots"}};
    if (kind == FileKind::hdf5) refuse_overrides(path, options.overrides);
}

}  // namespace

void plot(const std::string& path, const PlotOptions& options) {
    const Communicator world = Communicator::world();
    FileKind kind = FileKind::job;
    world.collectively([&] {
        kind = kind_of_file(path);
        refuse_misplaced(path, options, kind);
    });
    if (kind == FileKind::job) return plot_job(path, options);
    world.collectively([&] {
        if (!world.root()) return;
        if (kind == FileKind::hdf5) plot_hdf5(path, options);
        else plot_segy(path, options);
    });
}

}  // namespace lop::app
