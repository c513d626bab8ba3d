/// The layout of a state's file: a dataset for each value; solver and iteration are attributes of the
/// file.
#include <lop/io/checkpoint.hpp>

#include <algorithm>
#include <complex>

namespace lop::io {
namespace detail {
namespace {

constexpr const char* solver_key = "solver";
constexpr const char* iteration_key = "iteration";

bool exists_everywhere(const std::filesystem::path& path, const Communicator& communicator) {
    std::uint8_t found = 0;
    std::error_code ignored;
    if (communicator.root()) found = std::filesystem::exists(path, ignored) ? 1 : 0;
    communicator.broadcast(&found, sizeof(found));
    return found != 0;
}

std::string remedy(const std::filesystem::path& path) {
    return "remove " + path.string() + ", or give this run a file of its own";
}

}  // namespace

std::optional<StateFile> StateFile::open(const std::filesystem::path& path,
                                         const Communicator& communicator) {
    if (!exists_everywhere(path, communicator)) return std::nullopt;
    StateFile state{Hdf5File::open(path, communicator.native()), communicator};
    if (state.file_.has_attribute("/", solver_key) &&
        state.file_.has_attribute("/", iteration_key)) {
        state.held_ = state.file_.datasets();
        return state;
    }
    throw FileError{"go on from " + path.string(),
                    {.expected = "the state of a solver",
                     .found = "an HDF5 file of something else",
                     .remedy = "a file of its own for the state"}};
}

StateFile StateFile::create(const std::filesystem::path& path, const Communicator& communicator,
                            std::string_view solver, index_t iteration) {
    StateFile state{Hdf5File::create(path, communicator.native()), communicator};
    state.file_.set_attribute("/", solver_key, std::string{solver});
    state.file_.set_attribute("/", iteration_key, std::int64_t{iteration});
    return state;
}

index_t StateFile::iteration() const { return file_.attribute<std::int64_t>("/", iteration_key); }

void StateFile::check_solver(std::string_view solver) const {
    const auto found = file_.attribute<std::string>("/", solver_key);
    if (found == solver) return;
    throw ArgumentError{
        std::string{solver} + ": the state in " + file_.path().string() + " is another solver's",
        {.expected = "a state of " + std::string{solver},
         .found = found,
         .remedy = remedy(file_.path())}};
}

template <class T> void StateFile::put(const StateBox<T>& box) {
    file_.write(box.name, box.values, box.extents, box.written);
}

template <class T> void StateFile::get(const StateBox<T>& box) const {
    const auto refuse = [&](const std::string& expected, const std::string& found) {
        throw FileError{"go on from " + file_.path().string() + ": " + box.name,
                        {.expected = expected + ", as this call has it",
                         .found = found,
                         .remedy = remedy(file_.path())}};
    };
    const auto held = std::ranges::find(held_, box.name, &DatasetInfo::name);
    if (held == held_.end()) refuse(extents_text(box.extents), "nothing");
    if (held->extents != box.extents)
        refuse(extents_text(box.extents), extents_text(held->extents));
    if constexpr (Scalar<T>)
        if (held->type != scalar_name<T>()) refuse(scalar_name<T>(), held->type);
    file_.read(box.name, box.values, box.extents, box.held);
}

template void StateFile::put(const StateBox<float>&);
template void StateFile::put(const StateBox<double>&);
template void StateFile::put(const StateBox<std::complex<float>>&);
template void StateFile::put(const StateBox<std::complex<double>>&);
template void StateFile::put(const StateBox<std::int64_t>&);
template void StateFile::get(const StateBox<float>&) const;
template void StateFile::get(const StateBox<double>&) const;
template void StateFile::get(const StateBox<std::complex<float>>&) const;
template void StateFile::get(const StateBox<std::complex<double>>&) const;
template void StateFile::get(const StateBox<std::int64_t>&) const;

}  // namespace detail

FileCheckpoint::FileCheckpoint(std::filesystem::path path, Communicator communicator,
                               const FileCheckpointOptions& options)
    : path_{std::move(path)}, communicator_{std::move(communicator)}, every_{options.every} {
    if (every_ >= 0) return;
    throw ArgumentError{"FileCheckpoint: every",
                        {.expected = "a number of iterations, or 0 for the end alone",
                         .found = std::to_string(every_)}};
}

index_t FileCheckpoint::iteration() const {
    const auto file = detail::StateFile::open(path_, communicator_);
    return file ? file->iteration() : 0;
}

void FileCheckpoint::clear() const {
    communicator_.collectively([this] {
        std::error_code problem;
        if (communicator_.root()) std::filesystem::remove(path_, problem);
        if (problem)
            throw FileError{"remove " + path_.string(),
                            {.expected = "a file that may be removed", .found = problem.message()}};
    });
}

}  // namespace lop::io
