/// Temporary names, whole writes, fsync, rename; and system errors in words.
#include <lop/io/atomic_file.hpp>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace lop::io {
namespace fs = std::filesystem;
namespace {

fs::path folder_of(const fs::path& path) {
    const fs::path parent = path.parent_path();
    return parent.empty() ? fs::path{"."} : parent;
}

std::string free_space(const fs::path& path) {
    std::error_code ignored;
    const fs::space_info space = fs::space(folder_of(path), ignored);
    if (ignored) return {};
    return ", " + std::to_string(space.available) + " bytes free";
}

/// What a person can do about an errno.
std::string way_out(const fs::path& path, int code) {
    const std::string folder = folder_of(path).string();
    std::error_code ignored;
    switch (code) {
        case ENOSPC: return "free space on the disk of " + folder + ", or write elsewhere";
        case EDQUOT:
            return "your quota on the disk of " + folder +
                   " is used up: remove files, or write elsewhere";
        case EFBIG:
            return "raise the limit on file sizes (ulimit -f unlimited), or write elsewhere";
        case EACCES:
        case EPERM: return "check the permissions of " + path.string() + " and of " + folder;
        case EROFS: return "choose a folder on a disk that can be written";
        case ENOENT:
            return fs::is_directory(folder, ignored) ? "check the name"
                                                     : "create the folder " + folder + " first";
        case ENOTDIR: return "a part of the path is a file, not a folder: check the name";
        case EISDIR: return "this is a folder: name a file in it";
        case ENAMETOOLONG: return "choose a shorter name";
        case EMFILE:
        case ENFILE: return "raise the limit on open files (ulimit -n)";
        default: return "check the disk and the name";
    }
}

/// Writes all of it, at `position` or (if negative) where the file stands. Returns 0 or the errno.
int write_all(int descriptor, const char* data, std::size_t bytes, std::int64_t position) {
    constexpr std::size_t largest = std::size_t{1} << 30;  // one call moves at most 2 GiB on Linux
    while (bytes > 0) {
        const std::size_t piece = std::min(bytes, largest);
        const ssize_t done = position < 0 ? ::write(descriptor, data, piece)
                                          : ::pwrite(descriptor, data, piece, position);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) return errno;
        if (done == 0) return ENOSPC;
        data += done;
        bytes -= static_cast<std::size_t>(done);
        if (position >= 0) position += done;
    }
    return 0;
}

/// 0 or the errno. Pipes and some file systems know no fsync: that is no failure.
int bring_to_disk(int descriptor) {
    if (::fsync(descriptor) == 0) return 0;
    return errno == EINVAL || errno == ENOTSUP || errno == EROFS ? 0 : errno;
}

/// A rename survives a crash only once its folder is on the disk; best effort.
void bring_folder_to_disk(const fs::path& folder) {
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return;
    ::fsync(descriptor);
    ::close(descriptor);
}

/// A link stays, the file it names is replaced.
fs::path follow_link(const fs::path& target) {
    std::error_code failed;
    if (!fs::is_symlink(fs::symlink_status(target, failed))) return target;
    const fs::path resolved = fs::weakly_canonical(target, failed);
    return failed ? target : resolved;
}

bool is_special(const fs::path& path) {
    std::error_code ignored;
    const fs::file_status status = fs::status(path, ignored);
    return fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status);
}

/// Opens a name beside the target that nobody has; another process or host may race for it.
int open_beside(const fs::path& target, fs::path& temporary) {
    static std::atomic<unsigned> counter{0};
    for (;;) {
        temporary = target;
        temporary += "." + std::to_string(::getpid()) + "-" + std::to_string(counter++) + ".part";
        const int descriptor =
            ::open(temporary.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (descriptor >= 0 || errno != EEXIST) return descriptor;
    }
}

void rename_over(const fs::path& temporary, const fs::path& target) {
    if (::rename(temporary.c_str(), target.c_str()) != 0) {
        const int code = errno;
        ::unlink(temporary.c_str());
        throw file_failure("write " + target.string(), target, code);
    }
    bring_folder_to_disk(folder_of(target));
}

}  // namespace

FileError file_failure(const std::string& asked, const fs::path& path, int code,
                       std::int64_t needed) {
    std::string found = std::strerror(code);
    if (code == ENOSPC || code == EDQUOT) found += free_space(path);
    if (needed > 0) found += ", " + std::to_string(needed) + " bytes needed";
    return FileError{asked, {.expected = {}, .found = found, .remedy = way_out(path, code)}};
}

void check_regular(const std::string& asked, const fs::path& path) {
    std::error_code failed;
    const fs::file_status status = fs::status(path, failed);
    if (status.type() == fs::file_type::not_found) throw file_failure(asked, path, ENOENT);
    if (status.type() == fs::file_type::none) throw file_failure(asked, path, failed.value());
    if (fs::is_directory(status)) throw file_failure(asked, path, EISDIR);
    if (!fs::is_regular_file(status))
        throw FileError{
            asked,
            {.expected = "a file", .found = "a device or a pipe", .remedy = "copy it to a file"}};
    if (::access(path.c_str(), R_OK) != 0) throw file_failure(asked, path, errno);
}

AtomicFile::AtomicFile(const fs::path& target) : target_{follow_link(target)} {
    std::error_code ignored;
    if (fs::is_directory(target_, ignored))
        throw file_failure("write " + target.string(), target_, EISDIR);
    if (fs::exists(target_, ignored) && ::access(target_.c_str(), W_OK) != 0)
        throw file_failure("write " + target.string(), target_, errno);
    if (is_special(target_)) {
        temporary_ = target_;
        descriptor_ = ::open(target_.c_str(), O_WRONLY | O_CLOEXEC);
    } else {
        descriptor_ = open_beside(target_, temporary_);
    }
    if (descriptor_ < 0) throw file_failure("write " + target.string(), target_, errno);
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : target_{std::move(other.target_)},
      temporary_{std::move(other.temporary_)},
      descriptor_{std::exchange(other.descriptor_, -1)} {}

AtomicFile& AtomicFile::operator=(AtomicFile&& other) noexcept {
    if (this != &other) {
        abandon();
        target_ = std::move(other.target_);
        temporary_ = std::move(other.temporary_);
        descriptor_ = std::exchange(other.descriptor_, -1);
    }
    return *this;
}

AtomicFile::~AtomicFile() { abandon(); }

void AtomicFile::require_open() const {
    if (descriptor_ < 0) {
        throw FileError{"write " + target_.string(),
                        {.expected = "a file under construction",
                         .found = "a file already committed or abandoned",
                         .remedy = "write everything before commit()"}};
    }
}

void AtomicFile::write(const void* data, std::size_t bytes) {
    require_open();
    const int code = write_all(descriptor_, static_cast<const char*>(data), bytes, -1);
    if (code != 0) throw file_failure("write " + target_.string(), target_, code);
}

void AtomicFile::write_at(std::int64_t position, const void* data, std::size_t bytes) {
    require_open();
    const int code = position < 0
                         ? EINVAL
                         : write_all(descriptor_, static_cast<const char*>(data), bytes, position);
    if (code != 0) throw file_failure("write " + target_.string(), target_, code);
}

void AtomicFile::reserve(std::int64_t from, std::int64_t to) {
    require_open();
    while (to > from && ::fallocate(descriptor_, 0, from, to - from) != 0) {
        if (errno == EINTR) continue;
        if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG || errno == EIO)
            throw file_failure("write " + target_.string(), target_, errno, to - from);
        return;
    }
}

void AtomicFile::commit() {
    require_open();
    int code = bring_to_disk(descriptor_);
    // Some network disks report a full disk or quota only here.
    if (::close(std::exchange(descriptor_, -1)) != 0 && code == 0) code = errno;
    if (temporary_ == target_) {
        if (code != 0) throw file_failure("write " + target_.string(), target_, code);
        return;
    }
    if (code != 0) {
        ::unlink(temporary_.c_str());
        throw file_failure("write " + target_.string(), target_, code);
    }
    rename_over(temporary_, target_);
}

void AtomicFile::abandon() noexcept {
    if (descriptor_ < 0) return;
    ::close(std::exchange(descriptor_, -1));
    if (temporary_ != target_) ::unlink(temporary_.c_str());
}

void write_file(const fs::path& target, std::string_view content) {
    AtomicFile file{target};
    file.write(content);
    file.commit();
}

}  // namespace lop::io
