/// Runs the program as a user does: from a shell, alone or under mpirun, and notes what it said.
#pragma once

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace running {

/// A folder of this test, removed at the end.
class Folder {
 public:
    Folder() {
        static int count = 0;
        path_ = std::filesystem::temp_directory_path() /
                ("lop-app-" + std::to_string(::getpid()) + "-" + std::to_string(count++));
        std::filesystem::create_directories(path_);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
    const std::filesystem::path& path() const { return path_; }

 private:
    std::filesystem::path path_;
};

inline std::string read_file(const std::filesystem::path& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

inline void write_file(const std::filesystem::path& path, const std::string& text) {
    std::ofstream{path, std::ios::binary} << text;
}

/// The root of the sources that this test was compiled from.
inline std::filesystem::path source_folder() { return LOP_SOURCE_FOLDER; }
inline std::filesystem::path example_jobs() { return source_folder() / "examples" / "jobs"; }

struct Outcome {
    int code = -1;
    std::string out;  // stdout
    std::string err;  // stderr
    double seconds = 0;
};

/// How to run: on how many ranks (0: without mpirun), with which variables, behind which command.
struct How {
    int ranks = 0;
    std::string environment{};
    std::string before{};  // "ulimit -f 1000;"
};

/// "NAME='value' " for each of the variables that is set: where to find programs, and what the
/// sanitizers of this build are told.
inline std::string handed_on() {
    std::string text;
    for (const char* name : {"PATH", "ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS"})
        if (const char* value = std::getenv(name)) text += std::string{name} + "='" + value + "' ";
    return text;
}

/// Runs `lop <arguments>` from inside `folder`. The variables of the MPI run that this test is part
/// of are not handed on: a launcher inside a launched process would refuse them. A run that hangs ends
/// with code 124.
inline Outcome run(const Folder& folder, const std::string& arguments, const How& how = {}) {
    std::string command =
        "cd '" + folder.path().string() + "' && exec env -i " + handed_on() +
        "HOME=/tmp OMP_NUM_THREADS=1 OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 "
        "OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_mpi_yield_when_idle=1 "
        "PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe "
        "OMPI_MCA_hwloc_base_binding_policy=none LOP_PICTURES=plain " +
        how.environment + " timeout -k 5 " + std::to_string(LOP_RUN_TIMEOUT - 60) + " ";
    std::string program = std::string{"'"} + LOP_PROGRAM + "' " + arguments;
    if (!how.before.empty()) program = "bash -c \"" + how.before + " exec " + program + "\"";
    if (how.ranks > 0) program = "mpirun -n " + std::to_string(how.ranks) + " " + program;
    command += program + " > out.txt 2> err.txt < /dev/null";
    const auto start = std::chrono::steady_clock::now();
    const int status = std::system(command.c_str());
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128, read_file(folder / "out.txt"),
            read_file(folder / "err.txt"), spent.count()};
}

inline bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

inline int count_of(const std::string& text, const std::string& part) {
    int count = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size()))
        ++count;
    return count;
}

/// A job that takes a second: five shots over a small built-in section.
inline std::string small_job() {
    return R"(title = "small"
[model]
shape = [60, 40]
spacing = "15 m"
water_depth = "100 m"
[background]
length = "40 m"
[sources]
count = 5
[receivers]
count = 30
[time]
samples = 150
interval = "4 ms"
[wavelet]
frequency = "10 Hz"
[inversion]
iterations = 4
)";
}

}  // namespace running
