/// Steps that all ranks take, agree upon and tell in words; objects found by name.
#include "hdf5_state.hpp"

#include "agree.hpp"
#include "hdf5_attributes.hpp"
#include "hdf5_checks.hpp"

#include <algorithm>
#include <cerrno>
#include <sys/resource.h>
#include <unistd.h>
#include <utility>

namespace lop::io {
namespace {

constexpr std::int64_t tables = 65536;  // bytes for HDF5's own tables of a file
constexpr std::int64_t table = 8192;    // and of each thing in it

std::string dataset_unit(hid_t dataset) {
    for (const char* key : {"unit", "units"}) {
        if (!attribute_exists(dataset, key)) continue;
        const auto value = read_attribute(dataset, key);
        if (value && std::holds_alternative<std::string>(*value))
            return std::get<std::string>(*value);
    }
    return {};
}

herr_t keep_link(hid_t, const char* name, const H5L_info_t* info, void* names) {
    if (info->type == H5L_TYPE_HARD || info->type == H5L_TYPE_SOFT)
        static_cast<std::vector<std::string>*>(names)->emplace_back(name);
    return 0;
}

}  // namespace

std::string dataset_type(hid_t dataset) { return type_text(type_handle(H5Dget_type(dataset))); }

Extents dataset_extents(hid_t dataset) {
    const Handle space = space_handle(H5Dget_space(dataset));
    const int rank = need(H5Sget_simple_extent_ndims(space));
    std::vector<hsize_t> lengths(static_cast<std::size_t>(rank));
    if (rank > 0) need(H5Sget_simple_extent_dims(space, lengths.data(), nullptr));
    return {lengths.begin(), lengths.end()};
}

Hdf5File::State::State(std::filesystem::path where, MPI_Comm ranks, bool writing)
    : path{std::move(where)}, comm{ranks}, writable{writing} {
    MPI_Comm_rank(comm, &rank);
}

std::string Hdf5File::State::to_write(const std::string& what) const {
    return "write " + what + " to " + path.string();
}

std::string Hdf5File::State::to_read(const std::string& what) const {
    return "read " + what + " from " + path.string();
}

void Hdf5File::State::together(const std::string& asked, const std::function<void()>& step) {
    const QuietHdf5 quiet;
    std::string problem;
    try {
        step();
    } catch (const Hdf5Refusal& refusal) {
        const std::string remedy =
            writable ? "free space on the disk, check your quota, or write elsewhere"
                     : "the file is damaged or cut short: copy it again";
        problem =
            FileError{asked, {.expected = {}, .found = "HDF5: " + refusal.reason, .remedy = remedy}}
                .what();
    } catch (const std::exception& error) {
        problem = error.what();
    }
    const std::string agreed = agreed_problem(comm, problem);
    if (agreed.empty()) return;
    if (writable) discard();
    throw FileError{agreed};
}

void Hdf5File::State::discard() noexcept {
    int ended = 0;
    MPI_Finalized(&ended);
    if (file >= 0 && !ended) {
        const QuietHdf5 quiet;
        // HDF5 cannot close a file whose last tables find no room (it crashes at exit), and this
        // file is lost anyway: emptied, it gives them room.
        if (construction) static_cast<void>(!::ftruncate(construction->descriptor(), 0));
        if (writable) MPI_Barrier(comm);
        file.close();
    }
    construction.reset();
}

void Hdf5File::State::require_open(const std::string& asked, bool to_be_written) const {
    if (file >= 0 && (writable || !to_be_written)) return;
    throw FileError{
        asked,
        {.expected = to_be_written ? "a file under construction" : "an open file",
         .found = file >= 0 ? "a file open for reading"
                            : "a file committed, or given up after a failure",
         .remedy = to_be_written ? "write everything before commit()" : "open the file again"}};
}

void Hdf5File::State::require_same(const std::string& asked, const std::string& text) {
    const bool same = same_everywhere(comm, text);
    together(asked, [&] {
        if (same) return;
        throw FileError{asked,
                        {.expected = "the same name, type, extents and attributes on all ranks",
                         .found = "ranks that differ",
                         .remedy = "compute them from what all ranks share"}};
    });
}

std::string Hdf5File::State::begin(const std::string& asked) {
    namespace fs = std::filesystem;
    std::string temporary;
    together(asked, [&] {
        if (rank != 0) return;
        std::error_code ignored;
        if (fs::exists(path, ignored) && !fs::is_regular_file(path, ignored)) {
            throw FileError{asked,
                            {.expected = "the name of a file",
                             .found = "a folder, a device or a pipe of that name",
                             .remedy = "choose another name"}};
        }
        AtomicFile& file_begun = construction.emplace(path);
        file_begun.reserve(0, tables);
        temporary = file_begun.temporary().string();
    });
    return broadcast_text(comm, temporary, 0);
}

void Hdf5File::State::reserve(const std::string& asked, std::int64_t bytes) {
    // MPI files do not tell HDF5 their end, so what it may have used is added up.
    const std::int64_t from = std::max(reserved, tables);
    const std::int64_t end = from + bytes + table;
    together(asked, [&] {
        rlimit limit{};
        if (::getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
            static_cast<rlim_t>(end) > limit.rlim_cur) {
            throw file_failure(asked, path, EFBIG, end);
        }
        if (construction) construction->reserve(from, end);
    });
    reserved = end;
}

bool Hdf5File::State::has(const std::string& name) const {
    if (name == "/") return true;
    if (!good_name(name)) return false;
    for (std::size_t slash = name.find('/');; slash = name.find('/', slash + 1)) {
        const std::string above = name.substr(0, slash);
        if (need(H5Lexists(file, above.c_str(), H5P_DEFAULT)) == 0) return false;
        if (H5Oexists_by_name(file, above.c_str(), H5P_DEFAULT) <= 0) return false;
        if (slash == std::string::npos) return true;
        const Handle group = object_handle(H5Oopen(file, above.c_str(), H5P_DEFAULT));
        if (H5Iget_type(group) != H5I_GROUP) return false;
    }
}

Handle Hdf5File::State::object(const std::string& asked, const std::string& name) const {
    if (has(name)) return object_handle(H5Oopen(file, name.c_str(), H5P_DEFAULT));
    throw FileError{
        asked, {.expected = contents(), .found = "no " + name, .remedy = "choose one of these"}};
}

Handle Hdf5File::State::dataset(const std::string& asked, const std::string& name) const {
    const Handle found = object(asked, name);
    if (H5Iget_type(found) == H5I_DATASET)
        return dataset_handle(H5Dopen2(file, name.c_str(), H5P_DEFAULT));
    throw FileError{
        asked,
        {.expected = contents(), .found = name + " is a group", .remedy = "choose one of these"}};
}

std::vector<DatasetInfo> Hdf5File::State::datasets() const {
    std::vector<std::string> names;
    need(H5Lvisit(file, H5_INDEX_NAME, H5_ITER_INC, keep_link, &names));
    std::ranges::sort(names);
    std::vector<DatasetInfo> list;
    for (const std::string& name : names) {
        if (!has(name)) continue;
        const Handle found = object_handle(H5Oopen(file, name.c_str(), H5P_DEFAULT));
        if (H5Iget_type(found) != H5I_DATASET) continue;
        list.push_back({name, dataset_extents(found), dataset_type(found), dataset_unit(found)});
    }
    return list;
}

std::string Hdf5File::State::contents() const {
    constexpr std::size_t most = 20;
    const std::vector<DatasetInfo> list = datasets();
    if (list.empty()) return "a dataset, but the file has none";
    std::string text = "one of the datasets ";
    for (std::size_t i = 0; i < std::min(list.size(), most); ++i) {
        text += (i > 0 ? ", " : "") + list[i].name + " (" + extents_text(list[i].extents) + " " +
                list[i].type + ")";
    }
    if (list.size() > most) text += " and " + std::to_string(list.size() - most) + " more";
    return text;
}

Handle Hdf5File::State::readable(const std::string& asked, const std::string& name, hid_t wanted,
                                 Conversion conversion) const {
    Handle found = dataset(asked, name);
    const Handle type = type_handle(H5Dget_type(found));
    const std::string held = type_text(type);
    const H5T_class_t kind = H5Tget_class(type);
    const H5T_class_t kind_wanted = H5Tget_class(wanted);
    const bool convertible =
        kind_wanted == H5T_COMPOUND
            ? is_complex_type(type)
            : kind == H5T_INTEGER || (kind == H5T_FLOAT && kind == kind_wanted);
    if (held == type_text(wanted)) return found;
    if (convertible && conversion == Conversion::allowed) return found;
    std::string remedy = convertible ? "allow the conversion" : "choose another dataset";
    for (const char* type_read :
         {"float32", "float64", "complex64", "complex128", "int32", "int64"})
        if (held == type_read) remedy.insert(0, "read it as " + held + ", or ");
    throw FileError{asked, {.expected = type_text(wanted), .found = held, .remedy = remedy}};
}

void Hdf5File::State::attach(hid_t object, const std::string& asked,
                             const Attributes& attributes) const {
    for (const auto& [key, value] : attributes) {
        if (attribute_exists(object, key)) {
            throw FileError{asked,
                            {.expected = "a new attribute",
                             .found = key + " is there already",
                             .remedy = "write each attribute once"}};
        }
        write_attribute(object, key, value);
    }
}

}  // namespace lop::io
