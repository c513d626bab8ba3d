/// SEG-Y and SU: every format to exact bits, every header rule by hand, damage refused by name.
#include <lop/io/segy.hpp>

#include "support/public_data.hpp"
#include <lop/core/error.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cmath>
#include <csignal>
#include <cstring>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <random>
#include <string_view>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>

using namespace lop::io;

namespace {

namespace fs = std::filesystem;
using Bytes = std::vector<unsigned char>;

/// A folder of its own that goes away with the test.
class Folder {
 public:
    Folder() {
        std::string pattern = (fs::temp_directory_path() / "lop-segy-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error{"no temporary folder"};
        path_ = pattern;
    }
    ~Folder() { fs::remove_all(path_); }
    std::string operator/(const std::string& name) const { return (path_ / name).string(); }
    std::int64_t files() const {
        return std::distance(fs::directory_iterator{path_}, fs::directory_iterator{});
    }

 private:
    fs::path path_;
};

Bytes load(const std::string& path) {
    std::ifstream in{path, std::ios::binary};
    return Bytes{std::istreambuf_iterator<char>{in}, {}};
}

void save(const std::string& path, const Bytes& bytes) {
    std::ofstream out{path, std::ios::binary};
    out.write(reinterpret_cast<const char*>(bytes.data()),
              static_cast<std::streamsize>(bytes.size()));
}

/// Puts a big-endian integer at `byte`, counted from 1 from `base`.
void put(Bytes& bytes, std::size_t base, int byte, int width, std::int64_t value) {
    for (int i = 0; i < width; ++i) {
        bytes.at(base + static_cast<std::size_t>(byte - 1 + i)) =
            static_cast<unsigned char>(static_cast<std::uint64_t>(value) >> (8 * (width - 1 - i)));
    }
}

std::string words_of(const std::function<void()>& act) {
    try {
        act();
    } catch (const lop::Error& error) {
        return error.what();
    }
    return "nothing was thrown";
}

bool holds(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

bool warns(const std::vector<std::string>& warnings, const std::string& part) {
    return std::ranges::any_of(warnings,
                               [&](const std::string& words) { return holds(words, part); });
}

std::vector<float> samples_of(const SegySurvey& survey) {
    std::vector<float> out(static_cast<std::size_t>(survey.traces * survey.samples));
    read_traces(survey, 0, survey.traces, out.data());
    return out;
}

std::vector<SegyTrace> plain_headers(int traces) {
    std::vector<SegyTrace> headers(static_cast<std::size_t>(traces));
    for (int k = 0; k < traces; ++k) {
        SegyTrace& trace = headers[static_cast<std::size_t>(k)];
        trace.field_record = 7;
        trace.trace_number = k + 1;
        trace.source = {100, 0, 5};
        trace.receiver = {10.0 * k, 0, 8};
    }
    return headers;
}

std::vector<float> ramp(std::int64_t count) {
    std::vector<float> out(static_cast<std::size_t>(count));
    for (std::size_t k = 0; k < out.size(); ++k) out[k] = static_cast<float>(k % 100) - 50.0F;
    return out;
}

/// traces x samples in big-endian IEEE floats, revision 1 unless told; 2 ms.
std::string write_plain(const Folder& folder, int traces, std::int64_t samples,
                        const SegyWriteOptions& options = {}) {
    const std::string path = folder / "plain.segy";
    write_segy(path, plain_headers(traces), samples, 0.002, ramp(traces * samples).data(), options);
    return path;
}

/// The file with some header integers replaced.
std::string patched(const Folder& folder, const std::string& path,
                    const std::function<void(Bytes&)>& change) {
    Bytes bytes = load(path);
    change(bytes);
    save(folder / "patched.segy", bytes);
    return folder / "patched.segy";
}

constexpr SegyFormat all_formats[] = {
    SegyFormat::ibm_float,  SegyFormat::int32,       SegyFormat::int16,
    SegyFormat::ieee_float, SegyFormat::ieee_double, SegyFormat::int8,
    SegyFormat::uint32,     SegyFormat::uint16,      SegyFormat::uint8};

/// Numbers that the format holds exactly (IBM: to its rounding).
std::vector<float> fitting_samples(SegyFormat format, std::size_t count) {
    std::mt19937 random{42};
    std::vector<float> out(count);
    for (float& value : out) {
        const auto word = static_cast<std::uint32_t>(random());
        const auto whole = [&](int low, int high) {
            return static_cast<float>(
                low + static_cast<int>(word % static_cast<unsigned>(high - low + 1)));
        };
        switch (format) {
            case SegyFormat::int8: value = whole(-128, 127); break;
            case SegyFormat::uint8: value = whole(0, 255); break;
            case SegyFormat::int16: value = whole(-32768, 32767); break;
            case SegyFormat::uint16: value = whole(0, 65535); break;
            case SegyFormat::int32: value = whole(-16777216, 16777216); break;
            case SegyFormat::uint32: value = whole(0, 16777216); break;
            default: value = std::bit_cast<float>(word);
        }
        if (!std::isfinite(value)) value = 0;
    }
    return out;
}

}  // namespace

TEST_CASE("samples survive writing and reading in every format, byte order and revision") {
    const Folder folder;
    const std::string path = folder / "round.segy";
    constexpr std::size_t traces = 5, samples = 101;
    for (const SegyFormat format : all_formats) {
        const auto data = fitting_samples(format, traces * samples);
        for (const SegyByteOrder order : {SegyByteOrder::big, SegyByteOrder::little}) {
            for (const int revision : {0, 1, 2}) {
                CAPTURE(static_cast<int>(format));
                CAPTURE(revision);
                write_segy(path, plain_headers(5), 101, 0.004, data.data(),
                           {.format = format, .byte_order = order, .revision = revision});
                const SegySurvey survey = scan_segy(path);
                CHECK(survey.format == format);
                CHECK(survey.byte_order == order);
                CHECK(survey.revision == revision);
                CHECK(survey.traces == 5);
                CHECK(survey.samples == 101);
                CHECK(survey.interval == 0.004);
                CHECK(survey.warnings.empty());
                const auto back = samples_of(survey);
                if (format != SegyFormat::ibm_float) {
                    CHECK(std::memcmp(back.data(), data.data(), data.size() * sizeof(float)) == 0);
                    continue;
                }
                // 21 to 24 bits of fraction, rounded to nearest: half a unit of 2^-20 at worst; a
                // subnormal float adds half of the smallest float.
                for (std::size_t k = 0; k < data.size(); ++k) {
                    const double bound = std::ldexp(std::fabs(data[k]), -21) + 7.1e-46;
                    REQUIRE(std::fabs(static_cast<double>(back[k]) - data[k]) <= bound);
                }
            }
        }
    }
}

TEST_CASE("IBM floats have the bits of the manual") {
    // 100 = 0x64 / 0x100 * 16^2; -118.625 = -0x76.A; 0.5 = 8/16; 1/16 = 1/16 * 16^0; 1 = 1/16 * 16.
    const std::vector<float> values{100.0F, -118.625F, 0.5F,      0.0625F,
                                    1.0F,   0.0F,      -0.15625F, 4096.0F};
    const std::vector<std::uint32_t> words{0x42640000, 0xC276A000, 0x40800000, 0x40100000,
                                           0x41100000, 0x00000000, 0xC0280000, 0x44100000};
    const Folder folder;
    const std::string path = folder / "ibm.segy";
    write_segy(path, plain_headers(1), 8, 0.001, values.data(), {.format = SegyFormat::ibm_float});
    const Bytes bytes = load(path);
    REQUIRE(bytes.size() == 3600 + 240 + 8 * 4);
    for (std::size_t k = 0; k < words.size(); ++k) {
        std::uint32_t word = 0;
        for (std::size_t i = 0; i < 4; ++i) word = (word << 8) | bytes[3840 + 4 * k + i];
        CHECK(word == words[k]);
    }
    CHECK(samples_of(scan_segy(path)) == values);
}

TEST_CASE("IBM numbers beyond a float become infinite, unnormalised ones keep their value") {
    const Folder folder;
    const std::string path = write_plain(folder, 1, 4, {.format = SegyFormat::ibm_float});
    const auto other = patched(folder, path, [](Bytes& bytes) {
        put(bytes, 3840, 1, 4, 0x7FFFFFFF);  // 16^63 (1 - 2^-24)
        put(bytes, 3840, 5, 4, 0xFFFFFFFF);
        put(bytes, 3840, 9, 4, 0x44000001);   // 16^4 / 2^24 = 2^-8
        put(bytes, 3840, 13, 4, 0x00FFFFFF);  // 16^-64
    });
    const auto data = samples_of(scan_segy(other));
    CHECK(data[0] == std::numeric_limits<float>::infinity());
    CHECK(data[1] == -std::numeric_limits<float>::infinity());
    CHECK(data[2] == 0.00390625F);
    CHECK(data[3] == 0.0F);
}

TEST_CASE("a trace header survives writing and reading, in SI units") {
    const Folder folder;
    for (const int revision : {1, 2}) {
        for (const SegyByteOrder order : {SegyByteOrder::big, SegyByteOrder::little}) {
            SegyTrace trace{.sequence = 12,
                            .field_record = 34,
                            .trace_number = 56,
                            .source_number = 78,
                            .cdp = 90,
                            .cdp_trace = 11,
                            .inline_number = -22,
                            .crossline_number = 33,
                            .kind = 1,
                            .source = {1234.567, -89.001, 6.5},
                            .receiver = {-4321.25, 77.125, -3.75},
                            .cdp_x = 12.5,
                            .cdp_y = 99.875,
                            .offset = -3237,
                            .samples = 3,
                            .interval = 0.0005,
                            .start = -0.1025};
            write_segy(folder / "one.segy", {&trace, 1}, 3, 0.0005, ramp(3).data(),
                       {.byte_order = order, .revision = revision});
            const auto survey = scan_segy(folder / "one.segy");
            CHECK(read_headers(survey, 0, 1).front() == trace);
            CHECK(survey.start == -0.1025);
        }
    }
}

TEST_CASE("sources above z = 0 and elevations stored downwards survive too") {
    const Folder folder;
    for (const SegyElevation elevation : {SegyElevation::up, SegyElevation::down}) {
        SegyTrace trace{.source = {0, 0, -12.5}, .receiver = {0, 0, 40}};
        write_segy(folder / "z.segy", {&trace, 1}, 3, 0.001, ramp(3).data(),
                   {.elevation = elevation});
        const auto header =
            read_headers(scan_segy(folder / "z.segy", {.elevation = elevation}), 0, 1)[0];
        CHECK(header.source.z == -12.5);
        CHECK(header.receiver.z == 40);
    }
}

TEST_CASE("coordinates too large for millimetres are stored in coarser units") {
    const Folder folder;
    SegyTrace trace{.source = {501351, 5152282.25, 0}, .receiver = {0, 1.5e9, 0}};
    write_segy(folder / "utm.segy", {&trace, 1}, 3, 0.001, ramp(3).data());
    const auto header = read_headers(scan_segy(folder / "utm.segy"), 0, 1)[0];
    CHECK(header.source.x == 501351);
    CHECK(header.source.y == 5152282);  // whole metres: the receiver leaves no more digits
    CHECK(header.receiver.y == 1.5e9);
    trace.receiver.y = 1e10;
    CHECK(holds(
        words_of([&] { write_segy(folder / "utm.segy", {&trace, 1}, 3, 0.001, ramp(3).data()); }),
        "2147483 km"));
}

TEST_CASE("coordinate and elevation scalars multiply, divide, or are one") {
    const Folder folder;
    const std::string path = write_plain(folder, 1, 4);
    struct Case {
        int scalar;
        double x, z;
    };
    for (const auto& [scalar, x, z] :
         {Case{-1000, 0.5, -0.25}, Case{-10, 50, -25}, Case{0, 500, -250}, Case{1, 500, -250},
          Case{-1, 500, -250}, Case{100, 50000, -25000}, Case{82, 500, -250}}) {
        CAPTURE(scalar);
        const auto other = patched(folder, path, [&, s = scalar](Bytes& bytes) {
            put(bytes, 3600, 69, 2, s);
            put(bytes, 3600, 71, 2, s);
            put(bytes, 3600, 81, 4, 500);  // group x
            put(bytes, 3600, 41, 4, 250);  // group elevation
        });
        const auto survey = scan_segy(other);
        const auto header = read_headers(survey, 0, 1)[0];
        CHECK(header.receiver.x == x);
        CHECK(header.receiver.z == z);
        CHECK(warns(survey.warnings, "no power of ten") == (scalar == 82));
        const auto told = read_headers(scan_segy(other, {.coordinate_scale = 0.3}), 0, 1)[0];
        CHECK(told.receiver.x == doctest::Approx(150));
    }
}

TEST_CASE("feet become metres, and the caller knows better") {
    const Folder folder;
    const auto feet = patched(folder, write_plain(folder, 1, 4), [](Bytes& bytes) {
        put(bytes, 3200, 55, 2, 2);
        put(bytes, 3600, 71, 2, 1);
        put(bytes, 3600, 73, 4, 1000);
        put(bytes, 3600, 37, 4, -100);
    });
    const auto survey = scan_segy(feet);
    CHECK(warns(survey.warnings, "feet"));
    CHECK(read_headers(survey, 0, 1)[0].source.x == doctest::Approx(304.8));
    CHECK(read_headers(survey, 0, 1)[0].offset == doctest::Approx(-30.48));
    CHECK(read_headers(scan_segy(feet, {.length_unit = 1.0}), 0, 1)[0].source.x == 1000);
}

TEST_CASE("the time scalar of revision 1 applies to the delay") {
    const Folder folder;
    for (const int revision : {0, 1}) {
        const auto path = write_plain(folder, 1, 4, {.revision = revision});
        const auto other = patched(folder, path, [](Bytes& bytes) {
            put(bytes, 3600, 109, 2, 10000);
            put(bytes, 3600, 215, 2, -10);
        });
        CHECK(scan_segy(other).start == (revision == 1 ? 1.0 : 10.0));
    }
}

TEST_CASE("positions in degrees are refused unless accepted") {
    const Folder folder;
    const auto path = patched(folder, write_plain(folder, 2, 4),
                              [](Bytes& bytes) { put(bytes, 3600, 89, 2, 3); });
    CHECK(holds(words_of([&] { scan_segy(path); }), "degrees"));
    CHECK(scan_segy(path, {.accept_geographic = true}).traces == 2);
}

TEST_CASE("the byte order is read from the format code, never guessed") {
    const Folder folder;
    const auto path = write_plain(folder, 2, 10);
    const auto nonsense = patched(folder, path, [](Bytes& bytes) { put(bytes, 3200, 25, 2, 0); });
    CHECK_THROWS_AS(scan_segy(nonsense), lop::FileError);
    CHECK(holds(words_of([&] { scan_segy(nonsense); }), "format code"));
    CHECK(samples_of(scan_segy(nonsense, {.byte_order = SegyByteOrder::big,
                                          .format = SegyFormat::ieee_float})) == ramp(20));
    const auto gain = patched(folder, path, [](Bytes& bytes) { put(bytes, 3200, 25, 2, 4); });
    CHECK(holds(words_of([&] { scan_segy(gain); }), "format code 4"));
    const auto torn =
        patched(folder, path, [](Bytes& bytes) { put(bytes, 3200, 97, 4, 0x04030201); });
    CHECK(holds(words_of([&] { scan_segy(torn); }), "one byte order"));
    const auto pairs =
        patched(folder, path, [](Bytes& bytes) { put(bytes, 3200, 97, 4, 0x02010403); });
    CHECK(holds(words_of([&] { scan_segy(pairs); }), "pairwise"));
}

TEST_CASE("the sample count that fits the file wins, with a warning") {
    const Folder folder;
    const auto path = write_plain(folder, 6, 100);
    SUBCASE("against trace headers that say another") {
        const auto other = patched(folder, path, [](Bytes& bytes) {
            for (std::size_t k = 0; k < 6; ++k) put(bytes, 3600 + k * 640, 115, 2, 1500);
        });
        const auto survey = scan_segy(other);
        CHECK(survey.samples == 100);
        CHECK(survey.traces == 6);
        CHECK(warns(survey.warnings, "the trace headers say 1500 samples; 100 fit"));
        CHECK(samples_of(survey) == ramp(600));
    }
    SUBCASE("against a binary header that says zero") {
        const auto other = patched(folder, path, [](Bytes& bytes) { put(bytes, 3200, 21, 2, 0); });
        const auto survey = scan_segy(other);
        CHECK(survey.samples == 100);
        CHECK(warns(survey.warnings, "says 0 samples"));
    }
    SUBCASE("against a binary header that also divides the file: 260 = 2 x 100 + 60") {
        const auto other =
            patched(folder, path, [](Bytes& bytes) { put(bytes, 3200, 21, 2, 260); });
        const auto survey = scan_segy(other);
        CHECK(survey.samples == 100);
        CHECK(survey.traces == 6);
    }
    SUBCASE("against trace headers that also divide the file") {
        const auto other = patched(folder, path, [](Bytes& bytes) {
            for (std::size_t k = 0; k < 6; ++k) put(bytes, 3600 + k * 640, 115, 2, 260);
        });
        CHECK(scan_segy(other).samples == 100);
    }
    SUBCASE("the caller's count before all") {
        CHECK(scan_segy(path, {.samples = 260}).traces == 3);
        CHECK_THROWS_AS(scan_segy(path, {.samples = 101}), lop::FileError);
        CHECK_THROWS_AS(scan_segy(path, {.samples = -1}), lop::ArgumentError);
        CHECK_THROWS_AS(scan_segy(path, {.samples = std::numeric_limits<std::int64_t>::max()}),
                        lop::ArgumentError);
    }
    SUBCASE("none anywhere is refused") {
        const auto other = patched(folder, path, [](Bytes& bytes) {
            put(bytes, 3200, 21, 2, 0);
            put(bytes, 3600, 115, 2, 0);
        });
        CHECK(holds(words_of([&] { scan_segy(other); }), "a number of samples per trace"));
    }
    SUBCASE("traces of different length are refused as such") {
        auto bytes = load(path);
        put(bytes, 3600, 115, 2, 60);
        bytes.erase(bytes.begin() + 3840, bytes.begin() + 3840 + 160);
        save(folder / "varying.segy", bytes);
        CHECK(holds(words_of([&] { scan_segy(folder / "varying.segy"); }),
                    "numbers of samples differ"));
    }
}

TEST_CASE("the interval follows the rule of the headers") {
    const Folder folder;
    const auto path = write_plain(folder, 3, 10);
    struct Case {
        std::array<int, 4> field;  // binary, three traces
        bool fixed;
        double interval;  // s; 0: refused
    };
    for (const auto& [field, fixed, interval] :
         {Case{{2000, 2000, 2000, 2000}, true, 0.002}, Case{{0, 4000, 4000, 4000}, true, 0.004},
          Case{{-5, 4000, 4000, 4000}, false, 0.004}, Case{{0, 4000, 0, 4000}, false, 0.004},
          Case{{2000, 0, 0, 0}, false, 0.002}, Case{{2000, 4000, 4000, 4000}, true, 0.002},
          Case{{2000, 4000, 4000, 4000}, false, 0.004}, Case{{2000, 4000, 0, 4000}, false, 0},
          Case{{2000, 4000, 3000, 4000}, false, 0}, Case{{2000, 2000, 3000, 2000}, true, 0.002},
          Case{{0, 4000, 3000, 4000}, false, 0}, Case{{0, 0, 0, 0}, false, 0},
          Case{{-2000, -2000, -2000, -2000}, true, 0}}) {
        CAPTURE(field[0]);
        CAPTURE(field[1]);
        CAPTURE(field[2]);
        CAPTURE(fixed);
        const auto other = patched(folder, path, [&, f = field, flag = fixed](Bytes& bytes) {
            put(bytes, 3200, 17, 2, f[0]);
            for (std::size_t k = 0; k < 3; ++k) put(bytes, 3600 + k * 280, 117, 2, f[k + 1]);
            put(bytes, 3200, 303, 2, flag ? 1 : 0);
        });
        CHECK(scan_segy(other, {.interval = 0.003}).interval == 0.003);
        if (interval == 0) {
            const std::string words = words_of([&] { scan_segy(other); });
            CHECK(holds(words, "interval"));
            CHECK(holds(words, other));
            continue;
        }
        const auto survey = scan_segy(other);
        CHECK(survey.interval == interval);
        const bool quiet =
            field[0] > 0 && interval == field[0] * 1e-6 &&
            std::ranges::all_of(field, [&, f = field](int us) { return us == 0 || us == f[0]; });
        CHECK(survey.warnings.empty() == quiet);
    }
}

TEST_CASE("a truncated file is refused, by name and with its byte counts") {
    const Folder folder;
    const auto path = write_plain(folder, 6, 100);
    const Bytes whole = load(path);
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{100}, std::size_t{3599}, std::size_t{3600}, std::size_t{3700},
          std::size_t{3840}, whole.size() - 1, whole.size() - 400, whole.size() - 600}) {
        CAPTURE(size);
        save(folder / "cut.segy",
             Bytes{whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)});
        const std::string words = words_of([&] { scan_segy(folder / "cut.segy"); });
        CHECK(holds(words, folder / "cut.segy"));
        CHECK(holds(words, std::to_string(size) + " byte"));
    }
    save(folder / "cut.segy", Bytes{whole.begin(), whole.end() - 400});
    const auto survey = scan_segy(folder / "cut.segy", {.accept_truncated = true});
    CHECK(survey.traces == 5);
    CHECK(warns(survey.warnings, "5 whole traces and 240 bytes of another"));
    CHECK(samples_of(survey) == ramp(500));
}

TEST_CASE("a file that changes after its scan is refused") {
    const Folder folder;
    const auto path = write_plain(folder, 6, 100);
    const auto survey = scan_segy(path);
    fs::resize_file(path, 3600 + 640);
    std::vector<float> out(600);
    CHECK(
        holds(words_of([&] { read_traces(survey, 0, 6, out.data()); }), "as when it was scanned"));
    fs::remove(path);
    CHECK(holds(words_of([&] { read_traces(survey, 0, 6, out.data()); }), path));
}

TEST_CASE("ranges outside the file and missing files are refused") {
    const Folder folder;
    const auto survey = scan_segy(write_plain(folder, 6, 100));
    std::vector<float> out(600);
    constexpr auto huge = std::numeric_limits<std::int64_t>::max();
    CHECK_THROWS_AS(read_traces(survey, 0, 7, out.data()), lop::ArgumentError);
    CHECK_THROWS_AS(read_traces(survey, -1, 1, out.data()), lop::ArgumentError);
    CHECK_THROWS_AS(read_traces(survey, huge, huge, out.data()), lop::ArgumentError);
    CHECK_THROWS_AS(read_headers(survey, 3, -1), lop::ArgumentError);
    CHECK_NOTHROW(read_traces(survey, 6, 0, out.data()));
    CHECK_THROWS_AS(scan_segy(folder / "absent.segy"), lop::FileError);
    CHECK(holds(words_of([&] { scan_segy(folder / ""); }), "a folder"));
}

TEST_CASE("text comes back from EBCDIC, extended headers are found") {
    const Folder folder;
    SegyWriteOptions options{.text = {"line 1: \"quoted\" {x} [y] a+b=c; 100% ~ok~", "two"}};
    CHECK(load(write_plain(folder, 2, 10, options)).at(0) == 0xC3);
    auto survey = scan_segy(folder / "plain.segy");
    REQUIRE(survey.text.size() == 1);
    CHECK(survey.text[0].size() == 3200);
    CHECK(survey.text[0].substr(0, 51) ==
          "C 1 line 1: \"quoted\" {x} [y] a+b=c; 100% ~ok~" + std::string(6, ' '));
    CHECK(survey.text[0].substr(80, 8) == "C 2 two ");
    CHECK(survey.text[0].substr(3040, 14) == "C39 SEG Y REV1");

    options.text.assign(100, "more");
    survey = scan_segy(write_plain(folder, 2, 10, options));
    CHECK(survey.first_trace_byte == 3600 + 2 * 3200);
    REQUIRE(survey.text.size() == 3);
    CHECK(survey.text[2].substr(0, 8) == "C 1 more");
    CHECK(survey.warnings.empty());
    CHECK(samples_of(survey) == ramp(20));

    const auto path = folder / "plain.segy";
    SUBCASE("a variable number ends at its stanza") {
        const auto other = patched(folder, path, [](Bytes& bytes) {
            put(bytes, 3200, 305, 2, -1);
            const std::string stanza = "((SEG: EndText))";
            std::ranges::copy(stanza, bytes.begin() + 6800);
            std::fill(bytes.begin() + 6816, bytes.begin() + 10000, 0x20);
        });
        survey = scan_segy(other);
        CHECK(survey.first_trace_byte == 10000);
        CHECK(survey.warnings.empty());
    }
    SUBCASE("a wrong number is refused") {
        const auto other = patched(folder, path, [](Bytes& bytes) { put(bytes, 3200, 305, 2, 1); });
        CHECK_THROWS_AS(scan_segy(other), lop::FileError);
    }
    SUBCASE("revision 0 knows none, but the size of the file speaks for them") {
        const auto other = patched(folder, path, [](Bytes& bytes) { put(bytes, 3200, 301, 2, 0); });
        survey = scan_segy(other);
        CHECK(survey.first_trace_byte == 10000);
        CHECK(warns(survey.warnings, "extended text headers"));
    }
    SUBCASE("a false number in a file without any is seen through") {
        const auto other = patched(folder, write_plain(folder, 2, 10),
                                   [](Bytes& bytes) { put(bytes, 3200, 305, 2, 4096); });
        survey = scan_segy(other);
        CHECK(survey.first_trace_byte == 3600);
        CHECK(warns(survey.warnings, "4096 extended text headers"));
    }
}

TEST_CASE("revision 2 holds long traces and intervals of any length") {
    const Folder folder;
    const std::int64_t samples = 70001;
    const auto data = ramp(2 * samples);
    const auto headers = plain_headers(2);
    write_segy(folder / "long.segy", headers, samples, 0.0014785, data.data(), {.revision = 2});
    const auto survey = scan_segy(folder / "long.segy");
    CHECK(survey.samples == samples);
    CHECK(survey.interval == doctest::Approx(0.0014785).epsilon(1e-14));
    CHECK(survey.warnings.empty());
    CHECK(samples_of(survey) == data);
    CHECK(holds(
        words_of([&] { write_segy(folder / "no.segy", headers, samples, 0.001, data.data()); }),
        "65535"));
    CHECK(
        holds(words_of([&] { write_segy(folder / "no.segy", headers, 9, 0.0014785, data.data()); }),
              "1478.5"));
    CHECK(folder.files() == 1);
}

TEST_CASE("additional trace headers and trailers of revision 2 are stepped over") {
    const Folder folder;
    const auto plain = load(write_plain(folder, 3, 50, {.revision = 2}));
    Bytes bytes{plain.begin(), plain.begin() + 3600};
    for (int k = 0; k < 3; ++k) {
        const auto trace = plain.begin() + 3600 + k * std::ptrdiff_t{440};
        bytes.insert(bytes.end(), trace, trace + 240);
        Bytes extension(240);
        const std::string name = "SEG00001";
        std::ranges::copy(name, extension.begin() + 232);
        put(extension, 0, 97, 8, std::bit_cast<std::int64_t>(123.456789));
        put(extension, 0, 57, 8, std::bit_cast<std::int64_t>(7.25));
        bytes.insert(bytes.end(), extension.begin(), extension.end());
        bytes.insert(bytes.end(), trace + 240, trace + 440);
    }
    bytes.insert(bytes.end(), 6400, 0x40);
    put(bytes, 3200, 329, 4, 2);
    for (const int width : {4, 2}) {
        put(bytes, 3200, 307, 4, 0);
        put(bytes, 3200, 307, width, 1);
        for (const int trailers : {2, -1}) {
            put(bytes, 3200, 329, 4, trailers);
            save(folder / "extra.segy", bytes);
            const auto survey = scan_segy(folder / "extra.segy");
            CHECK(survey.traces == 3);
            CHECK(survey.header_bytes == 480);
            CHECK(survey.warnings.empty());
            CHECK(samples_of(survey) == ramp(150));
            const auto header = read_headers(survey, 2, 1)[0];
            CHECK(header.source.x == 123.456789);
            CHECK(header.source.z == 7.25);
            CHECK(header.receiver.x == 20);
        }
    }
}

TEST_CASE("traces become shots by field record, or by source where records are not told") {
    const Folder folder;
    const auto scan = [&](const std::vector<std::pair<int, double>>& record_and_x,
                          SegyOptions options) {
        std::vector<SegyTrace> headers;
        headers.reserve(record_and_x.size());
        for (const auto& [record, x] : record_and_x)
            headers.push_back({.field_record = record, .source = {x, 0, 5}});
        write_segy(folder / "shots.segy", headers, 2, 0.001, ramp(2 * std::ssize(headers)).data());
        return scan_segy(folder / "shots.segy", options);
    };
    using Ranges = std::vector<SegyRange>;
    SUBCASE("by field record") {
        const auto survey = scan({{3, 10}, {3, 10}, {4, 20}, {5, 30}, {5, 30}, {5, 30}}, {});
        REQUIRE(survey.shots.size() == 3);
        CHECK(survey.shots[2].field_record == 5);
        CHECK(survey.shots[2].traces == 3);
        CHECK(survey.shots[2].ranges == Ranges{{3, 3}});
        CHECK(survey.shots[2].source == SegyPoint{30, 0, 5});
        CHECK(survey.warnings.empty());
        std::vector<float> data(6);
        read_shot(survey, survey.shots[2], data.data());
        CHECK(data == std::vector<float>{-44, -43, -42, -41, -40, -39});
    }
    SUBCASE("by source where all records are zero, or all the same") {
        for (const int record : {0, 1}) {
            const auto survey = scan({{record, 10}, {record, 20}, {record, 20}, {record, 10}}, {});
            REQUIRE(survey.shots.size() == 2);
            CHECK(survey.shots[0].ranges == Ranges{{0, 1}, {3, 1}});
            CHECK(survey.shots[1].ranges == Ranges{{1, 2}});
            CHECK(read_shot_headers(survey, survey.shots[0])[1].sequence == 4);
        }
    }
    SUBCASE("traces sorted otherwise are gathered") {
        const auto survey = scan({{1, 10}, {2, 20}, {1, 10}, {2, 20}, {1, 10}}, {});
        REQUIRE(survey.shots.size() == 2);
        CHECK(survey.shots[0].ranges == Ranges{{0, 1}, {2, 1}, {4, 1}});
        std::vector<float> data(6);
        read_shot(survey, survey.shots[0], data.data());
        CHECK(data == std::vector<float>{-50, -49, -46, -45, -42, -41});
    }
    SUBCASE("a record number used again elsewhere is another shot") {
        CHECK(scan({{1, 10}, {2, 20}, {1, 30}}, {}).shots.size() == 3);
    }
    SUBCASE("a source that moves within a record is warned of, and can be split") {
        const auto survey = scan({{1, 10}, {1, 11}, {2, 20}}, {});
        CHECK(survey.shots.size() == 2);
        CHECK(warns(survey.warnings, "changes within a field record"));
        CHECK(scan({{1, 10}, {1, 11}, {2, 20}}, {.grouping = SegyGrouping::source_position})
                  .shots.size() == 3);
        CHECK(scan({{1, 10}, {1, 11}}, {.grouping = SegyGrouping::field_record}).shots.size() == 1);
    }
}

TEST_CASE("Seismic Unix files are read when asked for, in the byte order that fits") {
    const Folder folder;
    for (const SegyByteOrder order : {SegyByteOrder::big, SegyByteOrder::little}) {
        const auto segy = load(write_plain(folder, 3, 50, {.byte_order = order}));
        save(folder / "x.su", Bytes{segy.begin() + 3600, segy.end()});
        const auto survey = scan_segy(folder / "x.su", {.kind = SegyKind::su});
        CHECK(survey.byte_order == order);
        CHECK(survey.interval == 0.002);
        CHECK(samples_of(survey) == ramp(150));
        CHECK_THROWS_AS(scan_segy(folder / "x.su"), lop::FileError);
        fs::resize_file(folder / "x.su", 1000);
        CHECK_THROWS_AS(scan_segy(folder / "x.su", {.kind = SegyKind::su}), lop::FileError);
    }
    // 257 = 0x0101 reads the same in both orders.
    const auto segy = load(write_plain(folder, 2, 257));
    save(folder / "x.su", Bytes{segy.begin() + 3600, segy.end()});
    CHECK(holds(words_of([&] { scan_segy(folder / "x.su", {.kind = SegyKind::su}); }),
                "both orders"));
    CHECK(scan_segy(folder / "x.su", {.kind = SegyKind::su, .byte_order = SegyByteOrder::big})
              .traces == 2);
}

TEST_CASE("hostile headers end in an error or in a reading within the file, never elsewhere") {
    const Folder folder;
    std::mt19937 random{7};
    int read = 0, refused = 0;
    for (const int revision : {0, 1, 2}) {
        const Bytes clean = load(write_plain(folder, 6, 40, {.revision = revision}));
        for (int round = 0; round < 400; ++round) {
            Bytes bytes = clean;
            const int changes = 1 + static_cast<int>(random() % 4);
            for (int change = 0; change < changes; ++change) {
                // The fields that decide the layout are hit more often than the rest.
                constexpr int decisive[] = {3217, 3221, 3225, 3269, 3273, 3297, 3501, 3503,
                                            3505, 3507, 3513, 3521, 3529, 3715, 3717};
                const int byte = random() % 4 != 0 ? decisive[random() % std::size(decisive)]
                                                   : 3201 + static_cast<int>(random() % 800);
                constexpr std::int64_t values[] = {0,          -1, 1, 0x7FFFFFFF, -0x80000000LL,
                                                   0x7FFF7FFF, 2};
                const std::int64_t value = random() % 2 == 0 ? values[random() % std::size(values)]
                                                             : static_cast<std::int64_t>(random());
                put(bytes, 0, byte, random() % 2 == 0 ? 2 : 4, value);
            }
            if (random() % 4 == 0) bytes.resize(3000 + random() % (bytes.size() - 3000));
            save(folder / "hostile.segy", bytes);
            try {
                const auto survey =
                    scan_segy(folder / "hostile.segy", {.accept_truncated = random() % 2 == 0});
                REQUIRE(survey.traces > 0);
                REQUIRE(survey.samples > 0);
                REQUIRE(survey.first_trace_byte + survey.traces * survey.trace_bytes <=
                        survey.file_bytes);
                REQUIRE(samples_of(survey).size() <= bytes.size());
                ++read;
            } catch (const lop::FileError& error) {
                REQUIRE(holds(error.what(), folder / "hostile.segy"));
                ++refused;
            }
        }
    }
    CHECK(read > 100);
    CHECK(refused > 100);
}

TEST_CASE("many readers at once get their own ranges") {
    const Folder folder;
    const auto survey = scan_segy(write_plain(folder, 64, 100));
    const auto expected = ramp(6400);
    std::vector<float> out(6400);
    std::vector<std::thread> readers;
    readers.reserve(4);
    for (std::int64_t r = 0; r < 4; ++r)
        readers.emplace_back([&, r] { read_traces(survey, 16 * r, 16, out.data() + 1600 * r); });
    for (auto& reader : readers) reader.join();
    CHECK(out == expected);
}

TEST_CASE("several writers fill one file, and it appears only when committed") {
    const Folder folder;
    const std::string path = folder / "joint.segy";
    save(path, Bytes(10, 1));
    const auto headers = plain_headers(40);
    const auto data = ramp(1000);
    const SegyShape shape{40, 25, 0.002};
    auto creator = SegyWriter::create(path, shape);
    CHECK(load(path).size() == 10);
    std::vector<std::thread> writers;
    writers.reserve(4);
    for (std::int64_t r = 0; r < 4; ++r) {
        writers.emplace_back([&, r] {
            const auto writer = SegyWriter::attach(path, shape);
            for (std::int64_t part = 1; part >= 0; --part) {
                const std::int64_t first = 10 * r + 5 * part;
                writer.write(first, std::span{headers}.subspan(static_cast<std::size_t>(first), 5),
                             data.data() + first * 25);
            }
            writer.flush();
        });
    }
    for (auto& writer : writers) writer.join();
    CHECK(load(path).size() == 10);
    creator.commit();
    CHECK(folder.files() == 1);
    CHECK(samples_of(scan_segy(path)) == data);
    CHECK(scan_segy(path).warnings.empty());
    CHECK_THROWS_AS(creator.commit(), lop::ArgumentError);

    write_segy(folder / "alone.segy", headers, 25, 0.002, data.data());
    CHECK(load(folder / "alone.segy") == load(path));
}

TEST_CASE("an unfinished file is never put in place") {
    const Folder folder;
    const std::string path = folder / "half.segy";
    const SegyShape shape{4, 10, 0.001};
    {
        auto writer = SegyWriter::create(path, shape);
        writer.write(0, plain_headers(3), ramp(30).data());
        CHECK(holds(words_of([&] { writer.commit(); }),
                    "1 never written, the first of them trace 3"));
        CHECK(holds(words_of([&] { SegyWriter::create(path, shape); }), "another program"));
        CHECK_THROWS_AS(writer.write(3, plain_headers(2), ramp(20).data()), lop::ArgumentError);
        CHECK_THROWS_AS(SegyWriter::attach(path, {5, 10, 0.001}), lop::FileError);
        CHECK_THROWS_AS(SegyWriter::attach(path, shape).commit(), lop::ArgumentError);
        CHECK(folder.files() == 1);
    }
    CHECK(folder.files() == 0);
    save(path + ".partial", Bytes(7));  // left by a program that was killed
    auto writer = SegyWriter::create(path, shape);
    writer.write(0, plain_headers(4), ramp(40).data());
    auto moved = std::move(writer);
    moved.commit();
    CHECK(samples_of(scan_segy(path)) == ramp(40));
    CHECK(folder.files() == 1);
}

TEST_CASE("a failure of any writer removes the partial file and stops the commit") {
    const Folder folder;
    const std::string path = folder / "failed.segy";
    const SegyShape shape{2, 10, 0.001};
    auto creator = SegyWriter::create(path, shape, {.format = SegyFormat::int16});
    creator.write(0, plain_headers(2), ramp(20).data());
    auto data = ramp(20);
    data[13] = 40000;
    const auto other = SegyWriter::attach(path, shape, {.format = SegyFormat::int16});
    CHECK(holds(words_of([&] { other.write(0, plain_headers(2), data.data()); }),
                "40000 at trace 1, sample 3"));
    CHECK(folder.files() == 0);
    CHECK(holds(words_of([&] { creator.commit(); }), "removed"));
}

TEST_CASE("samples and headers that a format cannot hold are refused") {
    const Folder folder;
    const std::string path = folder / "never.segy";
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const auto write = [&](float value, SegyFormat format) {
        return words_of(
            [&] { write_segy(path, plain_headers(1), 1, 0.001, &value, {.format = format}); });
    };
    CHECK(holds(write(nan, SegyFormat::ibm_float), "IBM float"));
    CHECK(holds(write(nan, SegyFormat::int32), "int32"));
    CHECK(holds(write(128, SegyFormat::int8), "int8"));
    CHECK(holds(write(-1, SegyFormat::uint8), "uint8"));
    CHECK(holds(write(2147483648.0F, SegyFormat::int32), "int32"));
    auto headers = plain_headers(1);
    const auto with = [&](auto change) {
        auto changed = headers;
        change(changed[0]);
        const float zero = 0;
        return words_of([&] { write_segy(path, changed, 1, 0.001, &zero); });
    };
    CHECK(
        holds(with([](SegyTrace& t) { t.field_record = std::int64_t{1} << 40; }), "field record"));
    CHECK(holds(with([&](SegyTrace& t) { t.receiver.x = nan; }), "finite"));
    CHECK(holds(with([](SegyTrace& t) { t.offset = 1e300; }), "finite"));
    CHECK(holds(with([](SegyTrace& t) { t.start = 1e9; }), "first sample"));
    CHECK(holds(with([](SegyTrace& t) { t.start = 0.1234567; }), "first sample"));
    CHECK_THROWS_AS(write_segy(path, {}, 1, 0.001, nullptr), lop::ArgumentError);
    CHECK_THROWS_AS(write_segy(path, headers, 0, 0.001, nullptr), lop::ArgumentError);
    CHECK_THROWS_AS(write_segy(path, headers, 1, -1, ramp(1).data()), lop::ArgumentError);
    CHECK_THROWS_AS(write_segy(path, headers, 1, 0.001, ramp(1).data(), {.revision = 3}),
                    lop::ArgumentError);
    CHECK_THROWS_AS(
        write_segy(path, headers, 1, 0.001, ramp(1).data(), {.text = {std::string(77, 'x')}}),
        lop::ArgumentError);
    CHECK(folder.files() == 0);
    CHECK_THROWS_AS(write_segy(folder / "no/such.segy", headers, 1, 0.001, ramp(1).data()),
                    lop::FileError);
    CHECK_THROWS_AS(write_segy(folder / "", headers, 1, 0.001, ramp(1).data()), lop::FileError);
}

namespace {

/// While it lives, files of this process end at `bytes`: a disk that is full.
class SmallDisk {
 public:
    explicit SmallDisk(rlim_t bytes) {
        handler_ = std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit small{bytes, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &small);
    }
    ~SmallDisk() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, handler_);
    }

 private:
    void (*handler_)(int) = nullptr;
    rlimit before_{};
};

}  // namespace

TEST_CASE("a full disk leaves the old file, no partial one, and says the way out") {
    const Folder folder;
    const std::string path = folder / "full.segy";
    save(path, Bytes(10, 1));
    const auto headers = plain_headers(100);
    const auto data = ramp(100000);
    std::string words, late;
    {
        const SmallDisk disk{100000};
        words = words_of([&] { write_segy(path, headers, 1000, 0.001, data.data()); });
    }
    CHECK(holds(words, "write 427600 bytes to " + path));
    CHECK(holds(words, "another disk"));
    CHECK(folder.files() == 1);
    {
        auto writer = SegyWriter::create(path, {100, 1000, 0.001});
        const SmallDisk disk{100000};
        writer.write(0, std::span{headers}.first(10), data.data());
        late = words_of(
            [&] { writer.write(10, std::span{headers}.subspan(10), data.data() + 10000); });
    }
    CHECK(holds(late, "write traces to " + path));
    CHECK(folder.files() == 1);
    CHECK(load(path) == Bytes(10, 1));
}

TEST_CASE("models survive in two and three dimensions") {
    const Folder folder;
    const SegyModel model{.nx = 4,
                          .ny = 3,
                          .nz = 5,
                          .dx = 12.5,
                          .dy = 25,
                          .dz = 7.5,
                          .x0 = 1000.5,
                          .y0 = -50,
                          .z0 = 20.5,
                          .values = ramp(60)};
    write_segy_model(folder / "m.segy", model);
    auto back = read_segy_model(folder / "m.segy");
    const auto same = [&](const SegyModel& a, const SegyModel& b) {
        CHECK(std::array{a.nx, a.ny, a.nz} == std::array{b.nx, b.ny, b.nz});
        CHECK(std::array{a.dx, a.dy, a.dz} == std::array{b.dx, b.dy, b.dz});
        CHECK(std::array{a.x0, a.y0, a.z0} == std::array{b.x0, b.y0, b.z0});
        CHECK(a.values == b.values);
        CHECK(b.warnings.empty());
    };
    same(model, back);
    const Bytes bytes = load(folder / "m.segy");
    CHECK(bytes[3216] * 256 + bytes[3217] == 7500);  // millimetres

    SegyModel flat{.nx = 12, .nz = 5, .dx = 6.25, .dz = 10, .values = ramp(60)};
    write_segy_model(folder / "m.segy", flat, {.format = SegyFormat::ibm_float, .revision = 0});
    CHECK_THROWS_AS(
        write_segy_model(folder / "n.segy", {.nx = 2, .nz = 2, .dx = 1, .dz = 1, .values = {}}),
        lop::ArgumentError);
    flat.dy = 0;
    same(flat, read_segy_model(folder / "m.segy"));  // positions from the receivers

    const SegyModel column{.nx = 1, .nz = 5, .dz = 10, .x0 = 3, .values = ramp(5)};
    write_segy_model(folder / "m.segy", column);
    same(column, read_segy_model(folder / "m.segy"));
}

TEST_CASE("columns in another order are put in order, uneven ones are refused") {
    const Folder folder;
    std::vector<SegyTrace> headers;
    std::vector<float> columns;
    // x fastest and falling, 40, 30, 20; y rising, 0, 6.25 stored as whole metres.
    for (const double y : {0.0, 6.0, 13.0, 19.0}) {
        for (const double x : {40.0, 30.0, 20.0}) {
            headers.push_back({.cdp_x = x, .cdp_y = y});
            columns.push_back(static_cast<float>(x + y));
        }
    }
    write_segy(folder / "m.segy", headers, 1, 5, columns.data(), {.axis = SegyAxis::depth});
    const auto model = read_segy_model(folder / "m.segy");
    CHECK(std::array{model.nx, model.ny, model.nz} == std::array<std::int64_t, 3>{3, 4, 1});
    CHECK(std::array{model.x0, model.dx, model.y0} == std::array{20.0, 10.0, 0.0});
    CHECK(model.dy == doctest::Approx(19.0 / 3));
    CHECK(model.values == std::vector<float>{20, 26, 33, 39, 30, 36, 43, 49, 40, 46, 53, 59});

    headers[7].cdp_x += 5;
    write_segy(folder / "m.segy", headers, 1, 5, columns.data(), {.axis = SegyAxis::depth});
    CHECK(holds(words_of([&] { read_segy_model(folder / "m.segy"); }), "uneven"));

    for (auto& header : headers) header = {};
    write_segy(folder / "m.segy", headers, 1, 5, columns.data(), {.axis = SegyAxis::depth});
    CHECK(holds(words_of([&] { read_segy_model(folder / "m.segy"); }), "trace spacing"));
    CHECK(read_segy_model(folder / "m.segy", {.trace_spacing = 20.0}).dx == 20);
}

// ---- public data --------------------------------------------------------------------------

namespace {

/// A .npy file of little-endian float32 (format 1.0: magic, two version bytes, header length,
/// header).
std::vector<float> load_npy(const std::string& path) {
    const Bytes bytes = load(path);
    REQUIRE(bytes.size() > 10);
    const std::size_t start = 10U + bytes[8] + 256U * bytes[9];
    const std::string header{bytes.begin() + 10,
                             bytes.begin() + static_cast<std::ptrdiff_t>(start)};
    REQUIRE(holds(header, "'<f4'"));
    std::vector<float> out((bytes.size() - start) / sizeof(float));
    std::memcpy(out.data(), bytes.data() + start, out.size() * sizeof(float));
    return out;
}

}  // namespace

TEST_CASE("decoded samples of public files agree with those stored beside them" *
          needs_public_data) {
    for (const char* name :
         {"segy/obspy_1.sgy_first_trace", "segy/obspy_ld0042_file_00018.sgy_first_trace"}) {
        const std::string path = public_data(name);
        if (path.empty()) return;
        CHECK(samples_of(scan_segy(path)) == load_npy(path + ".npy"));
    }
    // The SU file of the same trace as the first.
    const auto survey =
        scan_segy(public_data("segy/obspy_1.su_first_trace"), {.kind = SegyKind::su});
    CHECK(survey.byte_order == SegyByteOrder::little);
    CHECK(survey.interval == 0.00025);
    CHECK(samples_of(survey) == load_npy(public_data("segy/obspy_1.sgy_first_trace.npy")));
}

TEST_CASE("the same data in several formats and byte orders read the same" * needs_public_data) {
    if (public_data("segy/segyio_Format1msb.sgy").empty()) return;
    const auto data = [](const std::string& name) {
        return samples_of(scan_segy(public_data("segy/" + name)));
    };
    const auto ieee = data("segyio_Format5msb.sgy");
    CHECK(data("segyio_Format5lsb.sgy") == ieee);
    CHECK(data("segyio_Format1msb.sgy") == ieee);  // whole numbers, exact in all of them
    CHECK(data("segyio_Format2msb.sgy") == ieee);
    CHECK(data("segyio_f3.sgy") == data("segyio_f3-lsb.sgy"));
    CHECK(data("segyio_f3.sgy").size() == 414 * 75);
    CHECK(data("segyio_small.sgy") == data("segyio_small-lsb.sgy"));
    for (const char* name : {"segy/segyio_small.su", "segy/segyio_small-lsb.su"}) {
        const auto su = scan_segy(public_data(name), {.kind = SegyKind::su, .interval = 0.004});
        const auto samples = samples_of(su), expected = data("segyio_small.sgy");
        REQUIRE(samples.size() == expected.size());
        for (std::size_t k = 0; k < samples.size(); ++k)
            CHECK(samples[k] == doctest::Approx(expected[k]).epsilon(1e-6));
        CHECK_THROWS_AS(scan_segy(public_data(name), {.kind = SegyKind::su}), lop::FileError);
    }
}

TEST_CASE("real marine shots are read against their own trace headers" * needs_public_data) {
    const std::string path = public_data("segy/segyio_viking_small.segy");
    if (path.empty()) return;
    const auto survey = scan_segy(path);
    CHECK(survey.traces == 480);
    CHECK(survey.samples == 600);
    CHECK(survey.interval == 0.004);
    REQUIRE(survey.shots.size() == 4);
    CHECK(survey.shots[1].ranges == std::vector<SegyRange>{{120, 120}});
    CHECK(survey.shots[1].source == SegyPoint{3262, 0, 6});
    CHECK(warns(survey.warnings, "the trace headers say 1500 samples; 600 fit"));
    const auto headers = read_shot_headers(survey, survey.shots[0]);
    CHECK(headers[0].offset == -3237);
    CHECK(headers[119].offset == -262);
    for (const auto& header : headers) {
        CHECK(std::fabs(header.receiver.x - header.source.x - header.offset) <= 1);
        CHECK(header.receiver.z == 10);
    }
}

TEST_CASE("shot records of JUDI: millimetres, depths stored as elevations, no interval in front" *
          needs_public_data) {
    const std::string path = public_data("segy/judi_unit_test_shot_records_1.segy");
    if (path.empty()) return;
    const SegyOptions options{.elevation = SegyElevation::down};
    const auto first = scan_segy(path, options);
    CHECK(first.interval == 0.002);
    CHECK(warns(first.warnings, "interval is not set"));
    CHECK(warns(scan_segy(path).warnings, "elevation down"));
    const auto data = samples_of(first);
    CHECK(std::ranges::all_of(data, [](float value) { return value == 0; }));
    const auto header = read_headers(first, 1, 1)[0];
    CHECK(header.source == SegyPoint{100, 0, 20});
    CHECK(header.receiver == SegyPoint{59.244, 0, 50});

    const auto second = scan_segy(public_data("segy/judi_unit_test_shot_records_2.segy"), options);
    REQUIRE(second.shots.size() == 2);
    CHECK(second.shots[1].source == SegyPoint{1100, 0, 20});

    const auto record = scan_segy(public_data("reference/judi_shot_record_250.segy"), options);
    CHECK(record.traces == 99);
    CHECK(record.samples == 667);
    CHECK(record.interval == 0.00075);
    CHECK(record.shots.at(0).source == SegyPoint{250, 0, 20});
    double square = 0;
    float largest = 0;
    for (const float value : samples_of(record)) {
        square += static_cast<double>(value) * value;
        largest = std::max(largest, std::fabs(value));
    }
    CHECK(std::sqrt(square) == doctest::Approx(341.29102).epsilon(1e-7));
    CHECK(largest == doctest::Approx(14.00871).epsilon(1e-6));
}

TEST_CASE("odd public files are read right or refused in words" * needs_public_data) {
    if (public_data("segy/segyio_text.sgy").empty()) return;
    CHECK(holds(words_of([] { scan_segy(public_data("segy/segyio_text.sgy")); }), "no trace"));
    const auto negative = public_data("segy/segyio_interval-neg-bin-neg-trace.sgy");
    CHECK(holds(words_of([&] { scan_segy(negative); }), "-2000 in the binary header"));
    CHECK(scan_segy(negative, {.interval = 0.004}).samples == 1);
    CHECK(scan_segy(public_data("segy/segyio_multi-text.sgy")).text.size() == 5);
    CHECK(scan_segy(public_data("segy/segyio_delay-scalar.sgy")).start == 1.0);
    CHECK(scan_segy(public_data("segy/segyio_shot-gather.sgy")).shots.size() == 4);
    CHECK(scan_segy(public_data("segy/obspy_good_sin_wave.sgy")).samples == 16666);
    const auto land = scan_segy(public_data("segy/obspy_ld0042_file_00018.sgy_first_trace"));
    CHECK(warns(land.warnings, "such as 82"));
    CHECK(land.shots.at(0).source == SegyPoint{501351, 5152489, 501340});
    const auto second = scan_segy(public_data("segy/segyio_rotated-small-rev2.sgy"));
    CHECK(second.header_bytes == 480);
    CHECK(second.traces == 25);
    CHECK(read_headers(second, 0, 1)[0].cdp_x == 2100);  // in the additional trace header
    CHECK(samples_of(second) == samples_of(scan_segy(public_data("segy/segyio_small.sgy"))));
}
