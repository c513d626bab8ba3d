/// A file descriptor that reads and writes whole ranges and reports failures in words.
#pragma once

#include <cstdint>
#include <string>

namespace lop::io::segy {

/// Opened for reading; closes itself.
class InputFile {
 public:
    explicit InputFile(const std::string& path);
    InputFile(const InputFile&) = delete;
    InputFile& operator=(const InputFile&) = delete;
    ~InputFile();

    std::int64_t size() const { return size_; }
    const std::string& path() const { return path_; }
    /// Throws FileError where the file ends before offset + count.
    void read(std::int64_t offset, std::int64_t count, unsigned char* out) const;

 private:
    std::string path_;
    int file_ = -1;
    std::int64_t size_ = 0;
};

/// Returns 0 or errno.
int write_all(int file, std::int64_t offset, std::int64_t count, const unsigned char* bytes);
/// Makes room for `bytes` on the disk. Returns 0 or errno.
int reserve(int file, std::int64_t bytes);
/// Makes a finished rename survive a power cut, where the file system can.
void sync_directory_of(const std::string& path);

[[noreturn]] void throw_system(const std::string& asked, const std::string& path, int code);

}  // namespace lop::io::segy
