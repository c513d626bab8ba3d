/// Groups of ranks, their start and end, and errors that all ranks share.
#include <lop/distributed/communicator.hpp>

#include "distributed/watch.hpp"
#include <lop/core/error.hpp>
#include <lop/core/log.hpp>
#include <lop/distributed/messages.hpp>
#include <lop/distributed/watchdog.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <concepts>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <limits>
#include <numeric>
#include <thread>

namespace lop {
namespace {

bool mpi_is_running() {
    int started = 0;
    int ended = 0;
    MPI_Initialized(&started);
    MPI_Finalized(&ended);
    return started != 0 && ended == 0;
}

/// The types of error that travel between ranks, so that each can throw the same one.
struct ErrorKind {
    bool (*matches)(const Error&);
    void (*raise)(const std::string&);
};
template <class E> constexpr ErrorKind kind_of() {
    return {[]([[maybe_unused]] const Error& e) {
                if constexpr (std::same_as<E, Error>) return true;
                else return dynamic_cast<const E*>(&e) != nullptr;
            },
            [](const std::string& text) { throw E{text}; }};
}
constexpr std::array error_kinds{kind_of<SpaceError>(),    kind_of<FileError>(),
                                 kind_of<UnitError>(),     kind_of<GeometryError>(),
                                 kind_of<ModelError>(),    kind_of<StabilityError>(),
                                 kind_of<JobError>(),      kind_of<MemoryError>(),
                                 kind_of<ArgumentError>(), kind_of<Error>()};

int kind_index(const Error& error) {
    for (std::size_t k = 0; k < error_kinds.size(); ++k)
        if (error_kinds[k].matches(error)) return static_cast<int>(k);
    return static_cast<int>(error_kinds.size()) - 1;
}

/// The text of the exception in flight, for a handler that must not throw.
std::string current_message() noexcept {
    try {
        if (std::current_exception()) throw;
        return "lop ended without an exception";
    } catch (const std::exception& e) {
        return error_words(e);
    } catch (...) {
        return "an exception of unknown type";
    }
}

}  // namespace

Communicator::Communicator(MPI_Comm native) {
    auto state = std::make_shared<State>();
    state->native = native;
    if (native != MPI_COMM_NULL) {
        MPI_Comm_rank(native, &state->rank);
        MPI_Comm_size(native, &state->size);
        if (state->size > 1) state->watched = detail::watched_group(native);
    }
    state_ = std::move(state);
}

Communicator Communicator::world() {
    return Communicator{mpi_is_running() ? MPI_COMM_WORLD : MPI_COMM_NULL};
}

Communicator Communicator::self() {
    return Communicator{mpi_is_running() ? MPI_COMM_SELF : MPI_COMM_NULL};
}

void Communicator::barrier() const {
    if (size() == 1) return;
    const detail::Waiting waiting{*this, "barrier"};
    MPI_Barrier(native());
}

void Communicator::broadcast(void* data, std::size_t bytes, int root) const {
    if (size() == 1) return;
    const detail::Waiting waiting{*this, "broadcast"};
    detail::in_pieces(static_cast<char*>(data), bytes, [&](char* at, int count, int) {
        MPI_Bcast(at, count, MPI_BYTE, root, native());
    });
}

std::string Communicator::broadcast(std::string text, int root) const {
    auto length = static_cast<std::uint64_t>(text.size());
    broadcast(&length, sizeof length, root);
    text.resize(length);
    broadcast(text.data(), text.size(), root);
    return text;
}

std::vector<char> Communicator::gather_bytes(const void* data, std::size_t bytes) const {
    const auto* own = static_cast<const char*>(data);
    if (size() == 1) return {own, own + bytes};
    const detail::Waiting waiting{*this, "gather"};
    const auto mine = static_cast<std::int64_t>(bytes);
    std::vector<std::int64_t> sizes(static_cast<std::size_t>(size()));
    MPI_Allgather(&mine, 1, MPI_INT64_T, sizes.data(), 1, MPI_INT64_T, native());
    const std::int64_t total = std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0});
    constexpr std::int64_t most = std::numeric_limits<int>::max();  // counts of MPI are of type int
    if (total > most)
        throw ArgumentError{"too many bytes for every rank to keep",
                            {.expected = "at most " + std::to_string(most) + " of all ranks",
                             .found = std::to_string(total),
                             .remedy = "arrays over ranks, and gather of their spaces"}};
    const std::vector<int> counts(sizes.begin(), sizes.end());
    std::vector<int> offsets(counts.size(), 0);
    std::partial_sum(counts.begin(), counts.end() - 1, offsets.begin() + 1);
    std::vector<char> all(static_cast<std::size_t>(total));
    MPI_Allgatherv(data, static_cast<int>(mine), MPI_BYTE, all.data(), counts.data(),
                   offsets.data(), MPI_BYTE, native());
    return all;
}

index_t Communicator::sum(index_t value) const {
    if (size() == 1) return value;
    const detail::Waiting waiting{*this, "sum"};
    MPI_Allreduce(MPI_IN_PLACE, &value, 1, MPI_INT64_T, MPI_SUM, native());
    return value;
}

bool Communicator::agree(std::uint64_t number) const {
    if (size() == 1) return true;
    const detail::Waiting waiting{*this, "agreement"};
    std::array<std::uint64_t, 2> largest{number, ~number};  // that of ~n tells the least n
    MPI_Allreduce(MPI_IN_PLACE, largest.data(), 2, MPI_UINT64_T, MPI_MAX, native());
    return largest[0] == ~largest[1];
}

double Communicator::max(double value) const {
    if (size() == 1) return value;
    const detail::Waiting waiting{*this, "maximum"};
    MPI_Allreduce(MPI_IN_PLACE, &value, 1, MPI_DOUBLE, MPI_MAX, native());
    return value;
}

bool Communicator::any(bool value) const { return sum(value ? 1 : 0) > 0; }

Communicator::State::~State() {
    if (owned && mpi_is_running()) MPI_Comm_free(&native);
}

Communicator Communicator::split(int color) const {
    if (native() == MPI_COMM_NULL) return *this;
    MPI_Comm part = MPI_COMM_NULL;
    {
        const detail::Waiting waiting{*this, "split"};
        MPI_Comm_split(native(), color, rank(), &part);
    }
    auto state = std::make_shared<State>();
    state->native = part;
    state->owned = true;
    MPI_Comm_rank(part, &state->rank);
    MPI_Comm_size(part, &state->size);
    if (state->size > 1) state->watched = detail::watched_group(part);
    Communicator group = *this;
    group.state_ = std::move(state);
    return group;
}

bool Communicator::operator==(const Communicator& other) const {
    if (state_ == other.state_ || native() == other.native()) return true;
    if (size() != other.size()) return false;
    if (size() == 1) return true;
    int result = MPI_UNEQUAL;
    MPI_Comm_compare(native(), other.native(), &result);
    return result == MPI_IDENT || result == MPI_CONGRUENT;
}

void Communicator::collectively(const std::function<void()>& work) const {
    std::string message;
    int kind = -1;
    try {
        work();
    } catch (const Error& error) {
        if (size() == 1) throw;
        message = error.what();
        kind = kind_index(error);
    } catch (const std::exception& error) {
        if (size() == 1) throw;
        message = error_words(error);
        kind = static_cast<int>(error_kinds.size()) - 1;
    }
    if (size() == 1) return;
    int failing = kind >= 0 ? rank() : size();
    {
        const detail::Waiting waiting{*this, "agreement on errors"};
        MPI_Allreduce(MPI_IN_PLACE, &failing, 1, MPI_INT, MPI_MIN, native());
    }
    if (failing == size()) return;
    broadcast(&kind, sizeof kind, failing);
    message = broadcast(message, failing);
    error_kinds[static_cast<std::size_t>(kind)].raise(message);
}

void abort_all(const std::string& message) noexcept {
    static std::atomic_flag speaking;
    while (speaking.test_and_set())  // another thread of this process speaks, and ends it
        std::this_thread::sleep_for(std::chrono::seconds(1));
    if (!mpi_is_running()) {
        std::fprintf(stderr, "%s\n", message.c_str());
        std::_Exit(1);
    }
    detail::Watchdog::leave();
    int rank = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    // When several ranks fail together the lowest one speaks: it aborts the others while they wait,
    // each half a second longer than the one before, for on a loaded machine an abort takes that.
    std::this_thread::sleep_for(std::chrono::milliseconds(500 * std::min(rank, 8)));
    std::fprintf(stderr, "%s\n", message.c_str());
    // Of errors that all ranks share rank 0 speaks, and whose they were is no matter.
    if (rank > 0) std::fprintf(stderr, "    on rank %d\n", rank);
    std::fflush(nullptr);
    MPI_Abort(MPI_COMM_WORLD, 1);
    std::_Exit(1);
}

Session::Session(int& argc, char**& argv) {
    if (!mpi_is_running()) {
        int provided = 0;
        // Threads compute; only the one that started MPI communicates.
        MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
        started_ = true;
    }
    std::set_terminate([] { abort_all(current_message()); });
    logging::set_root(root());
    if (started_ && world().size() > 1) watchdog_ = std::make_unique<detail::Watchdog>();
}

Session::~Session() {
    if (!started_ || !mpi_is_running()) return;
    if (std::uncaught_exceptions() == exceptions_) {
        watchdog_.reset();
        MPI_Finalize();
        return;
    }
    detail::Watchdog::leave();
    // To finalise is to wait for all ranks, and they may wait for this one. Whoever catches the
    // exception may speak first; then all ranks end.
    std::atexit([] {
        std::fflush(nullptr);
        MPI_Abort(MPI_COMM_WORLD, 1);
    });
}

}  // namespace lop
