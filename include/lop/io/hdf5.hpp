/// HDF5 files written and read by many ranks at once, whole or not at all.
#pragma once

#include <lop/core/error.hpp>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mpi.h>
#include <string>
#include <variant>
#include <vector>

namespace lop::io {

/// Numbers of elements along the axes, slowest first; empty for a scalar.
using Extents = std::vector<std::int64_t>;

/// The box of an array that this rank holds, as a contiguous row-major array of its own.
/// A rank that holds nothing gives Part{} or an extent of zero.
struct Part {
    Extents offset{};
    Extents extents{};
};

using AttributeValue = std::variant<double, std::int64_t, std::string, std::vector<double>>;
using Attributes = std::map<std::string, AttributeValue>;

/// A line of a file's table of contents.
struct DatasetInfo {
    std::string name{};  // "shots/0001/data"
    Extents extents{};
    std::string type{};  // "float32", "complex64", "int64", "uint8", "string", "compound", ...
    std::string unit{};  // attribute "unit" (or "units"), empty if there is none
};

/// May the file's numbers be turned into another type on reading (float64 read as float32)?
enum class Conversion { refused, allowed };

/// An HDF5 file on a communicator; MPI_COMM_SELF makes it a file of one rank.
///
///     auto file = Hdf5File::create("model.h5", comm);
///     file.write("m", local, {nx, nz}, {{first, 0}, {count, nz}}, {{"unit", "s2/m2"}});
///     file.commit();
///
///     auto file = Hdf5File::open("model.h5", comm);
///     file.read("m", local, {nx, nz}, {{first, 0}, {count, nz}});
///
/// T is float, double, a complex of them, std::int32_t or std::int64_t. On disk: little-endian,
/// contiguous, no time stamps, so that the file holds the same bytes whatever the number of ranks;
/// a complex number is a pair of members r and i, which h5py and HDF5.jl read as complex too.
///
/// Every member is collective: all ranks of the communicator call it, in the same order, with the
/// same name, extents and attributes (checked), and either all return or all throw the same
/// FileError. The communicator must outlive the file, MPI must be initialised, and HDF5 serves one
/// thread at a time.
///
/// A created file lies under a temporary name until commit() gives it its own; a file destroyed
/// before that, or one in which anything failed, is removed. A full disk is told when a dataset is
/// declared, since its bytes are reserved then (where the file system can).
class Hdf5File {
 public:
    /// Opens for reading. Errors: missing, not readable, not HDF5, cut short.
    static Hdf5File open(const std::filesystem::path& path, MPI_Comm comm = MPI_COMM_SELF);
    /// Opens a new file that replaces `path` at commit().
    static Hdf5File create(const std::filesystem::path& path, MPI_Comm comm = MPI_COMM_SELF);

    Hdf5File(Hdf5File&&) noexcept;
    Hdf5File& operator=(Hdf5File&&) noexcept;
    ~Hdf5File();  // collective too

    const std::filesystem::path& path() const;
    MPI_Comm communicator() const;

    /// Writes an array whose parts lie on the ranks; together they must hold each element once.
    /// Groups in the name ("a/b") are made as needed.
    template <class T>
    void write(const std::string& name, const T* data, const Extents& extents, const Part& part,
               const Attributes& attributes = {});
    /// Writes an array that every rank holds; the first rank's is taken.
    template <class T>
    void write_whole(const std::string& name, const T* data, const Extents& extents,
                     const Attributes& attributes = {});

    /// Makes a dataset to be filled by write_part() later; what is never filled reads as zero.
    template <class T>
    void declare(const std::string& name, const Extents& extents,
                 const Attributes& attributes = {});
    template <class T>
    void write_part(const std::string& name, const T* data, const Part& part);

    void create_group(const std::string& name);
    /// `object` is a dataset, a group, or "/" for the file itself.
    void set_attribute(const std::string& object, const std::string& key,
                       const AttributeValue& value);

    /// Brings what is declared and written to the disk and gives the file its name already. Writing goes on, and what is
    /// written to datasets that are declared now is kept, however the program ends: the file's tables change no more.
    void publish();
    /// Brings everything to the disk and gives the file its name; nothing can be written
    /// afterwards.
    void commit();

    /// Reads this rank's part of an array that must have these extents in the file.
    template <class T>
    void read(const std::string& name, T* data, const Extents& extents, const Part& part,
              Conversion conversion = Conversion::refused) const;
    /// Reads all of an array on every rank.
    template <class T>
    std::vector<T> read_whole(const std::string& name,
                              Conversion conversion = Conversion::refused) const;

    bool has(const std::string& name) const;  // dataset or group
    Extents extents(const std::string& name) const;
    std::string type(const std::string& name) const;  // as in DatasetInfo
    /// All datasets, sorted by name.
    std::vector<DatasetInfo> datasets() const;

    bool has_attribute(const std::string& object, const std::string& key) const;
    /// V is double, std::int64_t, std::string or std::vector<double>. Whole numbers read as double,
    /// and a number as a vector of one and back; nothing else is converted.
    template <class V>
    V attribute(const std::string& object, const std::string& key) const;
    /// All attributes of the four kinds; others are left out.
    Attributes attributes(const std::string& object) const;

 private:
    struct State;
    explicit Hdf5File(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

/// "12 x 250", "scalar" for none.
std::string extents_text(const Extents& extents);

}  // namespace lop::io
