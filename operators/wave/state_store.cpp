/// States in memory by parallel copies, and in files by positioned reads and writes.
#include "operators/wave/state_store.hpp"

#include <lop/core/error.hpp>
#include <lop/core/parallel.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace lop::wave {
namespace {

void copy(const char* from, char* to, std::size_t bytes) {
    parallel_for(static_cast<index_t>(bytes), [=](index_t begin, index_t end) {
        std::memcpy(to + begin, from + begin, static_cast<std::size_t>(end - begin));
    });
}

/// Moves all bytes by `once`(done, left), a call of the system; the error's number, or 0.
template <class Once> int move_all(std::size_t bytes, const Once& once) {
    constexpr std::size_t largest = std::size_t{1} << 30;  // Linux moves at most 2 GiB a call
    for (std::size_t done = 0; done < bytes;) {
        const ssize_t moved = once(done, std::min(bytes - done, largest));
        if (moved < 0 && errno == EINTR) continue;
        if (moved < 0) return errno;
        if (moved == 0) return EIO;
        done += static_cast<std::size_t>(moved);
    }
    return 0;
}

}  // namespace

StateStore::StateStore(StateStore&& other) noexcept
    : bytes_{other.bytes_},
      memory_{std::move(other.memory_)},
      folder_{std::move(other.folder_)},
      file_{std::exchange(other.file_, -1)},
      reserved_{std::exchange(other.reserved_, 0)} {}

StateStore& StateStore::operator=(StateStore&& other) noexcept {
    std::swap(bytes_, other.bytes_);
    std::swap(memory_, other.memory_);
    std::swap(folder_, other.folder_);
    std::swap(file_, other.file_);
    std::swap(reserved_, other.reserved_);
    return *this;
}

StateStore::~StateStore() { close(); }

void StateStore::close() noexcept {
    if (file_ >= 0) ::close(file_);
    file_ = -1;
    reserved_ = 0;
}

void StateStore::fail(int code, std::size_t bytes) const {
    throw FileError{
        "keep states of the forward field in " + folder_,
        {.expected = "room for " + number_words(1e-6 * static_cast<double>(bytes), 3) + " MB",
         .found = std::strerror(code),
         .remedy = "another folder, more memory for the history, or less of the disk"}};
}

void StateStore::open(const std::string& folder) {
    close();
    folder_ = folder;
    std::string name = folder + "/lop-states-XXXXXX";
    file_ = ::mkostemp(name.data(), O_CLOEXEC);
    if (file_ < 0)
        throw FileError{"keep states of the forward field in " + folder,
                        {.expected = "a folder to write in",
                         .found = std::strerror(errno),
                         .remedy = "another folder, or none: then they are kept in memory"}};
    ::unlink(name.c_str());
}

void StateStore::prepare(index_t states, std::size_t bytes, const std::string& folder) {
    bytes_ = bytes;
    const std::size_t all = static_cast<std::size_t>(states) * bytes;
    if (folder.empty()) {
        close();
        memory_.resize(static_cast<index_t>(all));
        return;
    }
    if (states == 0) return;
    if (file_ < 0 || folder != folder_) open(folder);
    if (all <= reserved_) return;
    // Now rather than in the middle of a run. Where the system cannot reserve, writing will tell.
    const auto begin = static_cast<off_t>(reserved_);
    int code = EINTR;
    while (code == EINTR)
        code = ::fallocate(file_, 0, begin, static_cast<off_t>(all) - begin) == 0 ? 0 : errno;
    if (code != 0 && code != EOPNOTSUPP && code != ENOSYS) fail(code, all);
    reserved_ = all;
}

void StateStore::write(index_t state, std::size_t at, const void* data, std::size_t bytes) {
    const std::size_t place = static_cast<std::size_t>(state) * bytes_ + at;
    const auto* from = static_cast<const char*>(data);
    if (file_ < 0) return copy(from, memory_.data() + place, bytes);
    const int code = move_all(bytes, [&](std::size_t done, std::size_t left) {
        return ::pwrite(file_, from + done, left, static_cast<off_t>(place + done));
    });
    if (code != 0) fail(code, bytes);
}

void StateStore::read(index_t state, std::size_t at, void* data, std::size_t bytes) const {
    const std::size_t place = static_cast<std::size_t>(state) * bytes_ + at;
    auto* to = static_cast<char*>(data);
    if (file_ < 0) return copy(memory_.data() + place, to, bytes);
    const int code = move_all(bytes, [&](std::size_t done, std::size_t left) {
        return ::pread(file_, to + done, left, static_cast<off_t>(place + done));
    });
    if (code != 0) fail(code, bytes);
}

}  // namespace lop::wave
