/// Byte order, format and layout of a SEG-Y or SU file, weighed against its size.
#include "segy_layout.hpp"

#include <lop/core/error.hpp>

#include <algorithm>
#include <array>
#include <cctype>

namespace lop::io::segy {
namespace {

constexpr std::int64_t main_header_bytes = text_bytes + binary_bytes;
constexpr std::int64_t most_extra_headers = 1000;
constexpr std::int64_t half_of_looks = 8;

/// One way to read the file.
struct Candidate {
    std::int64_t start = 0;     // byte of the first trace
    std::int64_t header = 240;  // bytes of headers per trace
    std::int64_t samples = 0;
    std::int64_t trailer = 0;  // bytes after the last trace
    SegyByteOrder order = SegyByteOrder::big;
    bool from_traces = false;  // the sample count is the trace headers' word
    int width = 4;

    std::int64_t trace_bytes() const { return header + samples * width; }
};

std::int64_t body_of(const InputFile& file, const Candidate& one) {
    return file.size() - one.start - one.trailer;
}

bool fits(const InputFile& file, const Candidate& one) {
    const std::int64_t body = body_of(file, one);
    return body > 0 && body % one.trace_bytes() == 0;
}

std::int64_t samples_at(const InputFile& file, std::int64_t byte, SegyByteOrder order) {
    std::array<unsigned char, 2> field{};
    file.read(byte + 114, 2, field.data());
    return static_cast<std::int64_t>(get_unsigned(field.data(), 2, order));
}

/// The share of traces looked at, the first eight and eight more over the file, whose sample count
/// is the first one's.
double agreement(const InputFile& file, const Candidate& one) {
    const std::int64_t traces = body_of(file, one) / one.trace_bytes();
    if (traces <= 0) return 0;
    const std::int64_t first = samples_at(file, one.start, one.order);
    std::vector<std::int64_t> looks;
    looks.reserve(2 * half_of_looks);
    for (std::int64_t k = 0; k < std::min(traces, half_of_looks); ++k) looks.push_back(k);
    for (std::int64_t k = 1; k <= half_of_looks && traces > half_of_looks; ++k)
        looks.push_back((traces - 1) / half_of_looks * k);
    const auto same = std::ranges::count_if(looks, [&](std::int64_t trace) {
        return samples_at(file, one.start + trace * one.trace_bytes(), one.order) == first;
    });
    return static_cast<double>(same) / static_cast<double>(looks.size());
}

bool contains_end_of_text(const std::string& text) {
    std::string upper = text;
    std::ranges::transform(upper, upper.begin(), [](unsigned char letter) {
        return static_cast<char>(std::toupper(letter));
    });
    return upper.find("((SEG: ENDTEXT))") != std::string::npos ||
           upper.find("((SEG:ENDTEXT))") != std::string::npos;
}

std::string read_text(const InputFile& file, std::int64_t byte) {
    std::vector<unsigned char> bytes(static_cast<std::size_t>(text_bytes));
    file.read(byte, text_bytes, bytes.data());
    return decode_text(bytes.data());
}

/// The byte after a variable number of extended text headers; 0 if their end is not marked.
std::int64_t end_of_variable_text(const InputFile& file) {
    for (std::int64_t byte = main_header_bytes; byte + text_bytes <= file.size();
         byte += text_bytes) {
        if (contains_end_of_text(read_text(file, byte))) return byte + text_bytes;
    }
    return 0;
}

void add_once(std::vector<std::int64_t>& list, std::int64_t value) {
    if (std::ranges::find(list, value) == list.end()) list.push_back(value);
}

std::vector<std::int64_t> possible_starts(const InputFile& file, const BinaryHeader& binary) {
    std::vector<std::int64_t> starts;
    const bool told = binary.major >= 2 && binary.first_trace_byte >= main_header_bytes &&
                      binary.first_trace_byte <= static_cast<std::uint64_t>(file.size());
    if (told) starts.push_back(static_cast<std::int64_t>(binary.first_trace_byte));
    if (binary.text_headers == -1 && binary.major >= 1 && !told) {
        const std::int64_t end = end_of_variable_text(file);
        if (end > 0) add_once(starts, end);
    }
    if (binary.major == 0) add_once(starts, main_header_bytes);  // knows no extended text headers
    if (binary.text_headers > 0) {
        const std::int64_t start = main_header_bytes + binary.text_headers * text_bytes;
        if (start <= file.size()) add_once(starts, start);
    }
    add_once(starts, main_header_bytes);
    return starts;
}

std::vector<std::int64_t> possible_headers(const BinaryHeader& binary) {
    std::vector<std::int64_t> headers;
    if (binary.major >= 2) {
        // Some write this count of 32 bits as one of 16, at the same place.
        for (const std::int64_t extra : {binary.extra_headers, binary.extra_headers_short})
            if (extra > 0 && extra <= most_extra_headers)
                add_once(headers, (1 + extra) * trace_header_bytes);
    }
    add_once(headers, trace_header_bytes);
    return headers;
}

/// Bytes after the last trace: stated, or all that the stated number of traces leaves.
std::vector<std::int64_t> possible_trailers(const InputFile& file, const BinaryHeader& binary,
                                            const Candidate& one) {
    std::vector<std::int64_t> trailers;
    const std::int64_t room = file.size() - one.start;
    if (binary.major >= 2 && binary.trailers > 0 && binary.trailers * text_bytes < room)
        trailers.push_back(binary.trailers * text_bytes);
    if (binary.major >= 2 && binary.trailers == -1 && binary.traces > 0 &&
        binary.traces <= static_cast<std::uint64_t>(room / one.trace_bytes())) {
        const std::int64_t rest =
            room - static_cast<std::int64_t>(binary.traces) * one.trace_bytes();
        if (rest % text_bytes == 0) add_once(trailers, rest);
    }
    add_once(trailers, 0);
    return trailers;
}

struct SampleCount {
    std::int64_t samples;
    bool from_traces;
};

std::vector<SampleCount> possible_samples(const InputFile& file, const SegySurvey& survey,
                                          const BinaryHeader& binary, std::int64_t start) {
    if (survey.options.samples) return {{*survey.options.samples, false}};
    std::vector<SampleCount> counts;
    auto add = [&](std::int64_t samples, bool from_traces) {
        const bool known = std::ranges::any_of(
            counts, [&](const SampleCount& count) { return count.samples == samples; });
        if (samples > 0 && !known) counts.push_back({samples, from_traces});
    };
    if (binary.major >= 2) add(binary.extended_samples, false);
    add(binary.samples, false);
    if (start + trace_header_bytes <= file.size())
        add(samples_at(file, start, survey.byte_order), true);
    return counts;
}

/// All readings that the headers speak for, the declared one first.
std::vector<Candidate> segy_candidates(const InputFile& file, const SegySurvey& survey,
                                       const BinaryHeader& binary) {
    std::vector<Candidate> all;
    for (const std::int64_t start : possible_starts(file, binary)) {
        for (const std::int64_t header : possible_headers(binary)) {
            for (const auto& count : possible_samples(file, survey, binary, start)) {
                Candidate one{.start = start,
                              .header = header,
                              .samples = count.samples,
                              .order = survey.byte_order,
                              .from_traces = count.from_traces,
                              .width = sample_bytes(survey.format)};
                for (const std::int64_t trailer : possible_trailers(file, binary, one)) {
                    one.trailer = trailer;
                    all.push_back(one);
                }
            }
        }
    }
    return all;
}

std::vector<Candidate> su_candidates(const InputFile& file, const SegySurvey& survey) {
    std::vector<Candidate> all;
    for (const SegyByteOrder order : {SegyByteOrder::big, SegyByteOrder::little}) {
        if (survey.options.byte_order && *survey.options.byte_order != order) continue;
        const std::int64_t samples =
            survey.options.samples ? *survey.options.samples : samples_at(file, 0, order);
        if (samples <= 0) continue;
        all.push_back({.samples = samples,
                       .order = order,
                       .from_traces = !survey.options.samples.has_value()});
    }
    return all;
}

/// Of two readings that differ in the sample count and agree as well with their headers the finer
/// is right: at the coarser the headers between would have to lie among the samples.
bool is_finer(const Candidate& one, const Candidate& other) {
    return one.start == other.start && one.header == other.header && one.trailer == other.trailer &&
           one.order == other.order && one.samples < other.samples;
}

/// The best of the candidates that fit, or null. A sample count that only trace headers speak for
/// must be repeated by every header looked at; SU counts are all of that kind.
const Candidate* choose(const InputFile& file, const std::vector<Candidate>& all, bool truncated) {
    const Candidate* best = nullptr;
    double best_agreement = -1;
    for (const Candidate& one : all) {
        const bool possible = truncated ? body_of(file, one) >= one.trace_bytes() : fits(file, one);
        if (!possible) continue;
        const double share = agreement(file, one);
        if (one.from_traces && share < 1) continue;
        if (share > best_agreement || (share == best_agreement && is_finer(one, *best))) {
            best = &one;
            best_agreement = share;
        }
    }
    return best;
}

/// Whether walking from trace to trace by their own counts ends at the end of the file.
bool has_varying_lengths(const InputFile& file, const Candidate& one) {
    constexpr int most_steps = 100000;
    std::int64_t byte = one.start;
    for (int step = 0; step < most_steps && byte + one.header <= file.size(); ++step) {
        byte += one.header + samples_at(file, byte, one.order) * one.width;
        if (byte == file.size()) return step > 0;
    }
    return false;
}

std::string describe(const InputFile& file, const Candidate& one) {
    const std::int64_t body = body_of(file, one), each = one.trace_bytes();
    return counted(body / each, "whole trace") + " and " + counted(body % each, "byte") +
           " of another";
}

[[noreturn]] void refuse_layout(const InputFile& file, const std::vector<Candidate>& all) {
    if (all.empty()) {
        throw FileError{"read " + file.path(),
                        {.expected = "a number of samples per trace",
                         .found = "none: binary header and first trace header hold 0 (" +
                                  counted(file.size(), "byte") + " in all)",
                         .remedy = "declare samples, the number in a trace"}};
    }
    const Candidate& one = all.front();
    if (body_of(file, one) <= 0) {
        throw FileError{"read " + file.path(),
                        {.expected = "traces after " + counted(one.start, "byte") + " of headers",
                         .found = "a file of " + counted(file.size(), "byte") + ": no trace",
                         .remedy = "read another file: this one holds headers only"}};
    }
    if (has_varying_lengths(file, one)) {
        throw FileError{"read " + file.path(),
                        {.expected = "traces of one length",
                         .found = "traces whose numbers of samples differ",
                         .remedy = "read a copy with all traces cut or padded to one length"}};
    }
    throw FileError{
        "read " + file.path(),
        {.expected = "whole traces of " + counted(one.trace_bytes(), "byte") + " (" +
                     counted(one.header, "byte") + " of header, " + counted(one.samples, "sample") +
                     ") after byte " + std::to_string(one.start),
         .found = counted(file.size(), "byte") + ": " + describe(file, one) +
                  "; the file is cut short or its sample count is wrong",
         .remedy =
             "fetch the file anew, declare samples, or set accept_truncated to read the whole "
             "traces"}};
}

void warn_layout(const InputFile& file, const std::vector<Candidate>& all, const Candidate& chosen,
                 const BinaryHeader& binary, SegySurvey& survey) {
    auto warn = [&](std::string words) { survey.warnings.push_back(std::move(words)); };
    const std::int64_t told = samples_at(file, chosen.start, chosen.order);
    if (told != 0 && told != chosen.samples && chosen.samples <= 65535) {
        warn("the trace headers say " + counted(told, "sample") + "; " +
             std::to_string(chosen.samples) + " fit the size of the file and are used");
    }
    if (survey.options.kind == SegyKind::su) return;
    if (chosen.from_traces) {
        warn("the binary header says " + counted(binary.samples, "sample") + "; the " +
             std::to_string(chosen.samples) + " of the trace headers are used");
    }
    const bool has_text = chosen.start != main_header_bytes;
    if (chosen.start != all.front().start || (binary.text_headers != 0 && !has_text)) {
        warn("the binary header (revision " + std::to_string(survey.revision) + ") says " +
             std::to_string(binary.text_headers) +
             " extended text headers; the traces begin at byte " + std::to_string(chosen.start));
    }
    if (binary.major >= 2 && binary.traces != 0 &&
        binary.traces != static_cast<std::uint64_t>(survey.traces)) {
        warn("the binary header says " + std::to_string(binary.traces) +
             " traces; the file holds " + std::to_string(survey.traces));
    }
}

void settle(const InputFile& file, const std::vector<Candidate>& all, const BinaryHeader& binary,
            SegySurvey& survey) {
    if (survey.options.samples && *survey.options.samples <= 0) {
        throw ArgumentError{"read " + file.path(),
                            {.expected = "a positive number of samples",
                             .found = std::to_string(*survey.options.samples)}};
    }
    const Candidate* chosen = choose(file, all, false);
    if (chosen == nullptr && survey.options.accept_truncated) chosen = choose(file, all, true);
    if (chosen == nullptr) refuse_layout(file, all);
    survey.byte_order = chosen->order;
    survey.first_trace_byte = chosen->start;
    survey.header_bytes = chosen->header;
    survey.samples = chosen->samples;
    survey.trace_bytes = chosen->trace_bytes();
    survey.traces = body_of(file, *chosen) / chosen->trace_bytes();
    if (!fits(file, *chosen)) {
        survey.warnings.push_back("the file is cut short: " + describe(file, *chosen) +
                                  "; the whole traces are read");
    }
    warn_layout(file, all, *chosen, binary, survey);
}

SegyByteOrder find_byte_order(const InputFile& file, const unsigned char* binary,
                              const SegyOptions& options) {
    if (options.byte_order) return *options.byte_order;
    const BinaryHeader big = decode_binary(binary, SegyByteOrder::big);
    const BinaryHeader little = decode_binary(binary, SegyByteOrder::little);
    constexpr std::uint32_t mark = 0x01020304, pairs_swapped = 0x02010403;
    const std::string codes = "a format code of " + std::to_string(big.format) +
                              " (big-endian) or " + std::to_string(little.format) +
                              " (little-endian)";
    if (big.byte_order_mark == pairs_swapped) {
        throw FileError{"read " + file.path(),
                        {.expected = "big- or little-endian bytes",
                         .found = "the constant of pairwise swapped bytes",
                         .remedy = "read a copy of plain byte order"}};
    }
    const bool says_big = big.byte_order_mark == mark, says_little = little.byte_order_mark == mark;
    if ((says_big && is_format_code(little.format)) ||
        (says_little && is_format_code(big.format))) {
        throw FileError{"read " + file.path(),
                        {.expected = "one byte order",
                         .found = std::string{"the constant of "} + (says_big ? "big" : "little") +
                                  "-endian bytes, but " + codes,
                         .remedy = "declare byte_order and format"}};
    }
    if (says_big || is_format_code(big.format)) return SegyByteOrder::big;
    if (says_little || is_format_code(little.format)) return SegyByteOrder::little;
    throw FileError{
        "read " + file.path(),
        {.expected = "a SEG-Y file: a sample format code of 1 to 16 in bytes 3225-3226",
         .found = codes + " in " + counted(file.size(), "byte"),
         .remedy = "declare byte_order and format, or for a Seismic Unix file the kind su "
                   "(a job takes it from the ending .su)"}};
}

SegyFormat find_format(const InputFile& file, const BinaryHeader& binary,
                       const SegyOptions& options) {
    if (options.format) return *options.format;
    if (is_readable_format(binary.format)) return static_cast<SegyFormat>(binary.format);
    throw FileError{"read " + file.path(),
                    {.expected = "sample format 1, 2, 3, 5, 6, 8, 10, 11 or 16",
                     .found = "format code " + std::to_string(binary.format),
                     .remedy = "read a copy in IEEE floats (format 5)"}};
}

/// Bytes 3501-3502 are major and minor number. Written as one integer in the wrong order they read
/// 0.1 or 0.2, meant as 1 and 2; other numbers are rubbish of a time when nothing was defined
/// there.
int find_revision(BinaryHeader& binary, SegySurvey& survey) {
    if (binary.major == 0 && (binary.minor == 1 || binary.minor == 2))
        std::swap(binary.major, binary.minor);
    if (binary.major > 2) {
        survey.warnings.push_back("unknown revision " + std::to_string(binary.major) + "." +
                                  std::to_string(binary.minor) + ": read as revision 0");
        binary.major = 0;
    }
    return binary.major;
}

BinaryHeader find_su_layout(const InputFile& file, SegySurvey& survey) {
    if (file.size() < trace_header_bytes) {
        throw FileError{"read " + file.path(),
                        {.expected = "at least one trace header, 240 bytes",
                         .found = counted(file.size(), "byte")}};
    }
    survey.format = survey.options.format.value_or(SegyFormat::ieee_float);
    std::vector<Candidate> all = su_candidates(file, survey);
    for (Candidate& one : all) one.width = sample_bytes(survey.format);
    if (all.size() == 2 && choose(file, {all[0]}, false) != nullptr &&
        choose(file, {all[1]}, false) != nullptr) {
        throw FileError{
            "read " + file.path(),
            {.expected = "an SU file whose sample count tells its byte order",
             .found = "counts that fit in both orders: " + std::to_string(all[0].samples) +
                      " and " + std::to_string(all[1].samples),
             .remedy = "declare byte_order"}};
    }
    settle(file, all, {}, survey);
    return {};
}

}  // namespace

BinaryHeader find_layout(const InputFile& file, SegySurvey& survey) {
    const std::int64_t told = survey.options.samples.value_or(1);
    if (told <= 0 || told > 2147483647) {
        throw ArgumentError{
            "read " + file.path(),
            {.expected = "1 to 2147483647 samples per trace", .found = std::to_string(told)}};
    }
    if (survey.options.kind == SegyKind::su) return find_su_layout(file, survey);
    if (file.size() < main_header_bytes) {
        throw FileError{
            "read " + file.path(),
            {.expected = "a SEG-Y file: at least 3600 bytes of headers",
             .found = counted(file.size(), "byte"),
             .remedy = "fetch the file anew, or for a Seismic Unix file declare the kind su (a job "
                       "takes it from the ending .su)"}};
    }
    std::vector<unsigned char> bytes(static_cast<std::size_t>(binary_bytes));
    file.read(text_bytes, binary_bytes, bytes.data());
    survey.byte_order = find_byte_order(file, bytes.data(), survey.options);
    BinaryHeader binary = decode_binary(bytes.data(), survey.byte_order);
    survey.format = find_format(file, binary, survey.options);
    survey.revision = find_revision(binary, survey);
    settle(file, segy_candidates(file, survey, binary), binary, survey);
    survey.text.push_back(read_text(file, 0));
    for (std::int64_t byte = main_header_bytes; byte + text_bytes <= survey.first_trace_byte;
         byte += text_bytes) {
        survey.text.push_back(read_text(file, byte));
    }
    return binary;
}

}  // namespace lop::io::segy
