/// States of solvers in files: the bits of one run on any number of ranks, and files that do not fit.
#include <lop/io/checkpoint.hpp>

#include "scratch.hpp"
#include "solvers/law.hpp"
#include <lop/algebra/many.hpp>

#include <complex>
#include <string>

using namespace lop;
using io::FileCheckpoint;
using scratch::contains;
using scratch::Folder;
using scratch::message_of;

namespace {

constexpr index_t n = 9;

/// Checkpoints in files that no other uses.
class InFolder {
 public:
    explicit InFolder(const Folder& folder) : folder_{folder} {}
    FileCheckpoint operator()() const {
        return FileCheckpoint{folder_ / ("state" + std::to_string(count_++) + ".h5")};
    }

 private:
    const Folder& folder_;
    mutable int count_ = 0;
};

/// Is killed before the end of a run can be kept.
struct Killed {
    FileCheckpoint kept;
    template <class State> bool restore(State& state) const { return kept.restore(state); }
    template <class State> void save(State& state) const {
        if (!state.ends()) kept.save(state);
    }
};

}  // namespace

TEST_CASE("solvers go on from files to the bits of one run, on whole and on scattered vectors") {
    const Folder folder{MPI_COMM_WORLD};
    const InFolder in_folder{folder};
    law::goes_on(
        [](const auto& a, const auto& b, const auto& x0, index_t k, const auto& watch) {
            return lsqr(a, b, x0, {.iterations = k, .damping = 0.3}, watch);
        },
        n, in_folder);
    law::goes_on(
        [](const auto& a, const auto& b, const auto& x0, index_t k, const auto& watch) {
            return gmres(a, b, x0, {.iterations = k, .restart = 4}, watch);
        },
        n, in_folder);
    law::goes_on([](const auto& a, const auto& b, const auto&, index_t k,
                    const auto& watch) { return fista(a, b, L1{0.1}, {.iterations = k}, watch); },
                 n, in_folder);
    law::goes_on(
        [](const auto& a, const auto& b, const auto& x0, index_t k, const auto& watch) {
            const auto quadratic = [&](const auto& x, auto& gradient) {
                const auto ax = evaluate(a * x);
                gradient = a.H() * ax - b;
                return 0.5 * norm2(ax) - dot(b, x);
            };
            return lbfgs(quadratic, x0, {.iterations = k, .memory = 3, .tolerance = 0}, watch);
        },
        n, in_folder);
}

TEST_CASE_TEMPLATE("files keep complex vectors, single precision and stacks", T, float, double,
                   std::complex<float>, std::complex<double>) {
    const Folder folder{MPI_COMM_WORLD};
    const ArraySpace<T> x{"x", {30}};
    const auto a = zoo::random_dense<T>(x, x, 3);
    const auto b = x.random(1);
    const InFolder in_folder{folder};
    law::goes_on_with(
        [&](index_t k, const auto& watch) {
            return lsmr(vstack(a, Identity{x}), Stacked{b, b},
                        {.iterations = k, .atol = 0, .btol = 0}, watch);
        },
        n, in_folder);
    law::goes_on_with(
        [&](index_t k, const auto& watch) {
            const std::vector<zoo::Dense<T>> blocks{a, a};
            return cgls(vstack(blocks), Many{std::vector{b, b}}, {.iterations = k, .tolerance = 0},
                        watch);
        },
        n, in_folder);
}

TEST_CASE("a state written by one rank is gone on from by all, and the other way") {
    const Folder folder{MPI_COMM_WORLD};
    const Communicator world = Communicator::world();
    const law::Whole whole;
    const law::Scattered parts;
    const auto b = whole.space.random(1);
    const auto scattered_b = parts.space.random(1);
    const auto expected = cgls(whole.op(), b, {.iterations = n});
    const auto same = [&](const auto& found) {
        law::same_history(found, expected);
        const double* mine = expected.x.data() + parts.first() * law::samples;
        CHECK(std::equal(found.x.local().begin(), found.x.local().end(), mine));
    };
    const FileCheckpoint kept{folder / "state.h5"};
    if (world.root())
        cgls(whole.op(), b, {.iterations = 4}, FileCheckpoint{kept.path(), Communicator::self()});
    world.barrier();
    CHECK(kept.iteration() == 4);
    same(cgls(parts.op(), scattered_b, {.iterations = n}, kept));

    kept.clear();
    CHECK(kept.iteration() == 0);
    cgls(parts.op(), scattered_b, {.iterations = 4}, kept);
    const auto found = cgls(whole.op(), b, {.iterations = n}, kept);
    law::same_history(found, expected);
    CHECK(norm(found.x - expected.x) == 0);
}

TEST_CASE("states over copies and over grids of ranks are kept, each part once") {
    const Folder folder{MPI_COMM_WORLD};
    const auto world = Communicator::world();
    const int ranks = world.size();
    const Shape shape{6, 5};
    std::vector<Partition> list{Partition::copies(ranks)};
    for (int copies = 1; copies <= ranks; ++copies)
        if (ranks % copies == 0) {
            const auto cut = Partition::balanced(5, ranks / copies, 1);
            list.push_back(Partition::copies(copies) * cut);
            list.push_back(cut * Partition::copies(copies));
            list.push_back(Partition::balanced(6, copies) * cut);
        }
    const auto run = [&](const Partition& partition, index_t iterations,
                         const FileCheckpoint& kept) {
        const DistributedSpace<double> space{"x", shape, world, partition};
        const auto scale =
            Diagonal{evaluate(map([](double w) { return 2 + w / 4; }, space.random(1)))};
        return cgls(scale, space.random(2), {.iterations = iterations, .tolerance = 0}, kept);
    };
    for (const Partition& partition : list) {
        CAPTURE(partition.str(ranks));
        const FileCheckpoint kept{folder / "state.h5"};
        const FileCheckpoint whole{folder / "whole.h5"};
        const auto expected = run(partition, 6, whole);
        run(partition, 3, kept);
        CHECK(kept.iteration() == 3);
        const auto found = run(partition, 6, kept);
        law::same_history(found, expected);
        CHECK(norm(found.x - expected.x) == 0);
        kept.clear();
        whole.clear();
    }
}

TEST_CASE("the state is kept as often as was asked") {
    const Folder folder{MPI_COMM_WORLD};
    const law::Whole whole;
    const auto kept_at = [&](index_t every) {
        const FileCheckpoint kept{folder / ("every" + std::to_string(every) + ".h5"),
                                  Communicator::world(),
                                  {.every = every}};
        cgls(whole.op(), whole.space.random(1), {.iterations = n}, Killed{kept});
        return kept.iteration();
    };
    CHECK(kept_at(1) == n - 1);
    CHECK(kept_at(3) == 6);
    CHECK(kept_at(0) == 0);
    CHECK_THROWS_AS(kept_at(-1), ArgumentError);
}

TEST_CASE("a file that does not fit is refused in words, and is left as it was") {
    const Folder folder{MPI_COMM_WORLD};
    const law::Whole whole;
    const auto a = whole.op();
    const auto b = whole.space.random(1);
    const FileCheckpoint kept{folder / "state.h5"};
    const std::string path = kept.path().string();
    cgls(a, b, {.iterations = 3}, kept);
    const std::string before = scratch::bytes_of(kept.path());

    CHECK(message_of<ArgumentError>([&] { lsqr(a, b, {}, kept); }) ==
          "lsqr: the state in " + path +
              " is another solver's\n"
              "    expected a state of lsqr\n"
              "    found    cgls\n"
              "    try      remove " +
              path + ", or give this run a file of its own");
    CHECK(contains(message_of<ArgumentError>([&] { cgls(a, 2 * b, {}, kept); }),
                   "expected norm of b"));
    const ArraySpace<double> other{"other", {7, 2}};
    const auto narrow = zoo::random_dense<double>(other, whole.space, 1);
    CHECK(message_of<FileError>([&] { cgls(narrow, b, {}, kept); }) ==
          "go on from " + path +
              ": x\n"
              "    expected 7 x 2, as this call has it\n"
              "    found    13 x 40\n"
              "    try      remove " +
              path + ", or give this run a file of its own");
    CHECK(scratch::bytes_of(kept.path()) == before);

    // Another precision, in a group of one: the file knows no better remedy than a file of its own.
    if (Communicator::world().root()) {
        const FileCheckpoint alone{folder / "single.h5", Communicator::self()};
        const ArraySpace<float> single{"x", {5}};
        const ArraySpace<double> twice{"x", {5}};
        cgls(Identity{single}, single.random(1), {.iterations = 1}, alone);
        CHECK(message_of<FileError>([&] {
                  cgls(Identity{twice}, twice.random(1), {.iterations = 1}, alone);
              }) == "go on from " + alone.path().string() +
                        ": x\n"
                        "    expected float64, as this call has it\n"
                        "    found    float32\n"
                        "    try      remove " +
                        alone.path().string() + ", or give this run a file of its own");
    }

    auto foreign = io::Hdf5File::create(folder / "foreign.h5", MPI_COMM_WORLD);
    foreign.write_whole("x", b.data(), {b.size()});
    foreign.commit();
    CHECK(contains(
        message_of<FileError>([&] { cgls(a, b, {}, FileCheckpoint{folder / "foreign.h5"}); }),
        "expected the state of a solver"));
    if (Communicator::world().root())
        scratch::write_bytes(folder / "cut.h5", before.substr(0, before.size() / 2));
    Communicator::world().barrier();
    CHECK_THROWS_AS(cgls(a, b, {}, FileCheckpoint{folder / "cut.h5"}), FileError);
}

TEST_CASE("a disk that is full leaves the state before, and the run can be repeated") {
    const Folder folder{MPI_COMM_WORLD};
    const law::Whole whole;
    const auto a = whole.op();
    const auto b = whole.space.random(1);
    const FileCheckpoint kept{folder / "state.h5"};
    cgls(a, b, {.iterations = 3}, kept);
    {
        const scratch::FileSizeLimit full{4096};
        CHECK_THROWS_AS(cgls(a, b, {.iterations = n}, kept), FileError);
    }
    CHECK(kept.iteration() == 3);
    const auto found = cgls(a, b, {.iterations = n}, kept);
    CHECK(norm(found.x - cgls(a, b, {.iterations = n}).x) == 0);
}

TEST_CASE("a vector on other ranks than the file is refused") {
    const Folder folder{MPI_COMM_WORLD};
    const Communicator world = Communicator::world();
    if (world.size() == 1) return;
    const law::Scattered parts;
    const FileCheckpoint mine{folder / ("rank" + std::to_string(world.rank()) + ".h5"),
                              Communicator::self()};
    CHECK(contains(message_of<SpaceError>(
                       [&] { cgls(parts.op(), parts.space.random(1), {.iterations = 2}, mine); }),
                   "try      FileCheckpoint{path, x.communicator()}"));
}
