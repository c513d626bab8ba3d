/// NumPy's .npy header and numbers, and the zip archives of .npz.
#include <lop/io/npy.hpp>

#include <lop/core/error.hpp>
#include <lop/io/atomic_file.hpp>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <optional>
#include <string_view>
#include <system_error>
#include <zlib.h>

static_assert(std::endian::native == std::endian::little, "numbers are read as they lie in memory");

namespace lop::io {
namespace {

using Bytes = std::vector<char>;
constexpr std::string_view npy_mark{"\x93NUMPY", 6};

[[noreturn]] void refuse(const std::string& asked, const std::string& expected,
                         const std::string& found, const std::string& remedy = "") {
    throw FileError{asked, {.expected = expected, .found = found, .remedy = remedy}};
}

Bytes bytes_of(const std::filesystem::path& path, const std::string& asked) {
    check_regular(asked, path);
    std::ifstream file{path, std::ios::binary | std::ios::ate};
    if (!file) throw file_failure(asked, path, errno);
    Bytes bytes(static_cast<std::size_t>(file.tellg()));
    file.seekg(0);
    if (!file.read(bytes.data(), static_cast<std::streamsize>(bytes.size())))
        throw file_failure(asked, path, errno);
    return bytes;
}

// ---- zip --------------------------------------------------------------------------------------

std::uint64_t number_at(const Bytes& bytes, std::size_t at, int size, const std::string& asked) {
    if (at > bytes.size() || bytes.size() - at < static_cast<std::size_t>(size))
        refuse(asked, "a whole archive", "one that is cut short");
    std::uint64_t value = 0;
    std::memcpy(&value, bytes.data() + at, static_cast<std::size_t>(size));
    return value;
}

/// An entry of the archive's table of contents.
struct Member {
    std::string name;  // without ".npy"
    std::uint64_t method, packed, size, crc, header;
};

/// Sizes and places above 4 GB stand in an extra field, for those that are all ones.
void read_long_sizes(const Bytes& bytes, std::size_t at, std::size_t end, Member& member,
                     const std::string& asked) {
    constexpr std::uint64_t all_ones = 0xffffffff;
    while (at + 4 <= end) {
        const auto id = number_at(bytes, at, 2, asked);
        const auto size = number_at(bytes, at + 2, 2, asked);
        at += 4;
        if (id == 1) {
            std::size_t next = at;
            for (std::uint64_t* value : {&member.size, &member.packed, &member.header})
                if (*value == all_ones) {
                    *value = number_at(bytes, next, 8, asked);
                    next += 8;
                }
        }
        at += size;
    }
}

std::vector<Member> members_of(const Bytes& bytes, const std::string& asked) {
    // The end record, from the back: a comment may follow it.
    constexpr std::string_view end_mark{"PK\5\6", 4};
    const std::string_view text{bytes.data(), bytes.size()};
    const auto end = text.rfind(end_mark);
    if (text.starts_with(npy_mark))
        refuse(asked, "a .npz archive", "a single array", "leave out the name of a member");
    if (end == std::string_view::npos)
        refuse(asked, "a .npz archive", "a file without an archive's table of contents",
               "write it again: it may have been cut short");
    if (end + 22 + number_at(bytes, end + 20, 2, asked) > bytes.size())
        refuse(asked, "a whole archive", "one that is cut short");
    std::size_t count = number_at(bytes, end + 10, 2, asked);
    std::size_t at = number_at(bytes, end + 16, 4, asked);
    if (at == 0xffffffff || count == 0xffff) {
        const auto long_end = text.rfind(std::string_view{"PK\6\6", 4}, end);
        if (long_end == std::string_view::npos) refuse(asked, "a whole archive", "a damaged one");
        count = number_at(bytes, long_end + 32, 8, asked);
        at = number_at(bytes, long_end + 48, 8, asked);
    }
    std::vector<Member> members;
    for (std::size_t k = 0; k < count; ++k) {
        if (number_at(bytes, at, 4, asked) != 0x02014b50)
            refuse(asked, "a whole archive", "one with a damaged table of contents");
        const auto name = number_at(bytes, at + 28, 2, asked);
        const auto extra = number_at(bytes, at + 30, 2, asked);
        const auto comment = number_at(bytes, at + 32, 2, asked);
        Member member{{},
                      number_at(bytes, at + 10, 2, asked),
                      number_at(bytes, at + 20, 4, asked),
                      number_at(bytes, at + 24, 4, asked),
                      number_at(bytes, at + 16, 4, asked),
                      number_at(bytes, at + 42, 4, asked)};
        number_at(bytes, at + 46 + name, 0, asked);
        member.name.assign(bytes.data() + at + 46, name);
        read_long_sizes(bytes, at + 46 + name, at + 46 + name + extra, member, asked);
        if (member.name.ends_with(".npy")) {
            member.name.resize(member.name.size() - 4);
            members.push_back(std::move(member));
        }
        at += 46 + name + extra + comment;
    }
    return members;
}

std::string names_of(const std::vector<Member>& members) {
    std::string names;
    for (const Member& member : members) names += (names.empty() ? "" : ", ") + member.name;
    return names.empty() ? "none" : names;
}

Bytes inflated(const char* packed, std::uint64_t packed_size, std::uint64_t size,
               const std::string& asked) {
    constexpr std::uint64_t most = 1032;  // deflated bytes become no more than that many
    if (size / most > packed_size) refuse(asked, "a whole archive", "one with a damaged size");
    Bytes bytes(size);
    z_stream stream{};
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw MemoryError{asked};
    constexpr std::uint64_t piece = std::uint64_t{1} << 30;
    std::uint64_t taken = 0, made = 0;
    int state = Z_OK;
    while (state == Z_OK && (taken < packed_size || made < size)) {
        stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed + taken));
        stream.avail_in = static_cast<uInt>(std::min(piece, packed_size - taken));
        stream.next_out = reinterpret_cast<Bytef*>(bytes.data() + made);
        stream.avail_out = static_cast<uInt>(std::min(piece, size - made));
        const auto in = stream.avail_in;
        const auto out = stream.avail_out;
        state = inflate(&stream, Z_NO_FLUSH);
        taken += in - stream.avail_in;
        made += out - stream.avail_out;
        if (in == stream.avail_in && out == stream.avail_out) break;
    }
    inflateEnd(&stream);
    if (state != Z_STREAM_END || made != size) refuse(asked, "a whole archive", "a damaged one");
    return bytes;
}

Bytes member_bytes(const Bytes& archive, const std::string& name, const std::string& asked) {
    const auto members = members_of(archive, asked);
    const auto member = std::find_if(members.begin(), members.end(),
                                     [&](const Member& m) { return m.name == name; });
    if (member == members.end()) refuse(asked, "one of " + names_of(members), "no such array");
    const auto at = member->header;
    const auto begin =
        at + 30 + number_at(archive, at + 26, 2, asked) + number_at(archive, at + 28, 2, asked);
    if (begin > archive.size() || archive.size() - begin < member->packed)
        refuse(asked, "a whole archive", "one that is cut short");
    Bytes bytes;
    if (member->method == 0)
        bytes.assign(archive.data() + begin, archive.data() + begin + member->packed);
    else if (member->method == 8)
        bytes = inflated(archive.data() + begin, member->packed, member->size, asked);
    else
        refuse(asked, "members that are stored or deflated",
               "method " + std::to_string(member->method), "np.savez or np.savez_compressed");
    uLong crc = crc32(0, nullptr, 0);
    for (std::size_t k = 0; k < bytes.size(); k += std::size_t{1} << 30)
        crc = crc32(crc, reinterpret_cast<const Bytef*>(bytes.data() + k),
                    static_cast<uInt>(std::min(bytes.size() - k, std::size_t{1} << 30)));
    if (crc != member->crc) refuse(asked, "a whole archive", "values that fail their checksum");
    return bytes;
}

// ---- npy --------------------------------------------------------------------------------------

struct Header {
    std::string type;  // "<f8"
    bool fortran = false;
    std::vector<std::int64_t> extents{};
    std::size_t data = 0;  // where the numbers begin
};

/// The text behind 'key': in the header's dictionary.
std::string_view entry(std::string_view text, const std::string& key, const std::string& asked) {
    const auto at = text.find("'" + key + "'");
    const auto colon = at == std::string_view::npos ? at : text.find(':', at);
    if (colon == std::string_view::npos) refuse(asked, "a header with '" + key + "'", "none in it");
    text.remove_prefix(colon + 1);
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    return text;
}

/// Of "(550, 800), ...": numbers and commas in brackets.
std::vector<std::int64_t> extents_in(std::string_view text, const std::string& asked) {
    const auto damaged = [&] {
        refuse(asked, "extents such as (550, 800)", std::string{text.substr(0, 40)},
               "write it again: its header is damaged");
    };
    const auto end = text.find(')');
    if (!text.starts_with('(') || end == text.npos) damaged();
    std::vector<std::int64_t> extents;
    for (std::size_t at = 1; at < end;) {
        if (text[at] == ' ' || text[at] == ',' ||
            (text[at] == 'L' && !extents.empty())) {  // 3L: Python 2
            ++at;
            continue;
        }
        std::int64_t extent = 0;
        const auto [next, error] = std::from_chars(text.data() + at, text.data() + end, extent);
        if (error != std::errc{} || extent < 0) damaged();
        extents.push_back(extent);
        at = static_cast<std::size_t>(next - text.data());
    }
    return extents;
}

/// How many numbers of `size` bytes there are; the file has `bytes`.
std::size_t count_of(const std::vector<std::int64_t>& extents, std::size_t size, std::size_t bytes,
                     const std::string& asked) {
    const bool empty = std::find(extents.begin(), extents.end(), 0) != extents.end();
    std::size_t count = empty ? 0 : 1;
    for (const std::int64_t extent : extents) {
        const auto many = static_cast<std::size_t>(extent);
        if (count > 0 && many > bytes / size / count) {
            std::string words;
            for (const std::int64_t n : extents)
                words += (words.empty() ? "" : " x ") + std::to_string(n);
            refuse(asked, words + " numbers of " + std::to_string(size) + " bytes",
                   std::to_string(bytes) + " bytes: the file is cut short");
        }
        count *= many;
    }
    return count;
}

Header header_of(const Bytes& bytes, const std::string& asked) {
    if (bytes.size() < 10 || std::string_view{bytes.data(), 6} != npy_mark)
        refuse(asked, "an array of NumPy", "a file that does not begin as one");
    const int size_bytes = bytes[6] == 1 ? 2 : 4;
    const auto size = number_at(bytes, 8, size_bytes, asked);
    Header header;
    header.data = 8 + static_cast<std::size_t>(size_bytes) + size;
    if (header.data > bytes.size()) refuse(asked, "a whole array", "one that is cut short");
    const std::string_view text{bytes.data() + 8 + size_bytes, size};
    const auto type = entry(text, "descr", asked);
    const auto quote = type.empty() ? type.npos : type.find(type.front(), 1);
    if (quote == type.npos || type.front() != '\'')
        refuse(asked, "an array of numbers", "a structured one");
    header.type = type.substr(1, quote - 1);
    header.fortran = entry(text, "fortran_order", asked).starts_with("True");
    header.extents = extents_in(entry(text, "shape", asked), asked);
    return header;
}

/// Numbers of type From, at a byte order, as T.
template <class From, class T>
void convert(const char* data, std::size_t count, bool swapped, T* to) {
    for (std::size_t i = 0; i < count; ++i) {
        char raw[sizeof(From)];
        std::memcpy(raw, data + i * sizeof(From), sizeof(From));
        if (swapped) std::reverse(raw, raw + sizeof(From));
        From value;
        std::memcpy(&value, raw, sizeof(From));
        to[i] = static_cast<T>(value);
    }
}

template <class T> constexpr bool complex_values = false;
template <class R> constexpr bool complex_values<std::complex<R>> = true;

/// Complex numbers are pairs of real ones.
template <class T> bool convert_complex(const std::string& kind, const char* data,
                                        std::size_t count, bool swapped, T* to) {
    if constexpr (complex_values<T>) {
        using R = typename T::value_type;
        auto* parts = reinterpret_cast<R*>(to);
        if (kind == "c8") convert<float>(data, 2 * count, swapped, parts);
        else if (kind == "c16") convert<double>(data, 2 * count, swapped, parts);
        else return false;
        return true;
    } else {
        return false;
    }
}

template <class T> bool convert_real(const std::string& kind, const char* data, std::size_t count,
                                     bool swapped, T* to) {
    if (kind == "f8") convert<double>(data, count, swapped, to);
    else if (kind == "f4") convert<float>(data, count, swapped, to);
    else if (kind == "i8") convert<std::int64_t>(data, count, swapped, to);
    else if (kind == "i4") convert<std::int32_t>(data, count, swapped, to);
    else if (kind == "i2") convert<std::int16_t>(data, count, swapped, to);
    else if (kind == "i1") convert<std::int8_t>(data, count, swapped, to);
    else if (kind == "u8") convert<std::uint64_t>(data, count, swapped, to);
    else if (kind == "u4") convert<std::uint32_t>(data, count, swapped, to);
    else if (kind == "u2") convert<std::uint16_t>(data, count, swapped, to);
    else if (kind == "u1" || kind == "b1") convert<std::uint8_t>(data, count, swapped, to);
    else return false;
    return true;
}

template <class T> void put_in_c_order(NumpyArray<T>& array) {
    const std::vector<T> columns = array.values;
    std::vector<std::int64_t> at(array.extents.size(), 0);
    for (T& value : array.values) {
        std::int64_t from = 0, stride = 1;
        for (std::size_t a = 0; a < at.size(); ++a) {
            from += at[a] * stride;
            stride *= array.extents[a];
        }
        value = columns[static_cast<std::size_t>(from)];
        for (std::size_t a = at.size(); a-- > 0;) {
            if (++at[a] < array.extents[a]) break;
            at[a] = 0;
        }
    }
}

template <class T> const char* kind_of() {
    if constexpr (std::is_same_v<T, float>) return "<f4";
    else if constexpr (std::is_same_v<T, double>) return "<f8";
    else if constexpr (std::is_same_v<T, std::complex<float>>) return "<c8";
    else return "<c16";
}

}  // namespace

template <class T>
NumpyArray<T> read_npy(const std::filesystem::path& path, const std::string& member) {
    const std::string asked = "read " + (member.empty() ? "" : member + " of ") + path.string();
    Bytes bytes = bytes_of(path, asked);
    if (!member.empty()) bytes = member_bytes(bytes, member, asked);
    else if (bytes.size() > 1 && bytes[0] == 'P' && bytes[1] == 'K')
        refuse(asked, "the name of an array in the archive", "none",
               "one of " + names_of(members_of(bytes, asked)));
    const Header header = header_of(bytes, asked);
    NumpyArray<T> array{header.extents, {}};
    const auto refuse_type = [&] {
        refuse(asked, complex_values<T> ? "real or complex numbers" : "real numbers",
               "type '" + header.type + "'");
    };
    if (header.type.size() < 3 || std::string_view{"<>|="}.find(header.type[0]) == header.type.npos)
        refuse_type();
    const std::string kind = header.type.substr(1);
    const int size = std::atoi(kind.c_str() + 1);
    if (size < 1 || size > 16) refuse_type();
    const std::size_t count =
        count_of(header.extents, static_cast<std::size_t>(size), bytes.size() - header.data, asked);
    array.values.resize(count);
    const char* data = bytes.data() + header.data;
    const bool swapped = header.type.front() == '>';
    if (!convert_real(kind, data, count, swapped, array.values.data()) &&
        !convert_complex(kind, data, count, swapped, array.values.data()))
        refuse_type();
    if (header.fortran) put_in_c_order(array);
    return array;
}

std::vector<std::string> npz_members(const std::filesystem::path& path) {
    const std::string asked = "read " + path.string();
    std::vector<std::string> names;
    for (Member& member : members_of(bytes_of(path, asked), asked))
        names.push_back(std::move(member.name));
    return names;
}

template <class T> void write_npy(const std::filesystem::path& path, const T* values,
                                  const std::vector<std::int64_t>& extents) {
    std::string shape;
    std::size_t count = 1;
    for (const std::int64_t extent : extents) {
        shape += std::to_string(extent) + ", ";
        count *= static_cast<std::size_t>(extent);
    }
    std::string text = std::string{"{'descr': '"} + kind_of<T>() +
                       "', 'fortran_order': False, 'shape': (" + shape + "), }";
    text.append(63 - (10 + text.size()) % 64, ' ');  // numbers begin at a multiple of 64
    text += '\n';
    std::string head{"\x93NUMPY\1\0", 8};
    head += static_cast<char>(text.size() & 0xff);
    head += static_cast<char>(text.size() >> 8);
    AtomicFile file{path};
    file.write(head + text);
    file.write(values, count * sizeof(T));
    file.commit();
}

#define LOP_INSTANTIATE(...)                                                                     \
    template NumpyArray<__VA_ARGS__> read_npy(const std::filesystem::path&, const std::string&); \
    template void write_npy(const std::filesystem::path&, const __VA_ARGS__*,                    \
                            const std::vector<std::int64_t>&)
LOP_INSTANTIATE(float);
LOP_INSTANTIATE(double);
LOP_INSTANTIATE(std::complex<float>);
LOP_INSTANTIATE(std::complex<double>);
#undef LOP_INSTANTIATE

}  // namespace lop::io
