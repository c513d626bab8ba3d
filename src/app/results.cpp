/// Makes and fills the folder of results.
#include "results.hpp"

#include <lop/core/log.hpp>
#include <lop/core/progress.hpp>
#include <lop/io/atomic_file.hpp>

#include <cerrno>
#include <cstdio>
#include <fmt/format.h>

namespace lop::app {

namespace fs = std::filesystem;

void say(std::string_view line) {
    if (!logging::is_root()) return;
    Progress::clear_terminal_line();
    fmt::print("{}\n", line);
    std::fflush(stdout);
}

fs::path results_folder(const Job& job) {
    if (!job.output.folder.empty()) return job.output.folder;
    return fs::path{"results"} / job.path.stem();
}

Folder::~Folder() {
    std::error_code not_empty;
    for (const fs::path& made : made_)
        if (!fs::remove(made, not_empty)) return;
}

void Folder::make() {
    std::error_code failed;
    for (fs::path at = path_; at.has_relative_path() && !fs::exists(at, failed);
         at = at.parent_path())
        made_.push_back(at);
    fs::create_directories(path_, failed);
    const bool usable = !failed && fs::is_directory(path_);
    if (!usable)
        throw io::file_failure("make the folder of results " + path_.string(), path_,
                               failed ? failed.value() : ENOTDIR);
}

Results::Results(const Job& job, index_t bytes)
    : folder_{results_folder(job)}, pictures_{job.output.pictures} {
    const Communicator world = Communicator::world();
    world.collectively([&] {
        if (!world.root()) return;
        folder_.make();
        io::AtomicFile probe{path("results")};
        probe.reserve(0, bytes);
        probe.abandon();
    });
}

void Results::announce(const std::string& name, const std::string& words) const {
    say(fmt::format("  {:<40} {}", path(name).string(), words));
}

void Results::picture(const std::string& name, const std::string& words,
                      const std::function<void(const fs::path&)>& draw) const {
    if (!pictures_) return;
    const Communicator world = Communicator::world();
    world.collectively([&] {
        if (world.root()) draw(path(name));
    });
    announce(name, words);
}

template <Scalar T> Section2D section_of(const Grid& grid, const T* values, double factor) {
    const int depth = grid.dimension() - 1;
    const index_t nx = grid.shape()[0];
    const index_t nz = grid.shape()[depth];
    const index_t ny = grid.dimension() == 3 ? grid.shape()[1] : 1;
    Section2D section{nx,
                      nz,
                      {},
                      {grid.origin(0), grid.spacing(0), "distance", "m"},
                      {grid.origin(depth), grid.spacing(depth), "depth", "m"}};
    section.values.reserve(static_cast<std::size_t>(nx * nz));
    for (index_t ix = 0; ix < nx; ++ix)
        for (index_t iz = 0; iz < nz; ++iz)
            section.values.push_back(factor *
                                     static_cast<double>(values[(ix * ny + ny / 2) * nz + iz]));
    return section;
}

Section2D turned(const Section2D& section) {
    Section2D other{section.nz, section.nx, {}, section.z, section.x};
    other.x.label = section.x.label;
    other.z.label = section.z.label;
    other.values.reserve(section.values.size());
    for (index_t ix = 0; ix < other.nx; ++ix)
        for (index_t iz = 0; iz < other.nz; ++iz)
            other.values.push_back(section.values[static_cast<std::size_t>(iz * section.nz + ix)]);
    return other;
}

template <Scalar T> Section2D gather_of(const ShotRecords<T>& records, index_t shot) {
    const Geometry& geometry = records.receivers();
    const Communicator& comm = geometry.communicator();
    const TimeAxis& time = geometry.time();
    const auto count = static_cast<index_t>(geometry.points(shot).size());
    Section2D section{count,
                      time.samples,
                      std::vector<double>(static_cast<std::size_t>(count * time.samples)),
                      {1, 1, "receiver", ""},
                      {time.start, time.interval, "time", "s"}};
    if (shot >= geometry.first_shot() && shot < geometry.last_shot()) {
        const index_t before =
            geometry.first_trace(shot) - geometry.first_trace(geometry.first_shot());
        std::copy_n(records.data() + before * time.samples, count * time.samples,
                    section.values.begin());
    }
    int owner = 0;
    while (geometry.shares().first(owner + 1) <= shot) ++owner;
    comm.broadcast(section.values.data(), section.values.size() * sizeof(double), owner);
    return section;
}

void draw(const fs::path& path, const Section2D& section, io::PictureSpec spec) {
    spec.x = section.x;
    spec.z = section.z;
    io::write_picture(path, section.values.data(), section.nx, section.nz, spec);
}

template <Scalar T>
void draw_velocity(const fs::path& path, const char* title, const Model<T>& medium) {
    draw(path, section_of(medium.grid(), medium.velocity().data(), 1e-3),
         {.title = title, .quantity = "velocity", .unit = "km/s"});
}

template <Scalar T> void picture_shot(const Results& results, const ShotRecords<T>& records) {
    const index_t shot = records.receivers().shot_count() / 2;
    const std::string title = fmt::format("shot {}", shot);
    const Section2D gather = gather_of(records, shot);
    results.picture("shot.png", "data of " + title, [&](const auto& path) {
        draw(path, gather,
             {.title = title,
              .quantity = "pressure",
              .colors = io::ColorMap::grey,
              .percentile = 98});
    });
}

template void draw_velocity(const fs::path&, const char*, const Model<float>&);
template void draw_velocity(const fs::path&, const char*, const Model<double>&);
template void picture_shot(const Results&, const ShotRecords<float>&);
template void picture_shot(const Results&, const ShotRecords<double>&);
template Section2D section_of(const Grid&, const float*, double);
template Section2D section_of(const Grid&, const double*, double);
template Section2D gather_of(const ShotRecords<float>&, index_t);
template Section2D gather_of(const ShotRecords<double>&, index_t);

}  // namespace lop::app
