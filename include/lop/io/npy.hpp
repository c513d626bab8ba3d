/// Arrays of NumPy: .npy files, and the members of .npz archives.
#pragma once

#include <complex>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace lop::io {

/// Values with their extents, row-major, the last axis fastest.
template <class T> struct NumpyArray {
    std::vector<std::int64_t> extents{};
    std::vector<T> values{};
};

/// Reads a .npy file, or the array `member` of a .npz archive (stored or deflated): `vp` of
/// np.savez("model.npz", vp=...). T is float, double, or a complex one; whole and other real numbers are
/// converted, complex ones are read as complex only. Arrays in Fortran order are put into C order.
/// Not collective. FileError for what is missing, cut short, not of NumPy, or of another kind; it names
/// the members where the one asked for is not there.
template <class T>
NumpyArray<T> read_npy(const std::filesystem::path& path, const std::string& member = {});

/// The names of the arrays in a .npz archive. FileError.
std::vector<std::string> npz_members(const std::filesystem::path& path);

/// Writes row-major values, whole or not at all. FileError.
template <class T> void write_npy(const std::filesystem::path& path, const T* values,
                                  const std::vector<std::int64_t>& extents);

}  // namespace lop::io
