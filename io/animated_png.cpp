/// Chunks of PNG files in a new order: the first picture as it is, of the others what libpng compressed.
#include "animated_png.hpp"

#include <cassert>
#include <cstdint>
#include <utility>
#include <zlib.h>

namespace lop::io {
namespace {

constexpr std::size_t signature_bytes = 8;

std::string big_endian(std::uint32_t number, int bytes) {
    std::string text;
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
        text += static_cast<char>(number >> shift & 0xFFu);
    return text;
}

/// Length, type, data, and the check sum of both (PNG, section 5.3).
std::string chunk(const std::string& type, const std::string& data) {
    const std::string checked = type + data;
    const auto sum =
        crc32(0, reinterpret_cast<const Bytef*>(checked.data()), static_cast<uInt>(checked.size()));
    return big_endian(static_cast<std::uint32_t>(data.size()), 4) + checked +
           big_endian(static_cast<std::uint32_t>(sum), 4);
}

/// visit(type, data) for the chunks of a PNG file.
template <class Visit> void over_chunks(const std::string& png, const Visit& visit) {
    for (std::size_t at = signature_bytes; at + 12 <= png.size();) {
        std::uint32_t length = 0;
        for (std::size_t i = 0; i < 4; ++i)
            length = length << 8 | static_cast<unsigned char>(png[at + i]);
        visit(png.substr(at + 4, 4), png.substr(at + 8, length));
        at += 12 + length;
    }
}

/// Whole pictures, one in the place of the other (fcTL).
std::string control(std::uint32_t number, const std::string& header, int milliseconds) {
    return chunk("fcTL", big_endian(number, 4) + header.substr(0, 8) + std::string(8, '\0') +
                             big_endian(static_cast<std::uint32_t>(milliseconds), 2) +
                             big_endian(1000, 2) + std::string(2, '\0'));
}

}  // namespace

std::string animated_png(const std::vector<std::string>& pictures, int milliseconds) {
    assert(!pictures.empty());
    std::string file = pictures.front().substr(0, signature_bytes);
    std::string header;
    std::uint32_t number = 0;  // counts controls and the data of all pictures but the first
    for (const std::string& picture : pictures) {
        const bool is_first = &picture == &pictures.front();
        bool is_controlled = false;
        over_chunks(picture, [&](const std::string& type, const std::string& data) {
            if (type == "IEND") return;
            if (type == "IDAT" && !std::exchange(is_controlled, true))
                file += control(number++, header, milliseconds);
            if (type == "IDAT" && !is_first) file += chunk("fdAT", big_endian(number++, 4) + data);
            else if (is_first) file += chunk(type, data);
            if (type != "IHDR" || !is_first) return;
            header = data;
            file += chunk("acTL", big_endian(static_cast<std::uint32_t>(pictures.size()), 4) +
                                      big_endian(0, 4));
        });
    }
    return file + chunk("IEND", {});
}

}  // namespace lop::io
