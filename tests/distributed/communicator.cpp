/// Groups of ranks: what they tell each other, and errors that all of them share.
#include <lop/distributed/communicator.hpp>

#include <lop/core/error.hpp>

#include <doctest/doctest.h>
#include <stdexcept>

using lop::Communicator;
using lop::index_t;

namespace {

/// A communicator of MPI, freed at the end of the scope.
struct Native {
    MPI_Comm comm = MPI_COMM_NULL;
    Native() = default;
    Native(const Native&) = delete;
    Native& operator=(const Native&) = delete;
    ~Native() { MPI_Comm_free(&comm); }
};

/// Throws E on one rank alone, inside collectively, and checks what every rank gets.
template <class E> void check_shared(const Communicator& world, int failing) {
    const std::string text = "only rank " + std::to_string(failing) + " knows why";
    bool thrown = false;
    try {
        world.collectively([&] {
            if (world.rank() == failing)
                throw E{text, {.expected = "peace", .found = "war", .remedy = "talk"}};
        });
    } catch (const E& error) {
        thrown = true;
        CHECK(typeid(error) == typeid(E));
        CHECK(error.what() == text + "\n    expected peace\n    found    war\n    try      talk");
    }
    CHECK(thrown);
    CHECK(world.sum(1) == world.size());  // and the ranks are still in step
}

}  // namespace

TEST_CASE("the world has every rank once, and self this one alone") {
    const auto world = Communicator::world();
    CHECK(world.rank() >= 0);
    CHECK(world.rank() < world.size());
    CHECK(world.sum(world.rank()) == index_t{world.size()} * (world.size() - 1) / 2);
    CHECK(world.root() == (world.rank() == 0));
    CHECK(Communicator::self().size() == 1);
    CHECK(Communicator::self().root());
}

TEST_CASE("a group of one needs no MPI") {
    const Communicator one{MPI_COMM_NULL};
    CHECK(one.size() == 1);
    CHECK(one.rank() == 0);
    one.barrier();
    CHECK(one.sum(7) == 7);
    CHECK(one.max(-2.5) == -2.5);
    CHECK(one.broadcast(std::string{"text"}) == "text");
    CHECK(one == Communicator::self());
    CHECK_THROWS_AS(one.collectively([] { throw lop::FileError{"alone"}; }), lop::FileError);
}

TEST_CASE("a broadcast brings the values and the words of any root to every rank") {
    const auto world = Communicator::world();
    for (int root = 0; root < world.size(); ++root) {
        double values[3] = {1.0 * world.rank(), 2.0 * world.rank(), 3.0 * world.rank()};
        world.broadcast(values, sizeof values, root);
        for (int i = 0; i < 3; ++i) CHECK(values[i] == (i + 1.0) * root);
        // Texts of unlike lengths, the empty one among them.
        const auto words = [](int rank) {
            return std::string(static_cast<std::size_t>(5 * rank), 'w');
        };
        CHECK(world.broadcast(words(world.rank()), root) == words(root));
    }
    world.barrier();
}

TEST_CASE("every rank gets the bytes of all, and hears when they are too many") {
    const auto world = Communicator::world();
    const std::string mine(static_cast<std::size_t>(world.rank()),
                           static_cast<char>('a' + world.rank()));
    std::string all;
    for (int r = 0; r < world.size(); ++r)
        all.append(static_cast<std::size_t>(r), static_cast<char>('a' + r));
    const auto gathered = world.gather_bytes(mine.data(), mine.size());
    CHECK(std::string(gathered.begin(), gathered.end()) == all);
    if (world.size() == 1) return;
    const std::size_t half = std::size_t{1} << 30;  // of the first two ranks, which is one too many
    CHECK_THROWS_WITH_AS(world.gather_bytes(nullptr, world.rank() < 2 ? half : 0),
                         doctest::Contains("2147483648"), lop::ArgumentError);
}

TEST_CASE("sums, maxima and any are the same on every rank") {
    const auto world = Communicator::world();
    const int last = world.size() - 1;
    CHECK(world.sum((index_t{1} << 40) + world.rank()) ==
          (index_t{1} << 40) * world.size() + index_t{world.size()} * last / 2);
    CHECK(world.max(-1.5 * world.rank()) == 0.0);
    CHECK(world.max(1.5 * world.rank()) == 1.5 * last);
    CHECK(world.any(world.rank() == last));
    CHECK(world.any(true));
    CHECK_FALSE(world.any(false));
}

TEST_CASE("communicators are equal when they name the same ranks in the same order") {
    const auto world = Communicator::world();
    CHECK(world == Communicator::world());
    CHECK((Communicator::self() == world) == (world.size() == 1));
    Native copy;
    MPI_Comm_dup(MPI_COMM_WORLD, &copy.comm);
    CHECK(Communicator{copy.comm} == world);
    Native reversed;
    MPI_Comm_split(MPI_COMM_WORLD, 0, -world.rank(), &reversed.comm);
    CHECK((Communicator{reversed.comm} == world) == (world.size() == 1));
    Native half;
    MPI_Comm_split(MPI_COMM_WORLD, world.rank() % 2, 0, &half.comm);
    CHECK((Communicator{half.comm} == world) == (world.size() == 1));
    CHECK(Communicator{half.comm}.sum(1) == Communicator{half.comm}.size());
}

TEST_CASE("an error of one rank becomes the error of all, in the same type and words") {
    const auto world = Communicator::world();
    for (int failing = 0; failing < world.size(); ++failing) {
        check_shared<lop::SpaceError>(world, failing);
        check_shared<lop::FileError>(world, failing);
        check_shared<lop::UnitError>(world, failing);
        check_shared<lop::GeometryError>(world, failing);
        check_shared<lop::ModelError>(world, failing);
        check_shared<lop::StabilityError>(world, failing);
        check_shared<lop::JobError>(world, failing);
        check_shared<lop::ArgumentError>(world, failing);
        check_shared<lop::Error>(world, failing);
    }
}

TEST_CASE("of several errors that of the lowest rank is told") {
    const auto world = Communicator::world();
    const int lowest = world.size() > 2 ? 1 : 0;
    const std::string expected = "rank " + std::to_string(lowest);
    const auto work = [&] {
        if (world.rank() > lowest) throw lop::FileError{"rank " + std::to_string(world.rank())};
        if (world.rank() == lowest) throw lop::ModelError{expected};
    };
    CHECK_THROWS_WITH_AS(world.collectively(work), expected.c_str(), lop::ModelError);
    CHECK(world.sum(1) == world.size());
}

TEST_CASE("an exception of the standard library is told in its words") {
    const auto world = Communicator::world();
    const auto work = [&] {
        if (world.rank() == world.size() - 1) throw std::runtime_error{"no more paper"};
    };
    CHECK_THROWS_WITH(world.collectively(work), "no more paper");
    CHECK(world.sum(1) == world.size());
}

TEST_CASE("work without an error is done once on every rank") {
    const auto world = Communicator::world();
    int done = 0;
    world.collectively([&] { ++done; });
    CHECK(world.sum(done) == world.size());
}

TEST_CASE("an error stays within the group that shares it") {
    const auto world = Communicator::world();
    Native half;
    MPI_Comm_split(MPI_COMM_WORLD, world.rank() % 2, 0, &half.comm);
    const Communicator group{half.comm};
    bool thrown = false;
    try {
        group.collectively([&] {
            if (world.rank() == 0) throw lop::JobError{"even ranks fail"};
        });
    } catch (const lop::JobError&) {
        thrown = true;
    }
    CHECK(thrown == (world.rank() % 2 == 0));
}
