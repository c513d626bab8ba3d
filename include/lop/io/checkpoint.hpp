/// States of solvers in HDF5 files: a job that ended, or was killed, goes on to the same bits.
#pragma once

#include <lop/io/array.hpp>

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lop::io {

namespace detail {

/// Numbers of a state: where they lie here, and which part of a dataset this rank reads and writes.
template <class T> struct StateBox {
    std::string name;
    T* values;
    Extents extents;
    Part held;
    Part written;
};

/// Of numbers that every rank holds.
template <class T> StateBox<T> whole_box(const std::string& name, T* values, const Extents& extents,
                                         const Communicator& communicator) {
    const Part all{Extents(extents.size(), 0), extents};
    return {name, values, extents, all, communicator.root() ? all : Part{}};
}

/// Calls f(box) for every box that a value of a solver's state is made of; `communicator` is the
/// file's.
template <class T, class F> void over_boxes(const std::string& name, std::span<T> numbers,
                                            const Communicator& communicator, const F& f) {
    f(whole_box(name, numbers.data(), {static_cast<std::int64_t>(numbers.size())}, communicator));
}
template <class T, class F> void over_boxes(const std::string& name, Array<T, Host>& x,
                                            const Communicator& communicator, const F& f) {
    f(whole_box(name, x.data(), extents_of(x.shape()), communicator));
}
/// Throws SpaceError where x lies on other ranks than the file.
template <class T, class F> void over_boxes(const std::string& name, DistributedArray<T, Host>& x,
                                            const Communicator& communicator, const F& f) {
    if (!(x.communicator() == communicator))
        throw SpaceError{"a checkpoint of " + name + ", a vector on other ranks than its file",
                         {.expected = counted(x.communicator().size(), "rank"),
                          .found = counted(communicator.size(), "rank"),
                          .remedy = "FileCheckpoint{path, x.communicator()}"}};
    f(StateBox<T>{name, x.data(), extents_of(x.shape()), part_of(x.box()), written_part(x)});
}
template <class V, class F> void over_boxes(const std::string& name, V& x,
                                            const Communicator& communicator, const F& f) {
    static_assert(HasTypedBlocks<V> || HasBlocks<V>,
                  "FileCheckpoint keeps arrays of the host, distributed arrays and stacks of them");
    over_blocks(x, [&](index_t i, auto& block) {
        over_boxes(block_name(name, i), block, communicator, f);
    });
}

/// The file of a state on its way to the disk, or from it. Collective.
class StateFile {
 public:
    /// None where there is no file.
    static std::optional<StateFile> open(const std::filesystem::path& path,
                                         const Communicator& communicator);
    static StateFile create(const std::filesystem::path& path, const Communicator& communicator,
                            std::string_view solver, index_t iteration);

    index_t iteration() const;
    /// Throws ArgumentError where another solver wrote it.
    void check_solver(std::string_view solver) const;

    template <class V> void write(std::string_view name, V&& value) {
        over_boxes(std::string{name}, value, communicator_, [this](const auto& box) { put(box); });
    }
    template <class V> void read(std::string_view name, V&& value) const {
        over_boxes(std::string{name}, value, communicator_, [this](const auto& box) { get(box); });
    }
    void commit() { file_.commit(); }

 private:
    StateFile(Hdf5File file, Communicator communicator)
        : file_{std::move(file)}, communicator_{std::move(communicator)} {}
    template <class T> void put(const StateBox<T>& box);
    template <class T> void get(const StateBox<T>& box) const;

    Hdf5File file_;
    Communicator communicator_;
    std::vector<DatasetInfo> held_{};  // of a file that was opened
};

}  // namespace detail

struct FileCheckpointOptions {
    /// Keep the state after every so many iterations, and at the end of a run; 0: at the end alone.
    index_t every = 1;
};

/// A solver's state in an HDF5 file, as the last argument of any solver. The call that finds the file
/// goes on from it, to the bits that one run would have given, on any number of ranks; it must be
/// the same but for the number of iterations, tolerances and what is watched:
///
///     const io::FileCheckpoint kept{"lsqr.h5"};
///     const auto image = lsqr(A, b, {.iterations = 30}, kept);   // killed? run the program again
///
/// The file is replaced as a whole, so that a job that is killed while it writes, or a disk that is
/// full, leaves the state before; it costs the disk twice the memory of the state (the column of
/// docs/solvers.md, less scratch) while it is replaced, and once afterwards. Vectors are arrays of
/// the host, distributed arrays and stacks of them.
///
/// Every member, and the solver, is collective over the communicator. Ranks that solve problems of
/// their own take Communicator::self() and a file each.
///
/// Throws FileError for a file that is damaged, no solver's state, or of other spaces, and where it
/// cannot be written; ArgumentError for the state of another solver, data, start or options.
class FileCheckpoint {
 public:
    explicit FileCheckpoint(std::filesystem::path path,
                            Communicator communicator = Communicator::world(),
                            const FileCheckpointOptions& options = {});

    template <class State> bool restore(State& state) const {
        const auto file = detail::StateFile::open(path_, communicator_);
        if (!file) return false;
        file->check_solver(state.solver());
        state.visit([&](std::string_view name, auto&& value) { file->read(name, value); });
        return true;
    }
    template <class State> void save(State& state) const {
        if (!state.ends() && (every_ == 0 || state.iteration() % every_ != 0)) return;
        auto file = detail::StateFile::create(path_, communicator_, state.solver(),  //
                                              state.iteration());
        state.visit([&](std::string_view name, auto&& value) { file.write(name, value); });
        file.commit();
    }

    const std::filesystem::path& path() const { return path_; }
    /// The iteration that would be gone on from; 0 where there is no file.
    index_t iteration() const;
    /// Removes the file: the next run begins anew.
    void clear() const;

 private:
    std::filesystem::path path_;
    Communicator communicator_;
    index_t every_;
};

}  // namespace lop::io
