/// An HDF5 file between its opening and its end: steps taken together, and what is found in it.
#pragma once

#include "hdf5_handle.hpp"
#include <lop/io/atomic_file.hpp>
#include <lop/io/hdf5.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace lop::io {

struct Hdf5File::State {
    std::filesystem::path path;
    MPI_Comm comm;
    bool writable;
    int rank = 0;
    Handle file{};
    std::optional<AtomicFile> construction{};  // on rank 0 of a file being written
    std::int64_t reserved = 0;                 // bytes of the temporary file

    State(std::filesystem::path where, MPI_Comm ranks, bool writing);
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { discard(); }

    std::string to_write(const std::string& what) const;
    std::string to_read(const std::string& what) const;

    /// Takes a step on every rank; if it failed on any, all throw the words of the lowest such
    /// rank, and a file that was being written is removed.
    void together(const std::string& asked, const std::function<void()>& step);
    /// Closes the file; what was being written is removed.
    void discard() noexcept;
    void require_open(const std::string& asked, bool to_be_written) const;
    /// HDF5 itself would write a broken file, or wait for ever, if ranks wrote different things.
    void require_same(const std::string& asked, const std::string& text);
    /// Begins the file under its temporary name, which all ranks get.
    std::string begin(const std::string& asked);
    /// Room for `bytes` more; here a full disk, a quota or a limit is told in the system's words.
    void reserve(const std::string& asked, std::int64_t bytes);

    // Steps of one rank, to be taken together.
    bool has(const std::string& name) const;
    Handle object(const std::string& asked, const std::string& name) const;
    Handle dataset(const std::string& asked, const std::string& name) const;
    /// A dataset whose numbers are of a type on disk, or may be converted to it.
    Handle readable(const std::string& asked, const std::string& name, hid_t wanted,
                    Conversion conversion) const;
    std::vector<DatasetInfo> datasets() const;
    /// For errors: what the file holds, in a line.
    std::string contents() const;
    void attach(hid_t object, const std::string& asked, const Attributes& attributes) const;
};

std::string dataset_type(hid_t dataset);
Extents dataset_extents(hid_t dataset);

}  // namespace lop::io
