/// Raw arrays and files that appear whole or not at all.
#include <lop/io/raw.hpp>

#include "scratch.hpp"
#include "support/public_data.hpp"
#include <lop/io/atomic_file.hpp>

#include <algorithm>
#include <cstdint>
#include <doctest/doctest.h>
#include <limits>
#include <string>
#include <vector>

using namespace lop::io;
using lop::FileError;
using scratch::contains;
using scratch::Folder;

namespace {

template <class Action>
std::string file_error(const Action& action) {
    return scratch::message_of<FileError>(action);
}

}  // namespace

TEST_CASE("bytes are numbers in the declared byte order and scalar") {
    const Folder folder;
    scratch::write_bytes(folder / "little.f32", {"\x00\x00\x80\x3f\x00\x00\x20\xc1", 8});  // 1, -10
    scratch::write_bytes(folder / "big.f32", {"\x3f\x80\x00\x00\xc1\x20\x00\x00", 8});
    scratch::write_bytes(folder / "big.f64", {"head\x3f\xf8\x00\x00\x00\x00\x00\x00", 12});  // 1.5
    CHECK(read_raw<float>(folder / "little.f32", {.extents = {2}}) == std::vector<float>{1, -10});
    CHECK(read_raw<double>(folder / "big.f32", {.extents = {2}, .order = ByteOrder::big}) ==
          std::vector<double>{1, -10});
    CHECK(read_raw<float>(folder / "big.f64", {.extents = {1},
                                               .scalar = RawScalar::float64,
                                               .order = ByteOrder::big,
                                               .header_bytes = 4}) == std::vector<float>{1.5f});
}

TEST_CASE("a file whose first axis runs fastest is turned to last axis fastest") {
    const Folder folder;
    const std::vector<float> in_file{0, 10, 1, 11, 2, 12};  // value = 10 i + j, extents 2 x 3
    write_raw(folder / "a.f32", in_file.data(), {.extents = {6}});
    CHECK(read_raw<float>(folder / "a.f32", {.extents = {2, 3}, .fastest = FastAxis::first}) ==
          std::vector<float>{0, 1, 2, 10, 11, 12});
}

TEST_CASE("what is written in any layout reads back to the same values") {
    const Folder folder;
    std::vector<double> values(2 * 3 * 5);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = 0.5 * static_cast<double>(i) - 3;
    for (const RawScalar scalar : {RawScalar::float32, RawScalar::float64}) {
        for (const ByteOrder order : {ByteOrder::little, ByteOrder::big}) {
            for (const FastAxis fastest : {FastAxis::last, FastAxis::first}) {
                const RawLayout layout{{2, 3, 5}, scalar, order, fastest};
                write_raw(folder / "a.raw", values.data(), layout);
                CHECK(read_raw<double>(folder / "a.raw", layout) == values);
            }
        }
    }
    CHECK(folder.files() == std::vector<std::string>{"a.raw"});
}

TEST_CASE("a file of another length is refused with both numbers and a guess") {
    const Folder folder;
    const std::vector<double> values(12);
    write_raw(folder / "a.raw", values.data(), {.extents = {12}, .scalar = RawScalar::float64});
    const std::string as_float =
        file_error([&] { read_raw<float>(folder / "a.raw", {.extents = {3, 4}}); });
    CHECK(contains(as_float, "expected 48 bytes: 3 x 4 of float32"));
    CHECK(contains(as_float, "found    96 bytes"));
    CHECK(contains(as_float, "it would fit float64"));
    const std::string longer =
        file_error([&] { read_raw<float>(folder / "a.raw", {.extents = {7, 4}}); });
    CHECK(contains(longer, "expected 112 bytes"));
    CHECK(contains(longer, "a first extent of 6"));
    CHECK(contains(file_error([&] { read_raw<float>(folder / "a.raw", {.extents = {5, 5}}); }),
                   "check the extents, the scalar type"));
    CHECK(contains(file_error([&] { read_raw<float>(folder / "a.raw", {.extents = {0, 5}}); }),
                   "positive extents"));
    CHECK(contains(file_error([&] { read_raw<float>(folder / "b.raw", {.extents = {5}}); }),
                   "No such file"));
    CHECK(contains(file_error([&] { read_raw<float>(folder.path(), {.extents = {5}}); }),
                   "Is a directory"));
}

TEST_CASE("the first value that is not finite is found") {
    std::vector<float> values(10, 1.0f);
    CHECK_FALSE(first_non_finite(values.data(), 10));
    values[7] = std::numeric_limits<float>::infinity();
    CHECK(first_non_finite(values.data(), 10) == 7);
    values[3] = std::numeric_limits<float>::quiet_NaN();
    CHECK(first_non_finite(values.data(), 10) == 3);
    CHECK_FALSE(first_non_finite(values.data(), 3));
}

TEST_CASE("the public Marmousi model is 1601 x 401, in km/s" * needs_public_data) {
    const auto path = public_data("models/marmousi1_devito_vp_1601x401_7.5m.f32");
    if (path.empty()) return;
    const auto vp = read_raw<float>(path, {.extents = {1601, 401}});
    CHECK_FALSE(first_non_finite(vp.data(), 1601 * 401));
    CHECK(*std::min_element(vp.begin(), vp.end()) == doctest::Approx(1.028).epsilon(1e-6));
    CHECK(*std::max_element(vp.begin(), vp.end()) == doctest::Approx(4.7).epsilon(1e-6));
}

TEST_CASE("an atomic file bears its name after commit only") {
    const Folder folder;
    scratch::write_bytes(folder / "a.txt", "old");
    {
        AtomicFile file{folder / "a.txt"};
        file.write("new, and lost");
    }
    CHECK(scratch::bytes_of(folder / "a.txt") == "old");
    CHECK(folder.files() == std::vector<std::string>{"a.txt"});
    AtomicFile file{folder / "a.txt"};
    file.write("0123456789");
    file.write_at(2, "ab", 2);
    file.write("!");
    CHECK(scratch::bytes_of(folder / "a.txt") == "old");
    CHECK(scratch::bytes_of(file.temporary()) == "01ab456789!");
    file.commit();
    CHECK(scratch::bytes_of(folder / "a.txt") == "01ab456789!");
    CHECK(folder.files() == std::vector<std::string>{"a.txt"});
    CHECK(contains(file_error([&] { file.write("late"); }), "before commit()"));
}

TEST_CASE("moved and replaced atomic files clean up after themselves") {
    const Folder folder;
    AtomicFile file{folder / "a.txt"};
    file.write("a");
    AtomicFile other{folder / "b.txt"};
    other = std::move(file);
    CHECK(folder.files().size() == 1);
    AtomicFile third{std::move(other)};
    third.commit();
    CHECK(folder.files() == std::vector<std::string>{"a.txt"});
}

TEST_CASE("a link stays, and what it names is replaced") {
    const Folder folder;
    scratch::write_bytes(folder / "data.txt", "old");
    std::filesystem::create_symlink("data.txt", folder / "link.txt");
    write_file(folder / "link.txt", "new");
    CHECK(std::filesystem::is_symlink(folder / "link.txt"));
    CHECK(scratch::bytes_of(folder / "data.txt") == "new");
}

TEST_CASE("a full disk is an error with a way out") {
    const std::string message = file_error([] { write_file("/dev/full", "anything"); });
    CHECK(contains(message, "write /dev/full"));
    CHECK(contains(message, "No space left on device"));
    CHECK(contains(message, "free space"));
    CHECK(std::filesystem::is_character_file("/dev/full"));
}

TEST_CASE("a limit on file sizes is an error that leaves the old file") {
    const Folder folder;
    scratch::write_bytes(folder / "a.raw", "old");
    const std::vector<float> values(50000);
    {
        const scratch::FileSizeLimit limit{100000};
        const std::string message =
            file_error([&] { write_raw(folder / "a.raw", values.data(), {.extents = {50000}}); });
        CHECK(contains(message, "File too large"));
        CHECK(contains(message, "ulimit -f"));
    }
    CHECK(scratch::bytes_of(folder / "a.raw") == "old");
    CHECK(folder.files() == std::vector<std::string>{"a.raw"});
}

TEST_CASE("what cannot be written is refused by name") {
    const Folder folder;
    CHECK(contains(file_error([&] { write_file(folder / "no/a.txt", "a"); }), "create the folder"));
    CHECK(contains(file_error([&] { write_file(folder.path(), "a"); }), "Is a directory"));
    scratch::write_bytes(folder / "plain", "a");
    CHECK(
        contains(file_error([&] { write_file(folder / "plain/a.txt", "a"); }), "Not a directory"));
    CHECK(contains(file_error([&] { write_file(folder / std::string(300, 'x'), "a"); }),
                   "shorter name"));
    if (::geteuid() == 0) return;  // root may write anywhere
    std::filesystem::permissions(folder / "plain", std::filesystem::perms::owner_read);
    CHECK(contains(file_error([&] { write_file(folder / "plain", "b"); }), "Permission denied"));
}
