/// Distributed arrays in files: the same bytes from any partition, the same bits into any other, and
/// one error on all ranks.
#include <lop/io/array.hpp>

#include "distributed/parts.hpp"
#include "scratch.hpp"
#include "support/mpi_count.hpp"
#include <lop/algebra/many.hpp>
#include <lop/distributed/process_grid.hpp>

#include <complex>
#include <doctest/doctest.h>
#include <hdf5.h>
#include <limits>
#include <string>
#include <vector>

using namespace lop;
using io::Conversion;
using io::Hdf5File;
using scratch::contains;
using scratch::Folder;

namespace {

using Path = std::filesystem::path;

std::string file_error(const std::function<void()>& action) {
    return scratch::message_of<FileError>(action);
}

/// The error is the same on every rank, and says each of these.
void check_said(const std::string& message, const std::vector<std::string>& words) {
    for (const std::string& word : words) CHECK_MESSAGE(contains(message, word), message);
    CHECK(Communicator::world().broadcast(message) == message);
}

/// Every way to share an array among ranks that tests know.
std::vector<Partition> partitions(const Shape& shape, int ranks) {
    std::vector<Partition> list{Partition::replicated(), Partition::copies(ranks)};
    for (int axis = 0; axis < shape.rank(); ++axis)
        for (const Partition& p : parts::all(shape[axis], ranks, axis)) list.push_back(p);
    if (shape.rank() > 1)
        for (const Partition& p : parts::over(shape, {shape.rank() - 1, 0}, ranks))
            list.push_back(p);
    for (int copies = 1; copies <= ranks; ++copies) {
        if (ranks % copies != 0) continue;
        const Partition cut = parts::uneven(shape[0], ranks / copies);
        list.push_back(Partition::copies(copies) * cut);
        list.push_back(cut * Partition::copies(copies));
    }
    return list;
}

/// Values that a conversion, or arithmetic, would not leave alone.
template <class T> Array<T> odd_values(const Shape& shape) {
    Array<T> whole = ArraySpace<T>{"whole", shape}.random(3);
    using R = Real<T>;
    const std::vector<R> odd{std::numeric_limits<R>::quiet_NaN(), R{-0.0},
                             -std::numeric_limits<R>::infinity(),
                             std::numeric_limits<R>::denorm_min()};
    for (std::size_t k = 0; k < odd.size() && static_cast<index_t>(k) < whole.size(); ++k)
        whole[static_cast<index_t>(k)] = T{odd[k]};
    return whole;
}

/// Two rows for each rank, that the tests of errors write and ask for.
template <class T> DistributedSpace<T> rows(index_t count = 8, index_t length = 250) {
    const auto world = Communicator::world();
    return {"traces", {count, length}, world, Partition::balanced(count, world.size())};
}

}  // namespace

TEST_CASE_TEMPLATE("any partition writes the same bytes, and reads the same bits", T, float, double,
                   std::complex<float>, std::complex<double>) {
    const Folder folder{MPI_COMM_WORLD};
    const auto world = Communicator::world();
    for (const Shape& shape : {Shape{7, 5, 6}, Shape{2, 3}, Shape{1}, Shape{0, 4}, Shape{9}}) {
        const Array<T> whole = odd_values<T>(shape);
        std::string bytes;
        for (const Partition& partition : partitions(shape, world.size())) {
            CAPTURE(partition.str(world.size()));
            const DistributedSpace<T> space{"x", shape, world, partition};
            const auto x = parts::scatter(space, whole);
            io::write_array(folder / "x.h5", x, {.attributes = {{"unit", "m/s"}}});
            const std::string written = scratch::bytes_of(folder / "x.h5");
            if (bytes.empty()) bytes = written;
            CHECK(written == bytes);
            const auto back = io::read_array(folder / "x.h5", space);
            CHECK(space.contains(back));
            CHECK(parts::same_bits(back.local(), x.local()));
            world.barrier();  // before the next one replaces the file
        }
    }
}

TEST_CASE("other numbers of ranks read the bits, and write the bytes") {
    const Folder folder{MPI_COMM_WORLD};
    const auto world = Communicator::world();
    const Shape shape{6, 7};
    const auto space_on = [&](const Communicator& ranks, int axis) {
        return DistributedSpace<double>{"x", shape, ranks,
                                        Partition::balanced(shape[axis], ranks.size(), axis)};
    };
    io::write_array(folder / "all.h5", space_on(world, 0).random(4), {.dataset = "a/x"});
    for (int groups = 1; groups <= world.size(); ++groups) {
        const int color = world.rank() % groups;
        const Communicator ranks = world.split(color);
        const auto space = space_on(ranks, 1);
        const auto expected = space.random(4);
        const auto found = io::read_array(folder / "all.h5", space, {.dataset = "a/x"});
        CHECK(parts::same_bits(found.local(), expected.local()));
        const Path path = folder / ("of" + std::to_string(color) + ".h5");
        io::write_array(path, expected, {.dataset = "a/x"});
        CHECK(scratch::bytes_of(path) == scratch::bytes_of(folder / "all.h5"));
        world.barrier();
    }
}

TEST_CASE("no value passes through another rank") {
    const Folder folder{MPI_COMM_WORLD};
    const auto world = Communicator::world();
    const Shape shape{100, 1000};
    for (const Partition& partition :
         {Partition::replicated(), Partition::balanced(100, world.size()),
          Partition::balanced(1000, world.size(), 1)}) {
        const DistributedSpace<double> space{"x", shape, world, partition};
        const auto x = space.random(5);
        const testing::MpiCounter counter;
        io::write_array(folder / "x.h5", x);
        io::read_array(folder / "x.h5", space);
        const auto counts = counter.counts();
        CHECK(counts.sent.empty());
        CHECK(counts.collective_bytes < 20000);  // of 800000: names, sizes and HDF5's own tables
    }
}

TEST_CASE("one of several copies writes") {
    const auto world = Communicator::world();
    const Shape shape{8, 3};
    for (const Partition& partition : partitions(shape, world.size())) {
        const DistributedSpace<float> space{"x", shape, world, partition};
        const io::Part part = io::written_part(space.zeros());
        index_t mine = part.extents.empty() ? 0 : part.extents[0] * part.extents[1];
        CHECK(world.sum(mine) == shape.size());
    }
}

TEST_CASE("stacks lie in datasets 0, 1, ... of a file or of a group") {
    const Folder folder{MPI_COMM_WORLD};
    const auto world = Communicator::world();
    const StackedSpace inner{rows<double>(5, 4), rows<double>(2, 3)};
    const StackedSpace space{DistributedSpace<double>{"m", {4, 2}, world}, inner};
    const auto x = space.random(6);
    io::write_array(folder / "stack.h5", x, {.attributes = {{"iteration", 7}}});
    CHECK(norm(io::read_array(folder / "stack.h5", space) - x) == 0);

    const ManySpace many{std::vector{rows<double>(3, 2), rows<double>(1, 9)}};
    const auto y = many.random(7);
    {
        auto file = Hdf5File::create(folder / "group.h5", world.native());
        io::write_array(file, "group/y", y, {{"unit", "Pa"}});
        io::write_array(file, "x", x.block<1>().block<0>(), {{"unit", "m"}});
        file.commit();
    }
    CHECK(norm(io::read_array(folder / "group.h5", many, {.dataset = "group/y"}) - y) == 0);

    const auto stack = Hdf5File::open(folder / "stack.h5", world.native());
    std::string names;
    for (const auto& dataset : stack.datasets()) names += dataset.name + " ";
    CHECK(names == "0 1/0 1/1 ");
    CHECK(stack.attribute<std::int64_t>("/", "iteration") == 7);
    CHECK(norm(io::read_array(stack, "1", inner) - x.block<1>()) == 0);
    const auto group = Hdf5File::open(folder / "group.h5", world.native());
    CHECK(group.attribute<std::string>("group/y", "unit") == "Pa");
    CHECK(group.attribute<std::string>("x", "unit") == "m");
    CHECK(norm(io::read_array(group, "x", rows<double>(5, 4)) - x.block<1>().block<0>()) == 0);
    const ManySpace fewer{std::vector{rows<double>(3, 2)}};
    check_said(file_error([&] { io::read_array(group, "group/y", fewer); }),
               {"stack of 1 block from", "expected group/y/0 as its last block",
                "found    group/y/1 as well"});
    const ManySpace<DistributedSpace<double>> none{{}};
    CHECK_THROWS_AS(io::write_array(folder / "none.h5", none.zeros()), ArgumentError);
    const ManySpace more{std::vector(3, rows<double>(3, 2))};
    check_said(file_error([&] { io::read_array(group, "group/y", more); }), {"3 x 2", "1 x 9"});
}

TEST_CASE("other extents and another scalar than the space's are refused with both") {
    const Folder folder{MPI_COMM_WORLD};
    const auto path = folder / "x.h5";
    const auto x = rows<float>().random(8);
    io::write_array(path, x);
    check_said(file_error([&] { io::read_array(path, rows<float>(8, 251)); }),
               {"read array from", "x.h5", "expected traces[8 x 251] of float32",
                "found    array[8 x 250] of float32", "the extents in the file"});
    check_said(file_error([&] { io::read_array(path, rows<double>()); }),
               {"expected traces[8 x 250] of float64", "found    array[8 x 250] of float32",
                "Conversion::allowed"});
    check_said(file_error([&] { io::read_array(path, rows<std::complex<float>>()); }),
               {"expected traces[8 x 250] of complex64", "found    array[8 x 250] of float32"});
    check_said(file_error([&] {
                   io::read_array(path, rows<std::complex<float>>(),
                                  {.conversion = Conversion::allowed});
               }),
               {"expected complex64", "found    float32"});
    check_said(file_error([&] { io::read_array(path, rows<float>(), {.dataset = "image"}); }),
               {"one of the datasets array (8 x 250 float32)", "no image"});
    const auto wide = io::read_array(path, rows<double>(), {.conversion = Conversion::allowed});
    for (index_t i = 0; i < x.size(); ++i) CHECK(wide.data()[i] == double{x.data()[i]});
}

TEST_CASE("files that are missing, or of something else, are refused on all ranks alike") {
    const Folder folder{MPI_COMM_WORLD};
    const auto world = Communicator::world();
    check_said(file_error([&] { io::read_array(folder / "absent.h5", rows<float>()); }),
               {"read ", "absent.h5", "No such file"});
    if (world.root()) scratch::write_bytes(folder / "text.h5", "this is text, not HDF5");
    world.barrier();
    check_said(file_error([&] { io::read_array(folder / "text.h5", rows<float>()); }),
               {"text.h5", "expected an HDF5 file"});
    const auto x = rows<float>().zeros();
    check_said(file_error([&] { io::write_array(folder / "absent/x.h5", x); }),
               {"absent/x.h5", "create the folder"});
    check_said(file_error([&] { io::write_array("/proc/x.h5", x); }), {"/proc/x.h5"});
    check_said(file_error([&] { io::write_array(folder.path(), x); }), {"a folder"});
    check_said(file_error([&] { io::write_array(folder / "x.h5", x, {.dataset = "a//b"}); }),
               {"a name such as"});
    world.barrier();
    CHECK(folder.files() == std::vector<std::string>{"text.h5"});
}

TEST_CASE("a file cut short anywhere is refused, whichever ranks miss their part") {
    const Folder folder{MPI_COMM_WORLD};
    const auto world = Communicator::world();
    const auto space = rows<double>();
    io::write_array(folder / "x.h5", space.random(9));
    const std::string whole = scratch::bytes_of(folder / "x.h5");
    REQUIRE(whole.size() > 16000);
    for (const std::size_t missing :
         {std::size_t{1}, std::size_t{8}, std::size_t{2000}, std::size_t{8000}, std::size_t{15999},
          std::size_t{16100}, whole.size() - 100, whole.size() - 9, whole.size()}) {
        CAPTURE(missing);
        const Path path = folder / ("cut" + std::to_string(missing) + ".h5");
        if (world.root()) scratch::write_bytes(path, whole.substr(0, whole.size() - missing));
        world.barrier();
        check_said(file_error([&] { io::read_array(path, space); }), {path.string(), "copy"});
    }
}

TEST_CASE("a disk that is full leaves the old file whole") {
    const Folder folder{MPI_COMM_WORLD};
    const auto world = Communicator::world();
    const auto path = folder / "x.h5";
    const auto old = rows<double>().random(10);
    io::write_array(path, old);
    const std::string before = scratch::bytes_of(path);
    for (const bool split : {true, false}) {
        const DistributedSpace<double> space{
            "larger",
            {1000, 400},
            world,
            split ? Partition::balanced(400, world.size(), 1) : Partition::replicated()};
        const auto larger = space.random(11);
        const scratch::FileSizeLimit limit{1000000};
        check_said(file_error([&] { io::write_array(path, larger); }),
                   {"write array to", "x.h5", "File too large", "ulimit"});
        world.barrier();
        CHECK(scratch::bytes_of(path) == before);
        CHECK(folder.files() == std::vector<std::string>{"x.h5"});
        world.barrier();
    }
    CHECK(norm(io::read_array(path, rows<double>()) - old) == 0);
}

TEST_CASE("an array of other ranks than the file's is refused before any rank waits") {
    const Folder folder{MPI_COMM_WORLD};
    const auto world = Communicator::world();
    if (world.size() == 1) return;
    const DistributedSpace<float> mine{"mine", {4}, Communicator::self()};
    const auto refused = [](const std::function<void()>& action) {
        return scratch::message_of<SpaceError>(action);
    };
    auto file = Hdf5File::create(folder / "x.h5", world.native());
    CHECK(contains(refused([&] { io::write_array(file, "x", mine.zeros()); }),
                   "an array on the " + std::to_string(world.size()) + " ranks of the file"));
    const Stacked mixed{rows<float>().zeros(), mine.zeros()};
    CHECK(contains(refused([&] { io::write_array(folder / "y.h5", mixed); }), "found    mine[4]"));
    io::write_array(folder / "z.h5", rows<float>(4, 1).zeros());
    const auto read = Hdf5File::open(folder / "z.h5", world.native());
    CHECK(contains(refused([&] { io::read_array(read, "array", mine); }), "found    mine[4]"));
}

TEST_CASE("parts that lie behind 2^31 and 2^32 elements are counted in 64 bits") {
    const Folder folder{MPI_COMM_WORLD};
    const auto world = Communicator::world();
    constexpr index_t n = (index_t{1} << 33) + 5;
    const Path path = folder / "long.h5";
    if (world.root()) {  // in chunks, of which the file holds those alone that were written
        const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
        const hsize_t lengths[] = {3, n};
        const hsize_t chunk[] = {1, 1000};
        const hid_t space = H5Screate_simple(2, lengths, nullptr);
        const hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
        H5Pset_chunk(creation, 2, chunk);
        const hid_t data =
            H5Dcreate2(file, "x", H5T_IEEE_F64LE, space, H5P_DEFAULT, creation, H5P_DEFAULT);
        const hsize_t first[] = {2, n - 4};
        const hsize_t count[] = {1, 4};
        const std::vector<double> last{1, 2, 3, 4};
        const hid_t memory = H5Screate_simple(1, count + 1, nullptr);
        H5Sselect_hyperslab(space, H5S_SELECT_SET, first, nullptr, count, nullptr);
        CHECK(H5Dwrite(data, H5T_NATIVE_DOUBLE, memory, space, H5P_DEFAULT, last.data()) >= 0);
        H5Sclose(memory);
        H5Dclose(data);
        H5Pclose(creation);
        H5Sclose(space);
        H5Fclose(file);
    }
    world.barrier();
    CHECK(std::filesystem::file_size(path) < 1000000);
    const Shape shape{3, n};
    const auto cut = Partition::given({1, 2, 0}) * Partition::given({7, n - 10, 3}, 1);
    const IndexBox last = cut.box(shape, 5);  // two rows of the last three columns
    CHECK(last.size() == 6);
    const io::Part part = io::part_of(last);
    CHECK(part.offset == io::Extents{1, n - 3});
    const auto file = Hdf5File::open(path, world.native());
    std::vector<double> found(6, -1);
    file.read("x", found.data(), io::extents_of(shape), part);
    CHECK(found == std::vector<double>{0, 0, 0, 2, 3, 4});
    CHECK(cut.box(shape, 4).size() == 2 * (n - 10));
    CHECK(io::part_of(cut.box(shape, 4)).extents == io::Extents{2, n - 10});
}
