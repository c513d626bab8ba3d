/// Folders for the files of a test, and a limit on the size of files.
#pragma once

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mpi.h>
#include <string>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

namespace scratch {

/// A folder of this process, removed at the end.
class Folder {
 public:
    Folder() : Folder(MPI_COMM_SELF) {}
    /// One folder for all ranks; collective.
    explicit Folder(MPI_Comm comm) : comm_{comm} {
        static int count = 0;
        long id[2] = {static_cast<long>(::getpid()), count++};
        MPI_Bcast(id, 2, MPI_LONG, 0, comm_);
        path_ = std::filesystem::temp_directory_path() /
                ("lop-io-" + std::to_string(id[0]) + "-" + std::to_string(id[1]));
        std::filesystem::create_directories(path_);
        MPI_Barrier(comm_);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
        MPI_Barrier(comm_);
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
    const std::filesystem::path& path() const { return path_; }

    std::vector<std::string> files() const {
        std::vector<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator{path_})
            names.push_back(entry.path().filename().string());
        return names;
    }

 private:
    MPI_Comm comm_;
    std::filesystem::path path_;
};

/// While it lives, no file of this process grows beyond `bytes`: a full disk that needs no disk.
class FileSizeLimit {
 public:
    explicit FileSizeLimit(rlim_t bytes) : handler_{std::signal(SIGXFSZ, SIG_IGN)} {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limit{bytes, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;
    ~FileSizeLimit() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, handler_);
    }

 private:
    rlimit before_{};
    void (*handler_)(int);
};

inline std::string bytes_of(const std::filesystem::path& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

inline void write_bytes(const std::filesystem::path& path, const std::string& bytes) {
    std::ofstream{path, std::ios::binary} << bytes;
}

/// The text of the error that `action` throws; empty if it throws none.
template <class Error, class Action>
std::string message_of(const Action& action) {
    try {
        action();
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

inline bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace scratch
