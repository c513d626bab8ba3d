/// The thread that looks around: warnings, last words, and the end of a job that cannot go on.
#include "distributed/watch.hpp"

#include <lop/core/error.hpp>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <new>
#include <poll.h>
#include <unistd.h>

namespace lop::detail {
namespace {

constexpr std::int64_t second = 1'000'000'000;
constexpr int look_every_ms = 200;
/// Ticks that come this late mean that the process was stopped, and its waits with it.
constexpr std::int64_t pause = 5 * second;
/// How long a launcher may take to end all ranks after one that left.
constexpr std::int64_t launcher_grace = 5 * second;
/// How long the last messages of a rank may be on their way once it is at the end of its session.
constexpr std::int64_t last_messages = 5 * second;

std::atomic<Watch*> the_watch{nullptr};
std::atomic<int> signal_pipe{-1};

extern "C" void lop_watch_on_terminate(int) {
    const int error = errno;
    const char event = 't';
    [[maybe_unused]] const auto written = ::write(signal_pipe.load(), &event, 1);
    errno = error;
}

void print(const std::string& message) {
    std::fwrite(message.data(), 1, message.size(), stderr);
    std::fflush(stderr);
}

std::int64_t limit_from(const char* name, std::int64_t fallback) {
    const char* text = std::getenv(name);
    if (text == nullptr || *text == '\0') return fallback;
    char* end = nullptr;
    const double seconds = std::strtod(text, &end);
    if (*end != '\0' || !std::isfinite(seconds) || seconds < 0 || seconds > 1e9)
        throw ArgumentError{
            std::string{"the environment variable "} + name,
            {.expected = "seconds from 0 (never) to 1e9", .found = "'" + std::string{text} + "'"}};
    return static_cast<std::int64_t>(seconds * static_cast<double>(second));
}

/// FNV-1a over the ranks (Fowler, Noll and Vo 1991).
std::uint64_t id_of(const std::vector<int>& ranks) {
    std::uint64_t id = 14695981039346656037U;
    for (const int rank : ranks)
        for (int shift = 0; shift < 32; shift += 8)
            id = (id ^ ((static_cast<std::uint32_t>(rank) >> shift) & 0xffU)) * 1099511628211U;
    return id == 0 ? 1 : id;
}

/// "rank 2", "ranks 0 and 3", "ranks 0 to 5, 7 and 9"; ascending ranks.
std::string rank_words(const std::vector<int>& ranks) {
    std::vector<std::string> runs;
    for (std::size_t i = 0; i < ranks.size();) {
        std::size_t last = i;
        while (last + 1 < ranks.size() && ranks[last + 1] == ranks[last] + 1) ++last;
        if (last - i < 2) last = i;
        runs.push_back(std::to_string(ranks[i]) +
                       (last > i ? " to " + std::to_string(ranks[last]) : ""));
        i = last + 1;
    }
    std::string words = ranks.size() == 1 ? "rank " : "ranks ";
    for (std::size_t i = 0; i < runs.size(); ++i)
        words += (i == 0 ? "" : i + 1 == runs.size() ? " and " : ", ") + runs[i];
    return words;
}

std::string seconds_since(std::int64_t since) {
    return std::to_string((clock_now() - since + second / 2) / second) + " s";
}

std::string quoted(const std::string& call) { return "'" + call + "'"; }

/// "has been computing for 31 s; its last call was 'sum'", "has waited for 31 s in 'sum'".
std::string doing(const Sight& sight) {
    if (!sight.waiting)
        return "has been computing for " + seconds_since(sight.since) +
               (sight.call.empty() ? ", and has made no call yet"
                                   : "; its last call was " + quoted(sight.call));
    std::string words =
        "has waited for " + seconds_since(sight.since) + " in " + quoted(sight.call);
    if (sight.number == 0 && !sight.peers.empty()) {
        std::vector<int> peers = sight.peers;
        std::sort(peers.begin(), peers.end());
        words += " for " + rank_words(peers);
        if (sight.peer_count > static_cast<int>(peers.size())) words += " and others";
    }
    return words;
}

}  // namespace

WatchLimits WatchLimits::from_environment() {
    return {limit_from("LOP_WATCHDOG_WARN", 60 * second), limit_from("LOP_WATCHDOG_ABORT", 0)};
}

Watch* Watch::current() noexcept { return the_watch.load(std::memory_order_acquire); }

WatchedGroup* watched_group(MPI_Comm native) {
    Watch* watch = Watch::current();
    return watch == nullptr ? nullptr : watch->group(native);
}

// ---- start and end ----------------------------------------------------------------------------

Watch::Watch(WatchLimits limits) : limits_{limits} {
    MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node_);
    int size = 0;
    int rank = 0;
    int world_rank = 0;
    MPI_Comm_size(node_, &size);
    MPI_Comm_rank(node_, &rank);
    MPI_Comm_rank(MPI_COMM_WORLD, &world_rank);
    me_ = static_cast<std::size_t>(rank);
    void* memory = nullptr;
    MPI_Comm_set_errhandler(node_, MPI_ERRORS_RETURN);
    int failed = MPI_Win_allocate_shared(sizeof(Post), 1, MPI_INFO_NULL, node_, &memory,
                                         &window_) != MPI_SUCCESS;
    MPI_Allreduce(MPI_IN_PLACE, &failed, 1, MPI_INT, MPI_MAX, node_);
    if (failed != 0) throw MemoryError{"the watchdog: MPI finds no memory that ranks can share"};
    (new (memory) Post{})->open(world_rank);
    for (int r = 0; r < size; ++r) {
        MPI_Aint bytes = 0;
        int unit = 0;
        MPI_Win_shared_query(window_, r, &bytes, &unit, &memory);
        posts_.push_back(static_cast<Post*>(memory));
    }
    MPI_Barrier(node_);
    group(MPI_COMM_WORLD);
    start();
    the_watch.store(this, std::memory_order_release);
}

Watch::~Watch() {
    post().leave();
    the_watch.store(nullptr);
    stop();
    MPI_Win_free(&window_);
    MPI_Comm_free(&node_);
}

void Watch::start() {
    if (::pipe2(wake_, O_CLOEXEC | O_NONBLOCK) != 0) return;  // no files left: nobody looks
    // A launcher that ends the job asks each rank to terminate, and gives it a moment: time to say
    // why. Programs with a handler of their own keep it.
    struct sigaction present{};
    ::sigaction(SIGTERM, nullptr, &present);
    obeys_signals_ = (present.sa_flags & SA_SIGINFO) == 0 && present.sa_handler == SIG_DFL;
    if (obeys_signals_) {
        signal_pipe = wake_[1];
        struct sigaction action{};
        action.sa_handler = lop_watch_on_terminate;
        action.sa_flags = SA_RESTART;
        ::sigaction(SIGTERM, &action, nullptr);
    }
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);  // the thread takes no signal of the program's
    thread_ = std::thread{[this] { run(); }};
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void Watch::stop() noexcept {
    if (obeys_signals_) std::signal(SIGTERM, SIG_DFL);
    obeys_signals_ = false;
    if (!thread_.joinable() || thread_.get_id() == std::this_thread::get_id()) return;
    const char event = 'q';
    [[maybe_unused]] const auto written = ::write(wake_[1], &event, 1);
    thread_.join();
    ::close(wake_[0]);
    ::close(wake_[1]);
}

// ---- what the rank posts ----------------------------------------------------------------------

WatchedGroup* Watch::group(MPI_Comm native) {
    if (native == MPI_COMM_WORLD && !groups_.empty()) return &groups_.front();
    MPI_Group members = MPI_GROUP_NULL;
    MPI_Group world = MPI_GROUP_NULL;
    MPI_Comm_group(native, &members);
    MPI_Comm_group(MPI_COMM_WORLD, &world);
    int size = 0;
    MPI_Group_size(members, &size);
    std::vector<int> own(static_cast<std::size_t>(size));
    for (int r = 0; r < size; ++r) own[static_cast<std::size_t>(r)] = r;
    std::vector<int> ranks(own.size());
    MPI_Group_translate_ranks(members, size, own.data(), world, ranks.data());
    MPI_Group_free(&members);
    MPI_Group_free(&world);
    for (WatchedGroup& known : groups_)
        if (known.ranks == ranks) return &known;
    const std::uint64_t id = id_of(ranks);
    return &groups_.emplace_back(std::move(ranks), id, 0, post().count_of(id));
}

void Watch::enter(WatchedGroup& group, std::string_view call, std::string_view of) noexcept {
    calling_.store(&group, std::memory_order_release);
    if (group.entered == nullptr) {
        post().enter({group.id, 0, {}, 0}, call, of);
        return;
    }
    post().enter({group.id, ++group.number, {}, 0}, call, of);
    group.entered->store(group.number, std::memory_order_release);
}

void Watch::enter(WatchedGroup& group, std::span<const int> peers, std::string_view call,
                  std::string_view of) noexcept {
    calling_.store(&group, std::memory_order_release);
    std::array<int, Post::named_peers> ranks{};
    const std::size_t named = std::min(peers.size(), ranks.size());
    for (std::size_t i = 0; i < named; ++i)
        ranks[i] = group.ranks[static_cast<std::size_t>(peers[i])];
    post().enter({group.id, 0, {ranks.data(), named}, static_cast<int>(peers.size())}, call, of);
}

void Watch::compute() noexcept { post().compute(); }

void Watch::leave() noexcept {
    post().leave();
    left_ = true;
    the_watch.store(nullptr);
    stop();
}

// ---- what the thread does ---------------------------------------------------------------------

void Watch::run() {
    std::int64_t last = clock_now();
    for (;;) {
        pollfd wake{wake_[0], POLLIN, 0};
        char event = '\0';
        if (::poll(&wake, 1, look_every_ms) > 0 && ::read(wake_[0], &event, 1) != 1) event = '\0';
        if (event == 'q') return;
        if (event == 't') obey_signal();
        const std::int64_t now = clock_now();
        if (now - last > pause) resumed_ = now;
        last = now;
        post().note_time();
        look_for_the_gone();
        look_at_own_wait();
    }
}

/// Dies of the signal as asked, and says first which rank was the reason, if one was.
void Watch::obey_signal() {
    std::vector<const Post*> gone;
    for (const Post* other : posts_)
        if (other->state() == ProcessState::gone && !other->leaves()) gone.push_back(other);
    if (!gone.empty() && posts_[0]->claim_last_words()) print(obituary(gone));
    post().leave();
    std::signal(SIGTERM, SIG_DFL);
    ::kill(::getpid(), SIGTERM);
    std::this_thread::sleep_for(std::chrono::seconds{1});
    std::_Exit(128 + SIGTERM);  // the program blocks the signal
}

/// Each rank looks after the next one of its node: a glance at one process, however many there are.
void Watch::look_for_the_gone() {
    if (posts_.size() == 1) return;
    if (posts_[0]->last_words()) end_job({});
    const Post& next = *posts_[(me_ + 1) % posts_.size()];
    if (next.state() != ProcessState::gone) return;
    if (next.leaves()) {  // its launcher, or MPI_Abort, is about to end the others
        if (left_and_gone_ == 0) left_and_gone_ = clock_now();
        if (clock_now() - left_and_gone_ < launcher_grace) return;
        end_job(obituary({&next}));
    }
    std::vector<const Post*> gone;
    for (const Post* other : posts_)
        if (other->state() == ProcessState::gone && !other->leaves()) gone.push_back(other);
    if (!gone.empty()) end_job(obituary(gone));
}

void Watch::look_at_own_wait() {
    const Sight mine = post().look();
    if (!mine.waiting) return;
    const WatchedGroup* group = calling_.load(std::memory_order_acquire);
    if (group == nullptr || group->id != mine.group) return;  // the next call has begun
    const std::int64_t waited = clock_now() - std::max(mine.since, resumed_);
    if (limits_.abort > 0 && waited >= limits_.abort)
        end_job("error: " + report(mine, *group) + "    the job ends: this is longer than " +
                std::to_string(limits_.abort / second) + " s (LOP_WATCHDOG_ABORT)\n");
    if (waited >= last_messages)
        if (const std::vector<int> left = at_the_end(mine, *group); !left.empty())
            end_job("error: " + report(mine, *group) + "    the job ends: " + rank_words(left) +
                    (left.size() == 1 ? " has" : " have") +
                    " come to the end of the session without the others, by a return or an "
                    "exception that was caught\n");
    if (limits_.warn == 0) return;
    if (warned_version_ != mine.version) next_warning_ = limits_.warn;
    warned_version_ = mine.version;
    if (waited < next_warning_) return;
    next_warning_ *= 2;
    if (speaks_for(mine)) print("warning: " + report(mine, *group));
}

/// Ranks that do not come any more: they have waited at the end of the session for a while. A collective
/// call wants every rank of its group; messages may come from any of them, until all are at the end.
std::vector<int> Watch::at_the_end(const Sight& mine, const WatchedGroup& group) const {
    std::vector<int> ranks;
    if (mine.call == end_of_session) return ranks;
    const bool collective = mine.number > 0;
    for (const int rank : group.ranks) {
        if (rank == mine.rank) continue;
        const Post* other = post_of(rank);
        const auto left = [&] {
            if (other == nullptr) return false;
            const Sight sight = other->look();
            if (!sight.waiting || sight.call != end_of_session) return false;
            if (clock_now() - std::max(sight.since, resumed_) < last_messages) return false;
            const bool in_place_of_this = sight.group == mine.group && sight.number == mine.number;
            const bool was_here = collective && other->entered(group.id) >= mine.number;
            return !was_here || in_place_of_this;
        };
        if (left()) ranks.push_back(rank);
        else if (!collective) return {};
    }
    std::sort(ranks.begin(), ranks.end());
    return ranks;
}

/// Of the ranks in one call the one that waits longest speaks. Of those that wait for messages each
/// whose peer computes does, and where all wait for one another the one that waits longest.
bool Watch::speaks_for(const Sight& mine) const {
    bool longest = true;
    for (const Post* other : posts_) {
        const Sight sight = other->look();
        if (!sight.waiting || sight.rank == mine.rank) continue;
        const bool same_kind =
            mine.number == 0 || (sight.group == mine.group && sight.number == mine.number);
        if (same_kind &&
            (sight.since < mine.since || (sight.since == mine.since && sight.rank < mine.rank)))
            longest = false;
    }
    if (longest || mine.number > 0) return longest;
    return std::any_of(mine.peers.begin(), mine.peers.end(), [&](int peer) {
        const Post* other = post_of(peer);
        return other == nullptr || !other->look().waiting;
    });
}

const Post* Watch::post_of(int rank) const {
    const auto found = std::find_if(posts_.begin(), posts_.end(),
                                    [&](const Post* post) { return post->rank() == rank; });
    return found == posts_.end() ? nullptr : *found;
}

std::string Watch::report(const Sight& mine, const WatchedGroup& group) const {
    constexpr std::size_t most_lines = 8;
    std::vector<int> late, with, elsewhere;
    std::vector<std::string> lines;
    const bool collective = mine.number > 0;
    for (const int rank : collective || mine.peers.empty() ? group.ranks : mine.peers) {
        if (rank == mine.rank) continue;
        const Post* other = post_of(rank);
        if (other == nullptr) {
            elsewhere.push_back(rank);
            continue;
        }
        const Sight sight = other->look();
        const bool arrived = collective && other->entered(group.id) >= mine.number;
        const bool here = sight.waiting && sight.group == mine.group && sight.number == mine.number;
        if (arrived && here && sight.call == mine.call) {
            with.push_back(rank);
            continue;
        }
        if (arrived && !here) continue;  // it was there, and could go on
        const std::string name = "rank " + std::to_string(rank);
        if (arrived) {
            lines.push_back(name + " makes another call there: it " + doing(sight));
            continue;
        }
        late.push_back(rank);
        std::string line = name + (collective ? " has not arrived: it " : " ") + doing(sight);
        const ProcessState state = other->state();
        if (state == ProcessState::stopped) line += "; its process is stopped";
        if (state == ProcessState::gone) line += "; its process is gone";
        lines.push_back(std::move(line));
    }
    for (auto* list : {&late, &with, &elsewhere}) std::sort(list->begin(), list->end());
    std::string text = "rank " + std::to_string(mine.rank) + " has waited for " +
                       seconds_since(mine.since) + " in " + quoted(mine.call);
    if (!late.empty()) text += " for " + rank_words(late);
    else if (collective && lines.empty()) text += ", where every rank of its node has arrived";
    else if (collective) text += ", where ranks make unlike calls";
    if (!with.empty()) text += ", with " + rank_words(with);
    text += "\n";
    for (std::size_t i = 0; i < std::min(lines.size(), most_lines); ++i)
        text += "    " + lines[i] + "\n";
    if (lines.size() > most_lines)
        text += "    and so on, for " + std::to_string(lines.size() - most_lines) + " more\n";
    if (!elsewhere.empty())
        text += "    what " + rank_words(elsewhere) + " of other nodes " +
                (elsewhere.size() == 1 ? "does" : "do") + " is not known here\n";
    return text;
}

std::string Watch::obituary(const std::vector<const Post*>& gone) const {
    std::vector<int> ranks;
    for (const Post* other : gone) ranks.push_back(other->rank());
    std::sort(ranks.begin(), ranks.end());
    std::string text =
        ranks.size() == 1
            ? "error: " + rank_words(ranks) + "'s process is gone: the job ends\n"
            : "error: the processes of " + rank_words(ranks) + " are gone: the job ends\n";
    for (const Post* other : gone) {
        const Sight sight = other->look();
        text += "    rank " + std::to_string(sight.rank) + " (process " +
                std::to_string(other->process()) + ") ";
        if (sight.waiting) text += "was in " + quoted(sight.call) + "\n";
        else if (sight.call.empty()) text += "was computing, and had made no call yet\n";
        else text += "was computing; its last call was " + quoted(sight.call) + "\n";
    }
    return text;
}

/// One rank of the node speaks, and every process of it ends, whether a launcher looks after them or not.
void Watch::end_job(const std::string& message) {
    if (!message.empty() && posts_[0]->claim_last_words()) print(message);
    else std::this_thread::sleep_for(std::chrono::seconds{1});  // until the speaker is done
    post().leave();
    std::_Exit(1);
}

}  // namespace lop::detail
