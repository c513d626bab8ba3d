/// Distributed arrays in HDF5 files: every rank moves its own part, whatever the partition.
#pragma once

#include <lop/distributed/distributed_array.hpp>
#include <lop/io/hdf5.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace lop::io {

/// Of the whole of an array, and what a box is of it.
Extents extents_of(const Shape& shape);
Part part_of(const IndexBox& box);
/// What this rank writes of an array: of copies the first alone is written.
template <Scalar T> Part written_part(const DistributedArray<T>& x);

struct WriteArrayOptions {
    /// The name in the file: of an array by default "array"; of a stack the group that its blocks
    /// "0", "1", ... lie in, by default the file itself.
    std::string dataset{};
    /// Of the dataset; of a stack, of its group: {{"unit", "m/s"}, {"spacing", 12.5}}.
    Attributes attributes{};
};

struct ReadArrayOptions {
    /// As for writing.
    std::string dataset{};
    Conversion conversion = Conversion::refused;
};

namespace detail {

template <class V> inline constexpr bool is_distributed_array = false;
template <Scalar T> inline constexpr bool is_distributed_array<DistributedArray<T, Host>> = true;
template <class V>
concept HasTypedBlocks = requires { V::block_count; };
template <class V>
concept HasBlocks = requires(const V& x) { x.block(index_t{}); };

/// Calls f(i, block) for the blocks of a stack, and returns their number.
template <class V, class F> index_t over_blocks(V& x, const F& f) {
    using Bare = std::remove_const_t<V>;
    static_assert(HasTypedBlocks<Bare> || HasBlocks<Bare>,
                  "files hold distributed arrays of the host and stacks of them");
    if constexpr (HasTypedBlocks<Bare>) {
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (f(index_t{I}, x.template block<I>()), ...);
        }(std::make_index_sequence<Bare::block_count>{});
        return index_t{Bare::block_count};
    } else {
        for (index_t i = 0; i < x.count(); ++i) f(i, x.block(i));
        return x.count();
    }
}

/// The ranks that the first array lies on; all others must lie on the same.
template <class V> Communicator communicator_of(const V& x) {
    if constexpr (is_distributed_array<V>) {
        return x.communicator();
    } else {
        std::optional<Communicator> first;
        over_blocks(x, [&](index_t i, const auto& block) {
            if (i == 0) first = communicator_of(block);
        });
        if (first) return *first;
        throw ArgumentError{"a file of a stack without blocks", {.expected = "one or more"}};
    }
}

std::string block_name(const std::string& group, index_t block);
template <class V> std::string dataset_of(const std::string& name) {
    return name.empty() && is_distributed_array<V> ? "array" : name;
}
/// Throws FileError where the file holds a block behind the last.
void check_last_block(const Hdf5File& file, const std::string& group, index_t blocks);
template <Scalar T> void put(Hdf5File& file, const std::string& name, const DistributedArray<T>& x,
                             const Attributes& attributes);
template <Scalar T> void get(const Hdf5File& file, const std::string& name, DistributedArray<T>& x,
                             Conversion conversion);

template <class V> void get_all(const Hdf5File& file, const std::string& name, V& x,
                                Conversion conversion) {
    if constexpr (is_distributed_array<V>) {
        get(file, name, x, conversion);
    } else {
        const index_t blocks = over_blocks(x, [&](index_t i, auto& block) {
            get_all(file, block_name(name, i), block, conversion);
        });
        check_last_block(file, name, blocks);
    }
}

}  // namespace detail

/// Adds an array, or a stack, to a file that is being written on the array's ranks; for several
/// things in one file. `name` as WriteArrayOptions::dataset, without a default for arrays.
template <Vector V> void write_array(Hdf5File& file, const std::string& name, const V& x,
                                     const Attributes& attributes = {}) {
    if constexpr (detail::is_distributed_array<V>) {
        detail::put(file, name, x, attributes);
    } else {
        detail::over_blocks(x, [&](index_t i, const auto& block) {
            write_array(file, detail::block_name(name, i), block);
        });
        for (const auto& [key, value] : attributes)
            file.set_attribute(name.empty() ? "/" : name, key, value);
    }
}

/// Reads an array, or a stack, of an open file into a space on the file's ranks.
template <Space S>
typename S::vector_type read_array(const Hdf5File& file, const std::string& name, const S& space,
                                   Conversion conversion = Conversion::refused) {
    auto x = space.uninitialized();
    detail::get_all(file, name, x, conversion);
    return x;
}

/// Writes a distributed array, or a stack of them, as a file of its own:
///
///     io::write_array("image.h5", image, {.attributes = {{"unit", "m2/s2"}}});
///     const auto image = io::read_array("image.h5", space);
///
/// Every rank writes what it holds, straight to the file; of copies the first alone is written. The
/// file holds the same bytes whatever the partition and the number of ranks, so that any other
/// partition reads the same bits. It appears whole or not at all: where anything fails, the file
/// that was there before stays as it was.
///
/// Collective over the array's ranks, as Hdf5File is. On disk: a dataset of the whole array's extents
/// and scalar. Time: a part that is contiguous in the whole array goes in one piece, any other in
/// runs along the last axes, one access of the disk each.
///
/// Throws FileError, the same on all ranks; SpaceError for a stack of arrays on unlike ranks.
template <Vector V> void write_array(const std::filesystem::path& path, const V& x,
                                     const WriteArrayOptions& options = {}) {
    auto file = Hdf5File::create(path, detail::communicator_of(x).native());
    write_array(file, detail::dataset_of<V>(options.dataset), x, options.attributes);
    file.commit();
}

/// Reads an array of a space from a file, each rank what it holds: a part of the dataset, or all of
/// it where it is replicated.
/// Throws FileError, the same on all ranks, for a file that is missing or cut short, and where the
/// dataset is missing or not of the space's extents and scalar.
template <Space S> typename S::vector_type read_array(const std::filesystem::path& path,
                                                      const S& space,
                                                      const ReadArrayOptions& options = {}) {
    auto x = space.uninitialized();
    using V = typename S::vector_type;
    const auto file = Hdf5File::open(path, detail::communicator_of(x).native());
    detail::get_all(file, detail::dataset_of<V>(options.dataset), x, options.conversion);
    return x;
}

}  // namespace lop::io
