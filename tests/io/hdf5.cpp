/// HDF5 files on 1, 2, 3, 4 ranks: what is written is read, and what fails fails everywhere alike.
#include <lop/io/hdf5.hpp>

#include "scratch.hpp"
#include "support/public_data.hpp"

#include <cmath>
#include <complex>
#include <cstdint>
#include <cstring>
#include <doctest/doctest.h>
#include <hdf5.h>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

using namespace lop::io;
using lop::FileError;
using scratch::contains;
using scratch::Folder;

namespace {

const MPI_Comm world = MPI_COMM_WORLD;

int rank_of(MPI_Comm comm) {
    int rank = 0;
    MPI_Comm_rank(comm, &rank);
    return rank;
}

int size_of(MPI_Comm comm) {
    int size = 1;
    MPI_Comm_size(comm, &size);
    return size;
}

/// Rows of an uneven partition: rank 0 has the most, the last of three or more ranks has none.
Part uneven_rows(MPI_Comm comm, const Extents& extents) {
    const std::int64_t size = size_of(comm);
    const std::int64_t sharing = size > 2 ? size - 1 : size;
    const auto bound = [&](std::int64_t r) {
        const auto left = static_cast<double>(sharing - std::min(r, sharing));
        const double total = static_cast<double>(sharing);
        return extents[0] - static_cast<std::int64_t>(static_cast<double>(extents[0]) * left *
                                                      left / (total * total));
    };
    const std::int64_t first = bound(rank_of(comm));
    Part part{Extents(extents.size(), 0), extents};
    part.offset[0] = first;
    part.extents[0] = bound(rank_of(comm) + 1) - first;
    return part;
}

/// Columns shared evenly: parts that interleave in the file.
Part columns(MPI_Comm comm, const Extents& extents) {
    const std::int64_t first = extents[1] * rank_of(comm) / size_of(comm);
    const std::int64_t end = extents[1] * (rank_of(comm) + 1) / size_of(comm);
    Part part{Extents(extents.size(), 0), extents};
    part.offset[1] = first;
    part.extents[1] = end - first;
    return part;
}

/// A value for each element of a 3-D part, from its global index.
template <class T>
std::vector<T> values(const Extents& extents, const Part& part) {
    std::vector<T> local;
    for (std::int64_t i = 0; i < part.extents[0]; ++i) {
        for (std::int64_t j = 0; j < part.extents[1]; ++j) {
            for (std::int64_t k = 0; k < part.extents[2]; ++k) {
                const std::int64_t global =
                    ((part.offset[0] + i) * extents[1] + part.offset[1] + j) * extents[2] +
                    part.offset[2] + k;
                local.push_back(static_cast<T>(1.25 * static_cast<double>(global) - 7.0));
            }
        }
    }
    return local;
}

template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
    return a.size() == b.size() &&
           (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
}

/// A file with every kind of content, written by the ranks of `comm`.
void write_everything(const std::filesystem::path& path, MPI_Comm comm) {
    const Extents extents{13, 5, 7};
    const Part rows = uneven_rows(comm, extents);
    const Part blocks = columns(comm, extents);
    auto file = Hdf5File::create(path, comm);
    file.write("model/m", values<float>(extents, rows).data(), extents, rows,
               {{"unit", "s2/m2"}, {"spacing", std::vector<double>{10.0, 12.5}}, {"cells", 20}});
    file.write("model/vp", values<double>(extents, blocks).data(), extents, blocks,
               {{"unit", "m/s"}});
    file.write("index", values<std::int32_t>(extents, rows).data(), extents, rows);
    file.write("offsets", values<std::int64_t>(extents, blocks).data(), extents, blocks);
    const std::vector<double> wavelet{0.5, -1.0, 0.25};
    file.write_whole("wavelet", wavelet.data(), {3}, {{"interval", 0.004}});
    file.set_attribute("/", "title", "a model");
    file.set_attribute("model", "origin", 1.5);
    file.commit();
}

template <class T>
void check_roundtrip(const std::filesystem::path& path, const std::string& name, const Part& part) {
    const Extents extents{13, 5, 7};
    const auto file = Hdf5File::open(path, world);
    std::vector<T> found(values<T>(extents, part).size(), T{99});
    file.read(name, found.data(), extents, part);
    CHECK(same_bits(found, values<T>(extents, part)));
    const Part all{{0, 0, 0}, extents};
    CHECK(same_bits(file.read_whole<T>(name), values<T>(extents, all)));
}

/// The error is the same on every rank, and says each of these.
void check_said(const std::string& message, const std::vector<std::string>& words) {
    for (const std::string& word : words) CHECK_MESSAGE(contains(message, word), message);
    std::string first = message;
    first.resize(1000);
    MPI_Bcast(first.data(), 1000, MPI_CHAR, 0, world);
    CHECK(std::string{first.c_str()} == message.substr(0, 1000));
}

template <class Action>
std::string file_error(const Action& action) {
    return scratch::message_of<FileError>(action);
}

}  // namespace

TEST_CASE("uneven, empty and interleaved parts of every scalar read back to the same bits") {
    const Folder folder{world};
    const auto path = folder / "all.h5";
    write_everything(path, world);
    const Extents extents{13, 5, 7};
    for (const Part& part : {uneven_rows(world, extents), columns(world, extents)}) {
        check_roundtrip<float>(path, "model/m", part);
        check_roundtrip<double>(path, "model/vp", part);
        check_roundtrip<std::int32_t>(path, "index", part);
        check_roundtrip<std::int64_t>(path, "offsets", part);
    }
}

TEST_CASE("a file of many ranks is the file of one rank, byte by byte") {
    const Folder folder{world};
    write_everything(folder / "many.h5", world);
    if (rank_of(world) == 0) write_everything(folder / "one.h5", MPI_COMM_SELF);
    MPI_Barrier(world);
    const std::string one = scratch::bytes_of(folder / "one.h5");
    CHECK(one.size() > 4000);
    CHECK(scratch::bytes_of(folder / "many.h5") == one);
}

TEST_CASE("NaN, infinities, signed zero and subnormals keep their bits") {
    const Folder folder;
    const std::vector<double> odd{std::nan("7"), -std::numeric_limits<double>::infinity(), -0.0,
                                  std::numeric_limits<double>::denorm_min()};
    auto file = Hdf5File::create(folder / "odd.h5");
    file.write_whole("odd", odd.data(), {4});
    file.commit();
    CHECK(same_bits(Hdf5File::open(folder / "odd.h5").read_whole<double>("odd"), odd));
}

TEST_CASE_TEMPLATE("complex numbers keep their bits and are told from real ones", T, float,
                   double) {
    using Complex = std::complex<T>;
    const Folder folder{world};
    const Extents extents{6, 5};
    const Part part = uneven_rows(world, extents);
    std::vector<Complex> all;
    for (int k = 0; k < 30; ++k) all.emplace_back(static_cast<T>(k) / 3, static_cast<T>(-k) / 7);
    all[7] = {std::numeric_limits<T>::quiet_NaN(), T{-0.0}};
    const Complex* const mine = all.data() + part.offset[0] * extents[1];
    auto file = Hdf5File::create(folder / "complex.h5", world);
    file.write("z", mine, extents, part);
    file.write_whole("pairs", reinterpret_cast<const T*>(all.data()), {6, 5, 2});
    file.commit();

    const std::string bits = std::to_string(16 * sizeof(T));
    const auto back = Hdf5File::open(folder / "complex.h5", world);
    CHECK(back.type("z") == "complex" + bits);
    CHECK(back.extents("z") == extents);
    CHECK(same_bits(back.read_whole<Complex>("z"), all));
    using Other = std::conditional_t<std::is_same_v<T, float>, double, float>;
    const auto other = back.read_whole<std::complex<Other>>("z", Conversion::allowed);
    CHECK(other[20] == std::complex<Other>{all[20]});
    check_said(file_error([&] { back.read_whole<std::complex<Other>>("z"); }),
               {"found    complex" + bits, "read it as complex" + bits + ", or allow"});
    check_said(file_error([&] { back.read_whole<T>("z", Conversion::allowed); }),
               {"expected float", "found    complex" + bits});
    check_said(file_error([&] { back.read_whole<Complex>("pairs", Conversion::allowed); }),
               {"expected complex" + bits, "found    float"});
}

TEST_CASE("complex numbers of other programs: big-endian, and pairs that are something else") {
    const Folder folder;
    const auto path = folder / "foreign.h5";
    const std::vector<std::complex<double>> expected{{1, -2}, {0.25, 3}};
    const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    const hsize_t length = 2;
    const hid_t space = H5Screate_simple(1, &length, nullptr);
    const auto put = [&](const char* name, const char* first, const char* second) {
        const hid_t disk = H5Tcreate(H5T_COMPOUND, 16);
        const hid_t memory = H5Tcreate(H5T_COMPOUND, 16);
        H5Tinsert(disk, first, 0, H5T_IEEE_F64BE);
        H5Tinsert(disk, second, 8, H5T_IEEE_F64BE);
        H5Tinsert(memory, first, 0, H5T_NATIVE_DOUBLE);
        H5Tinsert(memory, second, 8, H5T_NATIVE_DOUBLE);
        const hid_t data =
            H5Dcreate2(file, name, disk, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        H5Dwrite(data, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, expected.data());
        H5Dclose(data);
        H5Tclose(disk);
        H5Tclose(memory);
    };
    put("z", "r", "i");
    put("points", "x", "y");
    H5Sclose(space);
    H5Fclose(file);

    const auto found = Hdf5File::open(path);
    CHECK(found.type("z") == "complex128");
    CHECK(found.read_whole<std::complex<double>>("z") == expected);
    CHECK(contains(
        file_error([&] { found.read_whole<std::complex<double>>("points", Conversion::allowed); }),
        "expected complex128\n    found    compound"));
}

TEST_CASE("an array without elements is written and read") {
    const Folder folder{world};
    auto file = Hdf5File::create(folder / "none.h5", world);
    file.write<float>("none", nullptr, {0, 5}, {});
    file.commit();
    const auto back = Hdf5File::open(folder / "none.h5", world);
    CHECK(back.extents("none") == Extents{0, 5});
    CHECK(back.read_whole<float>("none").empty());
}

TEST_CASE("a dataset is filled part by part, and what is not filled is zero") {
    const Folder folder{world};
    auto file = Hdf5File::create(folder / "shots.h5", world);
    file.declare<float>("shots", {4, 3}, {{"unit", "Pa"}});
    const std::vector<float> shot{1, 2, 3};
    for (std::int64_t i : {2, 0}) {
        const bool mine = rank_of(world) == i % size_of(world);
        file.write_part("shots", shot.data(), mine ? Part{{i, 0}, {1, 3}} : Part{});
    }
    file.commit();
    CHECK(Hdf5File::open(folder / "shots.h5", world).read_whole<float>("shots") ==
          std::vector<float>{1, 2, 3, 0, 0, 0, 1, 2, 3, 0, 0, 0});
}

TEST_CASE("attributes of files, groups and datasets come back as they were set") {
    const Folder folder{world};
    write_everything(folder / "all.h5", world);
    const auto file = Hdf5File::open(folder / "all.h5", world);
    CHECK(file.attribute<std::string>("/", "title") == "a model");
    CHECK(file.attribute<double>("model", "origin") == 1.5);
    CHECK(file.attribute<std::int64_t>("model/m", "cells") == 20);
    CHECK(file.attribute<std::vector<double>>("model/m", "spacing") ==
          std::vector<double>{10.0, 12.5});
    CHECK(file.attribute<double>("model/m", "cells") == 20.0);  // a whole number is a number
    CHECK(file.has_attribute("model/m", "unit"));
    CHECK_FALSE(file.has_attribute("model/m", "units"));
    CHECK_FALSE(file.has_attribute("nothing", "unit"));
    const Attributes expected{
        {"unit", "s2/m2"}, {"spacing", std::vector<double>{10.0, 12.5}}, {"cells", 20}};
    CHECK(file.attributes("model/m") == expected);
}

TEST_CASE("empty strings, empty vectors and non-English letters survive as attributes") {
    const Folder folder;
    const Attributes odd{{"empty", ""}, {"none", std::vector<double>{}}, {"name", "Sønderjylland"}};
    auto file = Hdf5File::create(folder / "odd.h5");
    for (const auto& [key, value] : odd) file.set_attribute("/", key, value);
    file.commit();
    CHECK(Hdf5File::open(folder / "odd.h5").attributes("/") == odd);
}

TEST_CASE("the table of contents tells names, extents, types and units") {
    const Folder folder{world};
    write_everything(folder / "all.h5", world);
    const auto file = Hdf5File::open(folder / "all.h5", world);
    const auto list = file.datasets();
    REQUIRE(list.size() == 5);
    CHECK(list[0].name == "index");
    CHECK(list[0].type == "int32");
    CHECK(list[0].unit.empty());
    CHECK(list[1].name == "model/m");
    CHECK(list[1].type == "float32");
    CHECK(list[1].unit == "s2/m2");
    CHECK(list[1].extents == Extents{13, 5, 7});
    CHECK(list[4].name == "wavelet");
    CHECK(file.has("model"));
    CHECK(file.has("model/vp"));
    CHECK_FALSE(file.has("model/vs"));
    CHECK_FALSE(file.has("model/vp/deeper"));
    CHECK_FALSE(file.has("absent/group/name"));
    CHECK(file.type("offsets") == "int64");
}

TEST_CASE("files of other programs: big-endian, compressed, one-element vectors, old strings") {
    const Folder folder;
    const auto path = folder / "foreign.h5";
    const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    const hsize_t length = 6;
    const hsize_t chunk = 4;
    const hid_t space = H5Screate_simple(1, &length, nullptr);
    const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(creation, 1, &chunk);
    H5Pset_deflate(creation, 5);
    const hid_t data =
        H5Dcreate2(file, "v", H5T_IEEE_F64BE, space, H5P_DEFAULT, creation, H5P_DEFAULT);
    const std::vector<double> expected{1500, 1600, 1700, 1800, 1900, 2000.5};
    H5Dwrite(data, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, expected.data());
    const hid_t text = H5Tcopy(H5T_C_S1);
    H5Tset_size(text, H5T_VARIABLE);
    const hid_t scalar = H5Screate(H5S_SCALAR);
    const hid_t unit = H5Acreate2(data, "units", text, scalar, H5P_DEFAULT, H5P_DEFAULT);
    const char* words = "m/s";
    H5Awrite(unit, text, &words);
    const hsize_t one = 1;
    const hid_t single = H5Screate_simple(1, &one, nullptr);
    const hid_t count = H5Acreate2(data, "count", H5T_STD_U8BE, single, H5P_DEFAULT, H5P_DEFAULT);
    const int six = 6;
    H5Awrite(count, H5T_NATIVE_INT, &six);
    const hid_t bytes =
        H5Dcreate2(file, "u", H5T_STD_U8LE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    const std::vector<int> small{0, 1, 2, 3, 4, 255};
    H5Dwrite(bytes, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, small.data());
    for (const hid_t id : {unit, count}) H5Aclose(id);
    for (const hid_t id : {space, single, scalar}) H5Sclose(id);
    for (const hid_t id : {data, bytes}) H5Dclose(id);
    H5Tclose(text);
    H5Pclose(creation);
    H5Fclose(file);

    const auto found = Hdf5File::open(path);
    CHECK(found.read_whole<double>("v") == expected);
    CHECK(found.read_whole<float>("v", Conversion::allowed).back() == 2000.5f);
    CHECK(found.read_whole<std::int32_t>("u", Conversion::allowed).back() == 255);
    CHECK(found.datasets()[0].type == "uint8");
    CHECK(found.datasets()[1].unit == "m/s");
    CHECK(found.attribute<std::int64_t>("v", "count") == 6);
    const std::string refused =
        file_error([&] { found.read_whole<std::int32_t>("v", Conversion::allowed); });
    CHECK(contains(refused, "expected int32\n    found    float64"));
    CHECK(contains(refused, "read it as float64, or choose another dataset"));
}

TEST_CASE("the public overthrust model is read as it is described" * needs_public_data) {
    const auto path = public_data("models/overthrust2d_judi_small_overthrust_model.h5");
    if (path.empty()) return;
    const auto file = Hdf5File::open(path, world);
    CHECK(file.extents("m") == Extents{121, 401});
    CHECK(file.read_whole<double>("d") == std::vector<double>{25.0, 25.0});
    const auto m = file.read_whole<float>("m");
    CHECK(m.front() == doctest::Approx(1.0 / (1.5 * 1.5)).epsilon(1e-6));  // water, s2/km2
}

TEST_CASE("nothing bears the final name before commit, and nothing else after it") {
    const Folder folder{world};
    const float one = 1.0f;
    {
        auto file = Hdf5File::create(folder / "model.h5", world);
        file.write_whole("m", &one, {1});
        CHECK_FALSE(std::filesystem::exists(folder / "model.h5"));
    }
    MPI_Barrier(world);
    CHECK(folder.files().empty());
    MPI_Barrier(world);
    auto file = Hdf5File::create(folder / "model.h5", world);
    file.write_whole("m", &one, {1});
    file.commit();
    MPI_Barrier(world);
    CHECK(folder.files() == std::vector<std::string>{"model.h5"});
    check_said(file_error([&] { file.write_whole("n", &one, {1}); }), {"before commit()"});
}

TEST_CASE("a failed rewrite leaves the old file as it was") {
    const Folder folder{world};
    write_everything(folder / "all.h5", world);
    const std::string before = scratch::bytes_of(folder / "all.h5");
    {
        auto file = Hdf5File::create(folder / "all.h5", world);
        const float one = 1.0f;
        file.write_whole("m", &one, {1});
        CHECK(!file_error([&] { file.write_whole("m", &one, {1}); }).empty());
    }
    MPI_Barrier(world);
    CHECK(scratch::bytes_of(folder / "all.h5") == before);
    CHECK(folder.files() == std::vector<std::string>{"all.h5"});
}

TEST_CASE("a missing file, a folder and a file of another kind are refused by name") {
    const Folder folder{world};
    const auto open = [&](const std::string& name) {
        return file_error([&] { Hdf5File::open(folder / name, world); });
    };
    check_said(open("absent.h5"), {"absent.h5", "No such file", "check the name"});
    check_said(open("no/such/absent.h5"), {"No such file", "folder"});
    check_said(open("."), {"Is a directory"});
    if (rank_of(world) == 0) {
        scratch::write_bytes(folder / "text.h5", "this is text, and long enough to be mistaken");
        scratch::write_bytes(folder / "empty.h5", "");
    }
    MPI_Barrier(world);
    check_said(open("text.h5"), {"text.h5", "expected an HDF5 file", "44 bytes"});
    check_said(open("empty.h5"), {"expected an HDF5 file", "0 bytes"});
    check_said(file_error([&] { Hdf5File::open("/dev/zero", world); }), {"a device or a pipe"});
}

TEST_CASE("a file cut short is refused at any length, without a hang") {
    const Folder folder{world};
    write_everything(folder / "all.h5", world);
    const std::string whole = scratch::bytes_of(folder / "all.h5");
    for (const std::size_t length :
         {std::size_t{9}, std::size_t{60}, whole.size() / 2, whole.size() - 1}) {
        if (rank_of(world) == 0) scratch::write_bytes(folder / "cut.h5", whole.substr(0, length));
        MPI_Barrier(world);
        check_said(file_error([&] { Hdf5File::open(folder / "cut.h5", world); }),
                   {"cut.h5", "HDF5: ", "cut short"});
        MPI_Barrier(world);
    }
}

TEST_CASE("a missing dataset is refused with the list of those there are") {
    const Folder folder{world};
    write_everything(folder / "all.h5", world);
    const auto file = Hdf5File::open(folder / "all.h5", world);
    check_said(file_error([&] { file.read_whole<float>("m0"); }),
               {"m0", "all.h5", "model/m (13 x 5 x 7 float32)", "wavelet (3 float64)", "no m0"});
    check_said(file_error([&] { file.read_whole<float>("model"); }),
               {"model is a group", "model/vp"});
    check_said(file_error([&] { file.attribute<double>("model/m", "dx"); }),
               {"one of the attributes cells spacing unit", "no dx"});
    check_said(file_error([&] { file.attribute<double>("model/m", "unit"); }),
               {"expected float64", "found    string"});
}

TEST_CASE("wrong extents and wrong types are refused with both") {
    const Folder folder{world};
    write_everything(folder / "all.h5", world);
    const auto file = Hdf5File::open(folder / "all.h5", world);
    std::vector<float> data(13 * 5 * 7);
    const Part all{{0, 0, 0}, {13, 5, 7}};
    check_said(file_error([&] { file.read("model/m", data.data(), {13, 35}, {{0, 0}, {13, 35}}); }),
               {"expected 13 x 35", "found    13 x 5 x 7"});
    check_said(file_error([&] { file.read("model/vp", data.data(), {13, 5, 7}, all); }),
               {"expected float32", "found    float64", "read it as float64"});
    check_said(
        file_error([&] { file.read("model/m", data.data(), {13, 5, 7}, {{1, 0, 0}, {13, 5, 7}}); }),
        {"a part inside 13 x 5 x 7", "offset 1 x 0 x 0"});
}

TEST_CASE("a fault of one rank is told on all ranks") {
    const Folder folder{world};
    const int last = size_of(world) - 1;
    const std::vector<float> data(100);
    {
        auto file = Hdf5File::create(folder / "a.h5", world);  // the last rank reaches outside
        Part part = uneven_rows(world, {10, 10});
        if (rank_of(world) == last) part = {{8, 0}, {3, 10}};
        check_said(file_error([&] { file.write("m", data.data(), {10, 10}, part); }),
                   {"a part inside 10 x 10", "offset 8 x 0"});
    }
    {
        auto file = Hdf5File::create(folder / "b.h5", world);  // the parts do not cover the array
        check_said(file_error([&] { file.write("m", data.data(), {10, 10}, {}); }),
                   {"100 elements", "0 elements in all"});
    }
    if (last > 0) {
        auto file = Hdf5File::create(folder / "c.h5", world);  // the ranks disagree
        const double value = rank_of(world) == last ? 2.0 : 1.0;
        check_said(file_error([&] { file.set_attribute("/", "v", value); }), {"ranks that differ"});
    }
    if (last > 0) {
        const std::string mine = rank_of(world) == last ? "d.h5" : "e.h5";
        check_said(file_error([&] { Hdf5File::create(folder / mine, world); }),
                   {"ranks that differ"});
    }
    MPI_Barrier(world);
    CHECK(folder.files().empty());
}

TEST_CASE("bad names and over-long attributes are refused") {
    const Folder folder{world};
    const float one = 1.0f;
    for (const std::string name : {"", "/m", "m/", "a//b"}) {
        auto file = Hdf5File::create(folder / "a.h5", world);
        check_said(file_error([&] { file.write_whole("" + name, &one, {1}); }), {"a name such as"});
    }
    auto file = Hdf5File::create(folder / "b.h5", world);
    check_said(file_error([&] { file.set_attribute("/", "long", std::string(70000, 'x')); }),
               {"\"long\" of 70000 bytes", "as a dataset"});
}

TEST_CASE("a missing or forbidden folder is named, with what to do") {
    const Folder folder{world};
    check_said(file_error([&] { Hdf5File::create(folder / "absent/model.h5", world); }),
               {"absent/model.h5", "No such file", "create the folder"});
    check_said(file_error([&] { Hdf5File::create(folder.path(), world); }), {"a folder, a device"});
    check_said(file_error([&] { Hdf5File::create("/dev/full", world); }), {"a device"});
    check_said(file_error([&] { Hdf5File::create("/proc/lop.h5", world); }), {"/proc/lop.h5"});
    if (::geteuid() == 0) return;  // root may write anywhere
    std::filesystem::permissions(
        folder.path(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
    const std::string denied = file_error([&] { Hdf5File::create(folder / "model.h5", world); });
    MPI_Barrier(world);
    std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_all);
    check_said(denied, {"Permission denied", "check the permissions"});
}

TEST_CASE("a limit on file sizes ends all ranks with one error and leaves no file") {
    const Folder folder{world};
    const std::vector<double> data(100000);
    {
        const scratch::FileSizeLimit limit{400000};
        const Part part = uneven_rows(world, {100000});
        auto file = Hdf5File::create(folder / "full.h5", world);
        file.write_whole("small", data.data(), {1000});
        check_said(file_error([&] { file.write("m", data.data(), {100000}, part); }),
                   {"write m to", "full.h5", "File too large", "ulimit"});
        check_said(file_error([&] { file.commit(); }), {"given up after a failure"});
    }
    MPI_Barrier(world);
    CHECK(folder.files().empty());
    MPI_Barrier(world);
    write_everything(folder / "after.h5", world);  // HDF5 is still in good health
    CHECK(Hdf5File::open(folder / "after.h5", world).datasets().size() == 5);
}
