/// Posts of ranks, and what the system knows of their processes.
#include "distributed/watch_post.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sys/stat.h>
#include <unistd.h>

namespace lop::detail {
namespace {

constexpr auto relaxed = std::memory_order_relaxed;

/// Containers on one node may each count their processes from 1. 0: unknown.
std::uint64_t own_process_space() {
    struct stat found{};
    return stat("/proc/self/ns/pid", &found) == 0 ? found.st_ino : 0;
}

/// The letter of a process's state and the time of its start, as Linux tells them (proc(5)).
struct Status {
    char state = '?';
    std::uint64_t born = 0;
};
Status status_of(std::int64_t process) {
    Status status;
    std::array<char, 1024> line{};
    std::snprintf(line.data(), line.size(), "/proc/%lld/stat", static_cast<long long>(process));
    std::FILE* file = std::fopen(line.data(), "r");
    if (file == nullptr) return status;
    const bool read = std::fgets(line.data(), static_cast<int>(line.size()), file) != nullptr;
    std::fclose(file);
    // The second field, the program's name, is in brackets and may itself hold some.
    const char* at = read ? std::strrchr(line.data(), ')') : nullptr;
    if (at == nullptr || at[1] == '\0') return status;
    status.state = at[2];
    for (int field = 2; field < 22 && at != nullptr; ++field) at = std::strchr(at + 1, ' ');
    if (at != nullptr) status.born = std::strtoull(at, nullptr, 10);
    return status;
}

}  // namespace

std::int64_t clock_now() noexcept {
    return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds{1};
}

void Post::open(int rank) noexcept {
    rank_ = rank;
    process_ = ::getpid();
    process_space_ = own_process_space();
    born_ = status_of(::getpid()).born;
    since_ = clock_now();
}

void Post::begin_writing() noexcept {
    version_.store(version_.load(relaxed) + 1, relaxed);
    std::atomic_thread_fence(std::memory_order_release);
}

void Post::end_writing() noexcept {
    version_.store(version_.load(relaxed) + 1, std::memory_order_release);
}

void Post::enter(const Call& call, std::string_view name, std::string_view of) noexcept {
    std::array<char, text_size> text{};
    std::size_t size = 0;
    for (const std::string_view part : {name, std::string_view{of.empty() ? "" : " of "}, of}) {
        const std::size_t count = std::min(part.size(), text_size - 1 - size);
        if (count > 0) std::memcpy(text.data() + size, part.data(), count);
        size += count;
    }
    begin_writing();
    waiting_.store(true, relaxed);
    group_.store(call.group, relaxed);
    number_.store(call.number, relaxed);
    peer_count_.store(call.peer_count, relaxed);
    for (std::size_t i = 0; i < std::min(call.peers.size(), peers_.size()); ++i)
        peers_[i].store(call.peers[i], relaxed);
    for (std::size_t i = 0; i < text_.size(); ++i) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + 8 * i, 8);
        text_[i].store(word, relaxed);
    }
    end_writing();
}

void Post::compute() noexcept {
    begin_writing();
    waiting_.store(false, relaxed);
    end_writing();
}

void Post::note_time() noexcept {
    const std::uint64_t version = version_.load();
    if (noted_.load() == version) return;
    since_.store(clock_now());
    noted_.store(version);
}

std::atomic<std::uint64_t>* Post::count_of(std::uint64_t group) noexcept {
    for (Count& count : counts_) {
        if (count.group.load() == 0) count.group.store(group);
        if (count.group.load() == group) return &count.entered;
    }
    return nullptr;
}

std::uint64_t Post::entered(std::uint64_t group) const {
    for (const Count& count : counts_)
        if (count.group.load() == group) return count.entered.load();
    return 0;
}

Sight Post::look() const {
    Sight sight;
    std::array<char, text_size> text{};
    for (int attempt = 0; attempt < 1000; ++attempt) {
        const std::uint64_t before = version_.load(std::memory_order_acquire);
        if (before % 2 != 0) continue;
        sight.version = before;
        sight.since = noted_.load() == before ? since_.load() : clock_now();
        sight.waiting = waiting_.load(relaxed);
        sight.group = group_.load(relaxed);
        sight.number = number_.load(relaxed);
        sight.peer_count = peer_count_.load(relaxed);
        sight.peers.clear();
        for (int i = 0; i < std::min(sight.peer_count, named_peers); ++i)
            sight.peers.push_back(peers_[static_cast<std::size_t>(i)].load(relaxed));
        for (std::size_t i = 0; i < text_.size(); ++i) {
            const std::uint64_t word = text_[i].load(relaxed);
            std::memcpy(text.data() + 8 * i, &word, 8);
        }
        std::atomic_thread_fence(std::memory_order_acquire);
        if (version_.load(relaxed) == before) break;
    }
    sight.rank = rank();
    sight.call = std::string{text.data(), ::strnlen(text.data(), text.size())};
    return sight;
}

ProcessState Post::state() const {
    static const std::uint64_t own_space = own_process_space();
    if (process_space_.load() != own_space) return ProcessState::runs;  // out of sight
    const auto process = static_cast<pid_t>(process_.load());
    if (::kill(process, 0) != 0 && errno == ESRCH) return ProcessState::gone;
    const Status status = status_of(process);
    const std::uint64_t born = born_.load();
    if (status.born != 0 && born != 0 && status.born != born) return ProcessState::gone;
    if (status.state == 'Z' || status.state == 'X') return ProcessState::gone;
    return status.state == 'T' ? ProcessState::stopped : ProcessState::runs;
}

}  // namespace lop::detail
