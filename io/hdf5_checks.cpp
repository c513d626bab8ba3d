/// Names, extents, parts, attributes and files that HDF5 would take badly, refused in words.
#include "hdf5_checks.hpp"

#include "hdf5_attributes.hpp"
#include <lop/io/atomic_file.hpp>

#include <cerrno>
#include <fstream>
#include <functional>
#include <numeric>
#include <unistd.h>

namespace lop::io {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t attribute_limit = 60000;  // HDF5 keeps attributes in 64 KiB headers

/// The signature lies at 0 or after a user block of 512, 1024, ... bytes (HDF5 format, II.A).
bool has_signature(const fs::path& path) {
    static const std::string signature{"\x89HDF\r\n\x1a\n", 8};
    std::ifstream file{path, std::ios::binary};
    std::string found(8, '\0');
    for (std::streamoff at = 0; file.seekg(at) && file.read(found.data(), 8);
         at = at == 0 ? 512 : 2 * at) {
        if (found == signature) return true;
    }
    return false;
}

}  // namespace

std::string extents_text(const Extents& extents) {
    if (extents.empty()) return "scalar";
    std::string text = std::to_string(extents[0]);
    for (std::size_t axis = 1; axis < extents.size(); ++axis)
        text += " x " + std::to_string(extents[axis]);
    return text;
}

std::int64_t count(const Extents& extents) {
    return std::accumulate(extents.begin(), extents.end(), std::int64_t{1}, std::multiplies<>{});
}

std::int64_t count(const Part& part, const Extents& extents) {
    return part.extents.empty() && !extents.empty() ? 0 : count(part.extents);
}

bool good_name(const std::string& name) {
    return !name.empty() && name.front() != '/' && name.back() != '/' &&
           name.find("//") == std::string::npos && name.find('\0') == std::string::npos;
}

void check_name(const std::string& asked, const std::string& name) {
    if (good_name(name)) return;
    throw FileError{asked,
                    {.expected = "a name such as model/velocity",
                     .found = "\"" + name + "\"",
                     .remedy = "leave out slashes at either end and double ones"}};
}

void check_extents(const std::string& asked, const Extents& extents) {
    double bytes = 8;
    bool good = !extents.empty() && extents.size() <= H5S_MAX_RANK;
    for (const std::int64_t length : extents) {
        good = good && length >= 0;
        bytes *= static_cast<double>(length);
    }
    good = good && bytes < 0x1p62;
    if (good) return;
    throw FileError{asked,
                    {.expected = "1 to 32 extents, none negative, of less than 2^62 bytes",
                     .found = extents_text(extents),
                     .remedy = "write a scalar as an attribute"}};
}

void check_part(const std::string& asked, const Extents& extents, const Part& part) {
    if (part.extents.empty() && part.offset.empty()) return;
    bool inside = part.offset.size() == extents.size() && part.extents.size() == extents.size();
    for (std::size_t axis = 0; inside && axis < extents.size(); ++axis) {
        const std::int64_t first = part.offset[axis];
        const std::int64_t length = part.extents[axis];
        inside = first >= 0 && length >= 0 && length <= extents[axis] - first;
    }
    if (inside) return;
    throw FileError{
        asked,
        {.expected = "a part inside " + extents_text(extents),
         .found = "offset " + extents_text(part.offset) + ", extents " + extents_text(part.extents),
         .remedy = "give each rank its own box of the array"}};
}

void check_attributes(const std::string& asked, const Attributes& attributes) {
    for (const auto& [key, value] : attributes) {
        if (!key.empty() && attribute_bytes(value) <= attribute_limit) continue;
        throw FileError{
            asked,
            {.expected =
                 "attributes with a name, of at most " + std::to_string(attribute_limit) + " bytes",
             .found = "\"" + key + "\" of " + std::to_string(attribute_bytes(value)) + " bytes",
             .remedy = "write it as a dataset"}};
    }
}

/// One line for the comparison between ranks.
std::string attributes_text(const Attributes& attributes) {
    std::string text;
    for (const auto& [key, value] : attributes) text += "|" + key + "=" + attribute_text(value);
    return text;
}

std::int64_t attributes_bytes(const Attributes& attributes) {
    std::size_t bytes = 0;
    for (const auto& [key, value] : attributes) bytes += key.size() + attribute_bytes(value);
    return static_cast<std::int64_t>(bytes);
}

void check_readable(const std::string& asked, const fs::path& path) {
    check_regular(asked, path);
    if (has_signature(path)) return;
    std::error_code ignored;
    throw FileError{asked,
                    {.expected = "an HDF5 file",
                     .found = "another format, or a damaged file of " +
                              std::to_string(fs::file_size(path, ignored)) + " bytes",
                     .remedy = "check the name, or copy the file again"}};
}

void check_mpi(const std::string& asked) {
    int begun = 0;
    MPI_Initialized(&begun);
    if (begun) return;
    throw FileError{asked,
                    {.expected = "MPI to be initialised",
                     .found = "a program that has not called MPI_Init",
                     .remedy = "start the program with a Session"}};
}

}  // namespace lop::io
