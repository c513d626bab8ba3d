/// The folder of results: made and probed before the work, filled after it, pictures included.
#pragma once

#include "job.hpp"
#include <lop/io/hdf5.hpp>
#include <lop/io/picture.hpp>
#include <lop/seismic/model.hpp>
#include <lop/seismic/shot_records.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace lop::app {

/// Prints a line for people on stdout, on the root rank alone; a progress bar makes way.
void say(std::string_view line);

/// A folder of files. Where it, or folders above it, were made here, and stay empty because the work
/// failed, they go again.
class Folder {
 public:
    explicit Folder(std::filesystem::path path) : path_{std::move(path)} {}
    ~Folder();
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    const std::filesystem::path& path() const { return path_; }
    /// Throws FileError.
    void make();

 private:
    std::filesystem::path path_;
    std::vector<std::filesystem::path> made_;  // the innermost first
};

class Results {
 public:
    /// Makes the job's folder and finds out whether `bytes` can be written there, so that a full
    /// disk or a missing permission ends the job before its work. Collective. Throws FileError.
    Results(const Job& job, index_t bytes);

    std::filesystem::path path(const std::string& name) const { return folder_.path() / name; }
    /// Notes a file that is complete and tells people of it.
    void announce(const std::string& name, const std::string& words) const;
    /// Runs `draw` on the root rank if the job asks for pictures; an error ends all ranks.
    void picture(const std::string& name, const std::string& words,
                 const std::function<void(const std::filesystem::path&)>& draw) const;

 private:
    Folder folder_;
    bool pictures_;
};

/// The folder of a job's results: output.folder, or results/<name of the job>.
std::filesystem::path results_folder(const Job& job);

/// A section to look at: [nx x nz] values, z fastest, with its axes.
struct Section2D {
    std::int64_t nx = 0;
    std::int64_t nz = 0;
    std::vector<double> values;
    io::PictureAxis x, z;
};

/// A grid's values, or the middle (x, z) section of three dimensions; times `factor`.
template <Scalar T> Section2D section_of(const Grid& grid, const T* values, double factor = 1);
/// The same of values whose first axis is depth and whose last one is x: axes change places.
Section2D turned(const Section2D& section);
/// One shot's traces, brought to every rank. Collective.
template <Scalar T> Section2D gather_of(const ShotRecords<T>& records, index_t shot);
void draw(const std::filesystem::path& path, const Section2D& section, io::PictureSpec spec);
/// A medium's velocity in km/s.
template <Scalar T>
void draw_velocity(const std::filesystem::path& path, const char* title, const Model<T>& medium);
/// shot.png: the middle shot. Collective.
template <Scalar T> void picture_shot(const Results& results, const ShotRecords<T>& records);

}  // namespace lop::app
