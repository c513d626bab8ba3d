/// Files that appear whole or not at all: written under a temporary name, renamed on success.
#pragma once

#include <lop/core/error.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace lop::io {

/// A file under construction. Bytes go to a temporary name beside the target; commit() brings them
/// to the disk (fsync) and renames, so that a reader sees the old file or the new one, never half
/// of one. Destroyed before commit(), it removes what it wrote and leaves the target as it was.
///
///     AtomicFile file{"image.png"};
///     file.write(header);
///     file.write(samples.data(), samples.size() * sizeof(float));
///     file.commit();
///
/// A symbolic link is followed: the file it names is replaced. A target that exists and is no
/// regular file (/dev/stdout, a pipe) is written in place, as there is nothing to rename.
///
/// Every failure (no such folder, no permission, full disk, quota, limit) is a FileError that names
/// the file and the way out. Writing beyond a process's file size limit (ulimit -f) kills the
/// process by SIGXFSZ unless the program ignores that signal; if it does, it gets a FileError.
///
/// Not collective: in a parallel program one rank owns the file; others may open temporary() and
/// write to it while it lives.
class AtomicFile {
 public:
    explicit AtomicFile(const std::filesystem::path& target);
    AtomicFile(AtomicFile&& other) noexcept;
    AtomicFile& operator=(AtomicFile&& other) noexcept;
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;
    ~AtomicFile();

    /// Appends `bytes` bytes at the current position.
    void write(const void* data, std::size_t bytes);
    void write(std::string_view text) { write(text.data(), text.size()); }

    /// Writes at a position counted in bytes from the beginning; write() is not moved by it.
    /// For regular files.
    void write_at(std::int64_t position, const void* data, std::size_t bytes);

    /// Brings the bytes to the disk and gives the file its name. Nothing may be written afterwards.
    void commit();

    /// Reserves the bytes [from, to) on the disk, so that a full disk or quota shows before the
    /// work does; where the disk knows no reservation, nothing happens. Grows the file.
    void reserve(std::int64_t from, std::int64_t to);

    /// Closes and removes the temporary file; the target stays as it was.
    void abandon() noexcept;

    const std::filesystem::path& target() const { return target_; }
    /// The name that the bytes lie under until commit().
    const std::filesystem::path& temporary() const { return temporary_; }
    /// The open file, for a child process or a library that wants it; -1 after commit().
    int descriptor() const { return descriptor_; }

 private:
    void require_open() const;

    std::filesystem::path target_;     // as asked for, links resolved
    std::filesystem::path temporary_;  // equals target_ where there is nothing to rename
    int descriptor_ = -1;
};

/// The whole of a small file in one call.
void write_file(const std::filesystem::path& target, std::string_view content);

/// The error for a failed system call: `asked` is the first line ("write image.png"), `code` the
/// errno; the way out depends on it (full disk, quota, permission, missing folder, limits).
/// `needed` bytes, if given, are told beside those free.
FileError file_failure(const std::string& asked, const std::filesystem::path& path, int code,
                       std::int64_t needed = 0);

/// Throws FileError, whose first line is `asked`, unless the path names a file that can be read from end
/// to end: not a folder, nor a pipe or a device, which need have no end.
void check_regular(const std::string& asked, const std::filesystem::path& path);

}  // namespace lop::io
