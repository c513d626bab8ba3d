/// HDF5 files on a communicator: every step is tried, agreed upon, and told in words.
///
/// Data are moved by independent transfers. Collective ones would be faster for parts that
/// interleave, but on a full disk Open MPI's own MPI-IO reports success for them and ROMIO waits
/// for ever, while an independent transfer fails on its own rank and the ranks then agree.
#include <lop/io/hdf5.hpp>

#include "hdf5_attributes.hpp"
#include "hdf5_checks.hpp"
#include "hdf5_handle.hpp"
#include "hdf5_state.hpp"

#include <algorithm>
#include <complex>
#include <utility>

namespace lop::io {
namespace fs = std::filesystem;
namespace {

constexpr std::int64_t transfer_limit = 512 << 20;  // bytes; MPI-IO counts in int

std::vector<hsize_t> sizes(const Extents& extents) { return {extents.begin(), extents.end()}; }

Handle access_list(MPI_Comm comm) {
    Handle access = list_handle(H5Pcreate(H5P_FILE_ACCESS));
    need(H5Pset_fapl_mpio(access, comm, MPI_INFO_NULL));
    return access;
}

/// Moves a part in pieces of at most transfer_limit bytes. `move(memory space, file space, data)`.
template <class T, class Move>
void in_pieces(hid_t dataset, T* data, const Part& part, const Move& move) {
    const std::int64_t elements = count(part.extents);
    const auto longest = std::find_if(part.extents.begin(), part.extents.end(),
                                      [](std::int64_t n) { return n > 1; });
    if (elements * std::int64_t{sizeof(T)} <= transfer_limit || longest == part.extents.end()) {
        const Handle file_space = space_handle(H5Dget_space(dataset));
        const auto length = static_cast<hsize_t>(elements);
        const Handle memory = space_handle(H5Screate_simple(1, &length, nullptr));
        if (!part.extents.empty()) {
            need(H5Sselect_hyperslab(file_space, H5S_SELECT_SET, sizes(part.offset).data(), nullptr,
                                     sizes(part.extents).data(), nullptr));
        }
        need(move(memory, file_space, data));
        return;
    }
    // All axes before this one have length 1, so its halves are contiguous in memory.
    const auto axis = static_cast<std::size_t>(longest - part.extents.begin());
    Part half = part;
    half.extents[axis] /= 2;
    in_pieces(dataset, data, half, move);
    data += count(half.extents);
    half.offset[axis] += half.extents[axis];
    half.extents[axis] = part.extents[axis] - half.extents[axis];
    in_pieces(dataset, data, half, move);
}

}  // namespace

Hdf5File::Hdf5File(std::unique_ptr<State> state) : state_{std::move(state)} {}
Hdf5File::Hdf5File(Hdf5File&&) noexcept = default;
Hdf5File& Hdf5File::operator=(Hdf5File&&) noexcept = default;
Hdf5File::~Hdf5File() = default;

const fs::path& Hdf5File::path() const { return state_->path; }
MPI_Comm Hdf5File::communicator() const { return state_->comm; }

Hdf5File Hdf5File::open(const fs::path& path, MPI_Comm comm) {
    const std::string asked = "read " + path.string();
    check_mpi(asked);
    auto state = std::make_unique<State>(path, comm, false);
    state->require_same(asked, path.string());
    state->together(asked, [&] {
        if (state->rank == 0) check_readable(asked, path);
    });
    state->together(asked, [&] {
        const Handle access = access_list(comm);
        state->file = Handle{H5Fopen(path.c_str(), H5F_ACC_RDONLY, access), H5Fclose};
    });
    return Hdf5File{std::move(state)};
}

Hdf5File Hdf5File::create(const fs::path& path, MPI_Comm comm) {
    const std::string asked = "write " + path.string();
    check_mpi(asked);
    auto state = std::make_unique<State>(path, comm, true);
    state->require_same(asked, path.string());
    const std::string temporary = state->begin(asked);
    state->together(asked, [&] {
        const Handle access = access_list(comm);
        const Handle creation = list_handle(H5Pcreate(H5P_FILE_CREATE));
        need(H5Pset_obj_track_times(creation, false));
        state->file =
            Handle{H5Fcreate(temporary.c_str(), H5F_ACC_TRUNC, creation, access), H5Fclose};
    });
    return Hdf5File{std::move(state)};
}

template <class T>
void Hdf5File::declare(const std::string& name, const Extents& extents,
                       const Attributes& attributes) {
    const std::string asked = state_->to_write(name);
    state_->require_open(asked, true);
    state_->require_same(asked, name + "|" + type_text(disk_type<T>()) + "|" +
                                    extents_text(extents) + attributes_text(attributes));
    state_->together(asked, [&] {
        check_name(asked, name);
        check_extents(asked, extents);
        check_attributes(asked, attributes);
        if (!state_->has(name)) return;
        throw FileError{asked,
                        {.expected = "a new name",
                         .found = name + " is in the file already",
                         .remedy = "write each dataset once"}};
    });
    state_->reserve(asked, count(extents) * std::int64_t{sizeof(T)} + attributes_bytes(attributes));
    state_->together(asked, [&] {
        const Handle links = list_handle(H5Pcreate(H5P_LINK_CREATE));
        need(H5Pset_create_intermediate_group(links, 1));
        const Handle creation = list_handle(H5Pcreate(H5P_DATASET_CREATE));
        need(H5Pset_obj_track_times(creation, false));
        need(H5Pset_alloc_time(creation, H5D_ALLOC_TIME_EARLY));
        need(H5Pset_fill_time(creation, H5D_FILL_TIME_NEVER));  // a new file's blocks are zero
        const std::vector<hsize_t> lengths = sizes(extents);
        const Handle space = space_handle(
            H5Screate_simple(static_cast<int>(lengths.size()), lengths.data(), nullptr));
        const Handle dataset = dataset_handle(H5Dcreate2(state_->file, name.c_str(), disk_type<T>(),
                                                         space, links, creation, H5P_DEFAULT));
        state_->attach(dataset, asked, attributes);
    });
}

template <class T>
void Hdf5File::write_part(const std::string& name, const T* data, const Part& part) {
    const std::string asked = state_->to_write(name);
    state_->require_open(asked, true);
    state_->require_same(asked, name);
    state_->together(asked, [&] {
        const Handle dataset = state_->readable(asked, name, disk_type<T>(), Conversion::refused);
        const Extents extents = dataset_extents(dataset);
        check_part(asked, extents, part);
        if (count(part, extents) == 0) return;
        in_pieces(dataset, data, part, [&](hid_t memory, hid_t space, const T* piece) {
            return H5Dwrite(dataset, memory_type<T>(), memory, space, H5P_DEFAULT, piece);
        });
    });
}

template <class T>
void Hdf5File::write(const std::string& name, const T* data, const Extents& extents,
                     const Part& part, const Attributes& attributes) {
    const std::string asked = state_->to_write(name);
    state_->require_open(asked, true);
    state_->together(asked, [&] {
        check_extents(asked, extents);
        check_part(asked, extents, part);
    });
    const std::int64_t mine = count(part, extents);
    std::int64_t all = 0;
    MPI_Allreduce(&mine, &all, 1, MPI_INT64_T, MPI_SUM, state_->comm);
    state_->together(asked, [&] {
        if (all == count(extents)) return;
        throw FileError{asked,
                        {.expected = "parts that hold each of " + std::to_string(count(extents)) +
                                     " elements once",
                         .found = "parts of " + std::to_string(all) + " elements in all",
                         .remedy = "give each rank its own box of the array, or write an "
                                   "array that all ranks hold by write_whole"}};
    });
    declare<T>(name, extents, attributes);
    write_part(name, data, part);
}

template <class T>
void Hdf5File::write_whole(const std::string& name, const T* data, const Extents& extents,
                           const Attributes& attributes) {
    Part part;
    if (state_->rank == 0) part = {Extents(extents.size(), 0), extents};
    write(name, data, extents, part, attributes);
}

void Hdf5File::create_group(const std::string& name) {
    const std::string asked = state_->to_write("group " + name);
    state_->require_open(asked, true);
    state_->require_same(asked, name);
    state_->together(asked, [&] { check_name(asked, name); });
    state_->reserve(asked, 0);
    state_->together(asked, [&] {
        const Handle links = list_handle(H5Pcreate(H5P_LINK_CREATE));
        need(H5Pset_create_intermediate_group(links, 1));
        const Handle group =
            object_handle(H5Gcreate2(state_->file, name.c_str(), links, H5P_DEFAULT, H5P_DEFAULT));
    });
}

void Hdf5File::set_attribute(const std::string& object, const std::string& key,
                             const AttributeValue& value) {
    const std::string asked = state_->to_write("attribute " + key + " of " + object);
    const Attributes attributes{{key, value}};
    state_->require_open(asked, true);
    state_->require_same(asked, object + attributes_text(attributes));
    state_->together(asked, [&] { check_attributes(asked, attributes); });
    state_->reserve(asked, attributes_bytes(attributes));
    state_->together(asked,
                     [&] { state_->attach(state_->object(asked, object), asked, attributes); });
}

void Hdf5File::publish() {
    const std::string asked = "write " + state_->path.string();
    state_->require_open(asked, true);
    state_->together(asked, [&] { need(H5Fflush(state_->file, H5F_SCOPE_GLOBAL)); });
    state_->together(asked, [&] {
        if (!state_->construction) return;
        state_->construction->commit();
        state_->construction.reset();
    });
}

void Hdf5File::commit() {
    const std::string asked = "write " + state_->path.string();
    state_->require_open(asked, true);
    state_->together(asked, [&] { need(H5Fflush(state_->file, H5F_SCOPE_GLOBAL)); });
    state_->together(asked, [&] { need(state_->file.close()); });
    state_->together(asked, [&] {
        if (state_->construction) state_->construction->commit();
    });
}

template <class T>
void Hdf5File::read(const std::string& name, T* data, const Extents& extents, const Part& part,
                    Conversion conversion) const {
    const std::string asked = state_->to_read(name);
    state_->require_open(asked, false);
    state_->together(asked, [&] {
        const Handle dataset = state_->readable(asked, name, disk_type<T>(), conversion);
        const Extents found = dataset_extents(dataset);
        if (found != extents) {
            throw FileError{asked,
                            {.expected = extents_text(extents),
                             .found = extents_text(found),
                             .remedy = "ask for the extents of the file, or choose another "
                                       "dataset"}};
        }
        check_part(asked, extents, part);
        if (count(part, extents) == 0) return;
        in_pieces(dataset, data, part, [&](hid_t memory, hid_t space, T* piece) {
            return H5Dread(dataset, memory_type<T>(), memory, space, H5P_DEFAULT, piece);
        });
    });
}

template <class T>
std::vector<T> Hdf5File::read_whole(const std::string& name, Conversion conversion) const {
    const Extents found = extents(name);
    std::vector<T> data(static_cast<std::size_t>(count(found)));
    read(name, data.data(), found, {Extents(found.size(), 0), found}, conversion);
    return data;
}

bool Hdf5File::has(const std::string& name) const {
    const std::string asked = state_->to_read(name);
    bool found = false;
    state_->require_open(asked, false);
    state_->together(asked, [&] { found = state_->has(name); });
    return found;
}

Extents Hdf5File::extents(const std::string& name) const {
    const std::string asked = state_->to_read("extents of " + name);
    Extents found;
    state_->require_open(asked, false);
    state_->together(asked, [&] { found = dataset_extents(state_->dataset(asked, name)); });
    return found;
}

std::string Hdf5File::type(const std::string& name) const {
    const std::string asked = state_->to_read("type of " + name);
    std::string found;
    state_->require_open(asked, false);
    state_->together(asked, [&] { found = dataset_type(state_->dataset(asked, name)); });
    return found;
}

std::vector<DatasetInfo> Hdf5File::datasets() const {
    const std::string asked = state_->to_read("table of contents");
    std::vector<DatasetInfo> list;
    state_->require_open(asked, false);
    state_->together(asked, [&] { list = state_->datasets(); });
    return list;
}

bool Hdf5File::has_attribute(const std::string& object, const std::string& key) const {
    const std::string asked = state_->to_read("attribute " + key + " of " + object);
    bool found = false;
    state_->require_open(asked, false);
    state_->together(asked, [&] {
        found = state_->has(object) && attribute_exists(state_->object(asked, object), key);
    });
    return found;
}

template <class V>
V Hdf5File::attribute(const std::string& object, const std::string& key) const {
    const std::string asked = state_->to_read("attribute " + key + " of " + object);
    V value{};
    state_->require_open(asked, false);
    state_->together(asked, [&] {
        const Handle holder = state_->object(asked, object);
        if (!attribute_exists(holder, key)) {
            std::string names;
            for (const std::string& name : attribute_names(holder)) names += " " + name;
            throw FileError{asked,
                            {.expected = names.empty() ? "an attribute, but there is none"
                                                       : "one of the attributes" + names,
                             .found = "no " + key,
                             .remedy = "choose one of these"}};
        }
        const auto held = read_attribute(holder, key);
        if (const auto same = held ? attribute_as<V>(*held) : std::nullopt) {
            value = *same;
            return;
        }
        throw FileError{
            asked,
            {.expected =
                 attribute_kind(V{}).substr(0, 6) == "vector" ? "vector" : attribute_kind(V{}),
             .found = held ? attribute_kind(*held) : "a kind that is not read",
             .remedy = "ask for the kind that the file holds"}};
    });
    return value;
}

Attributes Hdf5File::attributes(const std::string& object) const {
    const std::string asked = state_->to_read("attributes of " + object);
    Attributes list;
    state_->require_open(asked, false);
    state_->together(asked, [&] {
        const Handle holder = state_->object(asked, object);
        for (const std::string& key : attribute_names(holder))
            if (auto value = read_attribute(holder, key)) list.emplace(key, std::move(*value));
    });
    return list;
}

template void Hdf5File::write(const std::string&, const float*, const Extents&, const Part&,
                              const Attributes&);
template void Hdf5File::write_whole(const std::string&, const float*, const Extents&,
                                    const Attributes&);
template void Hdf5File::declare<float>(const std::string&, const Extents&, const Attributes&);
template void Hdf5File::write_part(const std::string&, const float*, const Part&);
template void Hdf5File::read(const std::string&, float*, const Extents&, const Part&,
                             Conversion) const;
template std::vector<float> Hdf5File::read_whole(const std::string&, Conversion) const;

template void Hdf5File::write(const std::string&, const double*, const Extents&, const Part&,
                              const Attributes&);
template void Hdf5File::write_whole(const std::string&, const double*, const Extents&,
                                    const Attributes&);
template void Hdf5File::declare<double>(const std::string&, const Extents&, const Attributes&);
template void Hdf5File::write_part(const std::string&, const double*, const Part&);
template void Hdf5File::read(const std::string&, double*, const Extents&, const Part&,
                             Conversion) const;
template std::vector<double> Hdf5File::read_whole(const std::string&, Conversion) const;

template void Hdf5File::write(const std::string&, const std::complex<float>*, const Extents&,
                              const Part&, const Attributes&);
template void Hdf5File::write_whole(const std::string&, const std::complex<float>*, const Extents&,
                                    const Attributes&);
template void Hdf5File::declare<std::complex<float>>(const std::string&, const Extents&,
                                                     const Attributes&);
template void Hdf5File::write_part(const std::string&, const std::complex<float>*, const Part&);
template void Hdf5File::read(const std::string&, std::complex<float>*, const Extents&, const Part&,
                             Conversion) const;
template std::vector<std::complex<float>> Hdf5File::read_whole(const std::string&,
                                                               Conversion) const;

template void Hdf5File::write(const std::string&, const std::complex<double>*, const Extents&,
                              const Part&, const Attributes&);
template void Hdf5File::write_whole(const std::string&, const std::complex<double>*, const Extents&,
                                    const Attributes&);
template void Hdf5File::declare<std::complex<double>>(const std::string&, const Extents&,
                                                      const Attributes&);
template void Hdf5File::write_part(const std::string&, const std::complex<double>*, const Part&);
template void Hdf5File::read(const std::string&, std::complex<double>*, const Extents&, const Part&,
                             Conversion) const;
template std::vector<std::complex<double>> Hdf5File::read_whole(const std::string&,
                                                                Conversion) const;

template void Hdf5File::write(const std::string&, const std::int32_t*, const Extents&, const Part&,
                              const Attributes&);
template void Hdf5File::write_whole(const std::string&, const std::int32_t*, const Extents&,
                                    const Attributes&);
template void Hdf5File::declare<std::int32_t>(const std::string&, const Extents&,
                                              const Attributes&);
template void Hdf5File::write_part(const std::string&, const std::int32_t*, const Part&);
template void Hdf5File::read(const std::string&, std::int32_t*, const Extents&, const Part&,
                             Conversion) const;
template std::vector<std::int32_t> Hdf5File::read_whole(const std::string&, Conversion) const;

template void Hdf5File::write(const std::string&, const std::int64_t*, const Extents&, const Part&,
                              const Attributes&);
template void Hdf5File::write_whole(const std::string&, const std::int64_t*, const Extents&,
                                    const Attributes&);
template void Hdf5File::declare<std::int64_t>(const std::string&, const Extents&,
                                              const Attributes&);
template void Hdf5File::write_part(const std::string&, const std::int64_t*, const Part&);
template void Hdf5File::read(const std::string&, std::int64_t*, const Extents&, const Part&,
                             Conversion) const;
template std::vector<std::int64_t> Hdf5File::read_whole(const std::string&, Conversion) const;

template double Hdf5File::attribute(const std::string&, const std::string&) const;
template std::int64_t Hdf5File::attribute(const std::string&, const std::string&) const;
template std::string Hdf5File::attribute(const std::string&, const std::string&) const;
template std::vector<double> Hdf5File::attribute(const std::string&, const std::string&) const;

}  // namespace lop::io
