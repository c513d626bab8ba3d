/// Positioned reads and writes over POSIX descriptors.
#include "segy_file.hpp"

#include <lop/core/error.hpp>
#include <lop/io/atomic_file.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lop::io::segy {
namespace {

constexpr std::int64_t largest_transfer = std::int64_t{1}
                                          << 30;  // Linux moves at most 2 GiB a call

std::string remedy_of(int code) {
    switch (code) {
        case ENOSPC:
        case EDQUOT: return "the disk is full: free some space or write to another disk";
        case EFBIG:
            return "the file exceeds the size allowed here: raise the limit (ulimit -f) or "
                   "write to another disk";
        case EACCES:
        case EPERM:
        case EROFS: return "choose a path that this user may use";
        case ENOENT: return "choose a path whose folders exist";
        case EISDIR: return "name a file instead of a folder";
        case EMFILE:
        case ENFILE: return "close files or raise the limit (ulimit -n)";
        default: return "check the disk and the path";
    }
}

}  // namespace

void throw_system(const std::string& asked, const std::string& path, int code) {
    throw FileError{asked + " " + path, {.found = std::strerror(code), .remedy = remedy_of(code)}};
}

InputFile::InputFile(const std::string& path) : path_{path} {
    file_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // pipes would wait for ever
    if (file_ < 0 && errno == ENOENT) throw file_failure("open " + path, path, ENOENT);
    if (file_ < 0) throw_system("open", path, errno);
    struct stat status{};
    const int failed = ::fstat(file_, &status) == 0 ? 0 : errno;
    if (failed != 0 || !S_ISREG(status.st_mode)) {
        ::close(file_);
        if (failed != 0) throw_system("open", path, failed);
        throw FileError{"open " + path,
                        {.expected = "a regular file",
                         .found = S_ISDIR(status.st_mode) ? "a folder" : "a device",
                         .remedy = "name a SEG-Y file"}};
    }
    size_ = status.st_size;
}

InputFile::~InputFile() { ::close(file_); }

void InputFile::read(std::int64_t offset, std::int64_t count, unsigned char* out) const {
    for (std::int64_t done = 0; done < count;) {
        const auto piece = static_cast<std::size_t>(std::min(count - done, largest_transfer));
        const auto got = ::pread(file_, out + done, piece, offset + done);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw_system("read", path_, errno);
        if (got == 0) {
            throw FileError{
                "read " + path_,
                {.expected = std::to_string(offset + count) + " bytes or more",
                 .found = "the end of the file after " + std::to_string(offset + done) + " bytes",
                 .remedy = "scan the file anew: it was cut short meanwhile"}};
        }
        done += got;
    }
}

int write_all(int file, std::int64_t offset, std::int64_t count, const unsigned char* bytes) {
    for (std::int64_t done = 0; done < count;) {
        const auto piece = static_cast<std::size_t>(std::min(count - done, largest_transfer));
        const auto put = ::pwrite(file, bytes + done, piece, offset + done);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return errno;
        if (put == 0) return ENOSPC;
        done += put;
    }
    return 0;
}

int reserve(int file, std::int64_t bytes) {
    int code = EINTR;
    while (code == EINTR) code = ::posix_fallocate(file, 0, bytes);
    if (code != EOPNOTSUPP && code != EINVAL && code != ENOSYS) return code;
    return ::ftruncate(file, bytes) == 0 ? 0 : errno;  // file systems that cannot reserve
}

void sync_directory_of(const std::string& path) {
    const auto slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    const int directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) return;
    ::fsync(directory);
    ::close(directory);
}

}  // namespace lop::io::segy
