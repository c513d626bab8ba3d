/// Arrays of NumPy: what it writes is read, and what is written it could read.
#include <lop/io/npy.hpp>

#include "scratch.hpp"
#include "support/public_data.hpp"
#include <lop/core/error.hpp>

#include <cmath>
#include <cstring>
#include <doctest/doctest.h>

using namespace lop::io;
using lop::FileError;
using scratch::contains;
using scratch::Folder;

namespace {

// clang-format off
/// np.savez_compressed(f, vp=np.array([[1.5, -2, 3.25], [0, 1e300, -0.5]]), n=np.arange(3, dtype=">i2"))
const std::string deflated{
    "\x50\x4b\x03\x04\x2d\x00\x00\x00\x08\x00\x00\x00\x21\x00\x2c\x2b\xab\x2a\xff\xff\xff\xff"
    "\xff\xff\xff\xff\x06\x00\x14\x00\x76\x70\x2e\x6e\x70\x79\x01\x00\x10\x00\xb0\x00\x00\x00"
    "\x00\x00\x00\x00\x61\x00\x00\x00\x00\x00\x00\x00\x9b\xec\x17\xea\x1b\x10\xc9\xc8\x50\xc6"
    "\x50\xad\x9e\x92\x5a\x9c\x5c\xa4\x6e\xa5\xa0\x6e\x93\x66\xa1\xae\xa3\xa0\x9e\x96\x5f\x54"
    "\x52\x94\x98\x17\x9f\x5f\x94\x92\x0a\x12\x77\x4b\xcc\x29\x4e\x05\x8a\x17\x67\x24\x16\xa4"
    "\x02\xf9\x1a\x46\x3a\x0a\xc6\x9a\x3a\x0a\xb5\x0a\x64\x03\x2e\x06\x30\xf8\x61\x0f\xa1\x19"
    "\x0e\x40\x28\x2e\x07\x28\x9f\x61\x4e\x29\x43\x87\xcd\x13\xf3\x3a\x08\xef\xc1\x7e\x00\x50"
    "\x4b\x03\x04\x2d\x00\x00\x00\x08\x00\x00\x00\x21\x00\xcd\x6d\x6a\x83\xff\xff\xff\xff\xff"
    "\xff\xff\xff\x05\x00\x14\x00\x6e\x2e\x6e\x70\x79\x01\x00\x10\x00\x86\x00\x00\x00\x00\x00"
    "\x00\x00\x4a\x00\x00\x00\x00\x00\x00\x00\x9b\xec\x17\xea\x1b\x10\xc9\xc8\x50\xc6\x50\xad"
    "\x9e\x92\x5a\x9c\x5c\xa4\x6e\xa5\xa0\x6e\x97\x69\xa4\xae\xa3\xa0\x9e\x96\x5f\x54\x52\x94"
    "\x98\x17\x9f\x5f\x94\x92\x0a\x12\x77\x4b\xcc\x29\x4e\x05\x8a\x17\x67\x24\x16\xa4\x02\xf9"
    "\x1a\xc6\x3a\x9a\x3a\x0a\xb5\x0a\x14\x00\x2e\x06\x06\x06\x46\x06\x26\x00\x50\x4b\x01\x02"
    "\x2d\x03\x2d\x00\x00\x00\x08\x00\x00\x00\x21\x00\x2c\x2b\xab\x2a\x61\x00\x00\x00\xb0\x00"
    "\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x01\x00\x00\x00\x00\x76\x70"
    "\x2e\x6e\x70\x79\x50\x4b\x01\x02\x2d\x03\x2d\x00\x00\x00\x08\x00\x00\x00\x21\x00\xcd\x6d"
    "\x6a\x83\x4a\x00\x00\x00\x86\x00\x00\x00\x05\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
    "\x80\x01\x99\x00\x00\x00\x6e\x2e\x6e\x70\x79\x50\x4b\x05\x06\x00\x00\x00\x00\x02\x00\x02"
    "\x00\x67\x00\x00\x00\x1a\x01\x00\x00\x00\x00", 407};
/// np.savez(f, c=np.array([1 + 2j], dtype="c8"))
const std::string stored{
    "\x50\x4b\x03\x04\x2d\x00\x00\x00\x00\x00\x00\x00\x21\x00\xad\xe1\x76\x63\xff\xff\xff\xff"
    "\xff\xff\xff\xff\x05\x00\x14\x00\x63\x2e\x6e\x70\x79\x01\x00\x10\x00\x88\x00\x00\x00\x00"
    "\x00\x00\x00\x88\x00\x00\x00\x00\x00\x00\x00\x93\x4e\x55\x4d\x50\x59\x01\x00\x76\x00\x7b"
    "\x27\x64\x65\x73\x63\x72\x27\x3a\x20\x27\x3c\x63\x38\x27\x2c\x20\x27\x66\x6f\x72\x74\x72"
    "\x61\x6e\x5f\x6f\x72\x64\x65\x72\x27\x3a\x20\x46\x61\x6c\x73\x65\x2c\x20\x27\x73\x68\x61"
    "\x70\x65\x27\x3a\x20\x28\x31\x2c\x29\x2c\x20\x7d\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20"
    "\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20"
    "\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20"
    "\x20\x20\x20\x20\x20\x20\x0a\x00\x00\x80\x3f\x00\x00\x00\x40\x50\x4b\x01\x02\x2d\x03\x2d"
    "\x00\x00\x00\x00\x00\x00\x00\x21\x00\xad\xe1\x76\x63\x88\x00\x00\x00\x88\x00\x00\x00\x05"
    "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x80\x01\x00\x00\x00\x00\x63\x2e\x6e\x70\x79"
    "\x50\x4b\x05\x06\x00\x00\x00\x00\x01\x00\x01\x00\x33\x00\x00\x00\xbf\x00\x00\x00\x00\x00", 264};
// clang-format on

/// A file of version 1 with a header of 54 bytes, and what comes after.
std::string npy(const std::string& type, const std::string& order, const std::string& shape,
                const std::string& data) {
    const std::string header =
        "{'descr': '" + type + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }\n";
    return std::string{"\x93NUMPY\1\0", 8} + static_cast<char>(header.size()) + '\0' + header +
           data;
}

template <class Action> std::string file_error(const Action& action) {
    return scratch::message_of<FileError>(action);
}

}  // namespace

TEST_CASE("members of an archive are read whether they are stored or deflated") {
    const Folder folder;
    scratch::write_bytes(folder / "deflated.npz", deflated);
    scratch::write_bytes(folder / "stored.npz", stored);
    CHECK(npz_members(folder / "deflated.npz") == std::vector<std::string>{"vp", "n"});
    const auto vp = read_npy<double>(folder / "deflated.npz", "vp");
    CHECK(vp.extents == std::vector<std::int64_t>{2, 3});
    CHECK(vp.values == std::vector<double>{1.5, -2, 3.25, 0, 1e300, -0.5});
    CHECK(read_npy<float>(folder / "deflated.npz", "n").values == std::vector<float>{0, 1, 2});
    using C = std::complex<double>;
    CHECK(read_npy<C>(folder / "stored.npz", "c").values == std::vector<C>{{1, 2}});
}

TEST_CASE("arrays in Fortran order, of other types and byte orders are put right") {
    const Folder folder;
    scratch::write_bytes(folder / "f.npy",
                         npy("<i2", "True", "(2, 3)", {"\1\0\4\0\2\0\5\0\3\0\6\0", 12}));
    CHECK(read_npy<double>(folder / "f.npy").values == std::vector<double>{1, 2, 3, 4, 5, 6});
    scratch::write_bytes(folder / "big.npy",
                         npy(">f4", "False", "(2,)", {"\x3f\x80\0\0\xc1\x20\0\0", 8}));
    CHECK(read_npy<double>(folder / "big.npy").values == std::vector<double>{1, -10});
    scratch::write_bytes(folder / "long.npy", npy("|u1", "False", "(2L, 1L)", {"\3\7", 2}));
    CHECK(read_npy<double>(folder / "long.npy").values == std::vector<double>{3, 7});
    scratch::write_bytes(folder / "one.npy", npy("|b1", "False", "()", {"\1", 1}));
    CHECK(read_npy<float>(folder / "one.npy").values == std::vector<float>{1});
    CHECK(read_npy<float>(folder / "one.npy").extents.empty());
    CHECK(read_npy<std::complex<float>>(folder / "big.npy").values[1] == std::complex<float>{-10});
}

TEST_CASE("what is written is read again, to the bit") {
    const Folder folder;
    const std::vector<std::complex<float>> values{{1, -2}, {0.5f, NAN}, {-0.0f, 3}};
    write_npy(folder / "c.npy", values.data(), {3, 1});
    const auto read = read_npy<std::complex<float>>(folder / "c.npy");
    CHECK(read.extents == std::vector<std::int64_t>{3, 1});
    CHECK(std::memcmp(read.values.data(), values.data(), 3 * sizeof values[0]) == 0);
    const double none = 0;
    write_npy(folder / "empty.npy", &none, {0, 4});
    CHECK(read_npy<double>(folder / "empty.npy").values.empty());
}

TEST_CASE("files that are cut short, damaged, or of another kind are refused by name") {
    const Folder folder;
    const auto refused = [&](const std::string& bytes, const std::string& member) {
        scratch::write_bytes(folder / "x.npz", bytes);
        return file_error([&] { read_npy<double>(folder / "x.npz", member); });
    };
    CHECK(contains(file_error([&] { read_npy<double>(folder / "none.npy"); }), "none.npy"));
    CHECK(contains(refused(deflated, "vs"), "expected one of vp, n"));
    CHECK(contains(refused(deflated, ""), "one of vp, n"));
    for (std::size_t cut = 0; cut < deflated.size(); cut += 7)
        CHECK(contains(refused(deflated.substr(0, cut), "vp"), "x.npz\n"));
    std::string damaged = deflated;
    damaged[80] = static_cast<char>(damaged[80] ^ 0x55);
    CHECK(contains(refused(damaged, "vp"), "read vp of " + (folder / "x.npz").string()));
    CHECK(contains(refused(stored, "c"), "expected real numbers"));
    CHECK(contains(refused(npy("<f8", "False", "(3,)", "12345678"), ""), "cut short"));
    CHECK(contains(refused(npy("<U4", "False", "(1,)", "12345678"), ""), "type '<U4'"));
    CHECK(contains(refused("nothing of the kind", ""), "an array of NumPy"));
    CHECK(contains(refused("\x93NUMPY\1", ""), "an array of NumPy"));
    // Headers that promise what no file holds, or nothing that can be read.
    const std::string eight = "12345678";
    CHECK(contains(refused(npy("", "False", "(1,)", eight), ""), "type ''"));
    CHECK(contains(refused(npy("<", "False", "(1,)", eight), ""), "type '<'"));
    CHECK(contains(refused(npy("<f0", "False", "(1,)", eight), ""), "type '<f0'"));
    for (const char* shape : {"(-1,)", "(1, x)", "1,", "(12345678901234567890123,)", "(1"})
        CHECK(contains(refused(npy("<f8", "False", shape, eight), ""), "extents such as"));
    CHECK(contains(refused(npy("<f8", "False", "(4611686018427387904, 4)", eight), ""),
                   "4611686018427387904 x 4 numbers of 8 bytes"));
    CHECK(contains(refused(npy("<f8", "False", "(2305843009213693952,)", eight), ""), "cut short"));
    CHECK(contains(refused(npy("<f8", "False", "(1,)", eight), "vp"),
                   "leave out the name of a member"));
    // What is no file has no end.
    CHECK(contains(file_error([&] { read_npy<double>(folder / "."); }), "folder"));
    CHECK(contains(file_error([&] { read_npy<double>("/dev/zero"); }), "a device or a pipe"));
}

TEST_CASE("the public model of post-stack data" * needs_public_data) {
    const std::string path = public_data("poststack_mdd/pylops_poststack_model.npz");
    if (path.empty()) return;
    const auto model = read_npy<double>(path, "model");
    CHECK(model.values.size() == static_cast<std::size_t>(model.extents[0] * model.extents[1]));
    CHECK(model.extents.size() == 2);
}
