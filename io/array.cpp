/// Boxes of distributed arrays as parts of datasets.
#include <lop/io/array.hpp>

#include <lop/core/error.hpp>

#include <complex>

namespace lop::io {

Extents extents_of(const Shape& shape) {
    Extents extents;
    for (int axis = 0; axis < shape.rank(); ++axis) extents.push_back(shape[axis]);
    return extents;
}

Part part_of(const IndexBox& box) {
    Part part{{}, extents_of(box.shape())};
    for (int axis = 0; axis < box.rank(); ++axis) part.offset.push_back(box.first(axis));
    return part;
}

template <Scalar T> Part written_part(const DistributedArray<T>& x) {
    const Partition& partition = x.partition();
    const int rank = x.communicator().rank();
    const bool first_copy = partition.ranks() == 0 ? rank == 0 : partition.copy(rank) == 0;
    return first_copy ? part_of(x.box()) : Part{};
}

namespace detail {
namespace {

/// The ranks of a file would wait for ever for those of an array that are others.
template <Scalar T> void check_ranks(const std::string& asked, const Hdf5File& file,
                                     const DistributedArray<T>& x) {
    const Communicator ranks{file.communicator()};
    if (x.communicator() == ranks) return;
    throw SpaceError{
        asked,
        {.expected = "an array on the " + counted(ranks.size(), "rank") + " of the file",
         .found = x.describe(),
         .remedy = "a file of the array's own communicator"}};
}

}  // namespace

std::string block_name(const std::string& group, index_t block) {
    return (group.empty() ? "" : group + "/") + std::to_string(block);
}

void check_last_block(const Hdf5File& file, const std::string& group, index_t blocks) {
    const std::string behind = block_name(group, blocks);
    if (!file.has(behind)) return;
    throw FileError{"read a stack of " + counted(blocks, "block") + " from " + file.path().string(),
                    {.expected = block_name(group, blocks - 1) + " as its last block",
                     .found = behind + " as well",
                     .remedy = "the space of all blocks"}};
}

template <Scalar T> void put(Hdf5File& file, const std::string& name, const DistributedArray<T>& x,
                             const Attributes& attributes) {
    check_ranks("write " + name + " to " + file.path().string(), file, x);
    file.write(name, x.data(), extents_of(x.shape()), written_part(x), attributes);
}

template <Scalar T> void get(const Hdf5File& file, const std::string& name, DistributedArray<T>& x,
                             Conversion conversion) {
    const std::string asked = "read " + name + " from " + file.path().string();
    check_ranks(asked, file, x);
    const Extents extents = extents_of(x.shape());
    const Extents found = file.extents(name);
    const std::string type = file.type(name);
    const bool fits = found == extents;
    if (!fits || (type != scalar_name<T>() && conversion == Conversion::refused))
        throw FileError{
            asked,
            {.expected = x.name() + "[" + x.shape().str() + "] of " + scalar_name<T>(),
             .found = name + "[" + extents_text(found) + "] of " + type,
             .remedy = fits ? "a space of that scalar, or Conversion::allowed between precisions"
                            : "a space of the extents in the file, or another dataset"}};
    file.read(name, x.data(), extents, part_of(x.box()), conversion);
}

template void put(Hdf5File&, const std::string&, const DistributedArray<float>&, const Attributes&);
template void put(Hdf5File&, const std::string&, const DistributedArray<double>&,
                  const Attributes&);
template void put(Hdf5File&, const std::string&, const DistributedArray<std::complex<float>>&,
                  const Attributes&);
template void put(Hdf5File&, const std::string&, const DistributedArray<std::complex<double>>&,
                  const Attributes&);
template void get(const Hdf5File&, const std::string&, DistributedArray<float>&, Conversion);
template void get(const Hdf5File&, const std::string&, DistributedArray<double>&, Conversion);
template void get(const Hdf5File&, const std::string&, DistributedArray<std::complex<float>>&,
                  Conversion);
template void get(const Hdf5File&, const std::string&, DistributedArray<std::complex<double>>&,
                  Conversion);

}  // namespace detail

template Part written_part(const DistributedArray<float>&);
template Part written_part(const DistributedArray<double>&);
template Part written_part(const DistributedArray<std::complex<float>>&);
template Part written_part(const DistributedArray<std::complex<double>>&);

}  // namespace lop::io
