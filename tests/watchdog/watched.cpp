/// Programs that the watchdog's tests run: each goes wrong in the way that its argument names.
#include <lop/core/error.hpp>
#include <lop/distributed/communicator.hpp>
#include <lop/distributed/watchdog.hpp>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>
#include <thread>

namespace {

using lop::Communicator;

void compute(double seconds) {
    std::this_thread::sleep_for(std::chrono::duration<double>{seconds});
}

constexpr double for_ever = 100;  // longer than any test waits

/// Rank 1 computes for `seconds` while the others wait for it.
void late(const Communicator& world, double seconds) {
    world.barrier();
    if (world.rank() == 1) compute(seconds);
    world.sum(1);
}

/// Rank 1 does `end` after a while, in which the others have begun to wait.
void ends(const Communicator& world, const std::function<void()>& end) {
    world.barrier();
    if (world.rank() == 1) {
        compute(0.5);
        end();
    }
    world.sum(1);
}

/// Rank 1 is late with a message to rank 0, which waits by itself.
void message(const Communicator& world) {
    std::array<char, 8> text{};
    if (world.rank() == 1) {
        compute(3);
        MPI_Send(text.data(), 8, MPI_BYTE, 0, 1, world.native());
    } else if (world.rank() == 0) {
        const std::array peers{1};
        const lop::detail::Waiting waiting{world, "halo", peers, "pressure"};
        MPI_Recv(text.data(), 8, MPI_BYTE, 1, 1, world.native(), MPI_STATUS_IGNORE);
    }
}

/// Four ranks in two groups of two, even and odd: 2 is late in its group, and 0 therefore in the world.
void groups(const Communicator& world) {
    MPI_Comm native = MPI_COMM_NULL;
    MPI_Comm_split(world.native(), world.rank() % 2, 0, &native);
    {
        const Communicator half{native};
        half.sum(1);
        half.sum(1);
        if (world.rank() == 2) compute(3);
        half.max(1);
    }
    world.sum(1);
    MPI_Comm_free(&native);
}

/// Prints what a guard costs.
void cost(const Communicator& world) {
    constexpr int times = 1'000'000;
    const auto start = std::chrono::steady_clock::now();
    for (int k = 0; k < times; ++k) const lop::detail::Waiting waiting{world, "sum", "traces"};
    const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - start;
    if (world.root()) std::printf("%.0f ns\n", spent.count() / times);
}

const std::map<std::string, void (*)(const Communicator&)> scenes{
    {"late", [](const Communicator& world) { late(world, 5); }},
    {"never", [](const Communicator& world) { late(world, for_ever); }},
    {"message", message},
    {"groups", groups},
    {"cost", cost},
    {"killed", [](const Communicator& world) { ends(world, [] { std::raise(SIGKILL); }); }},
    {"exits", [](const Communicator& world) { ends(world, [] { std::_Exit(0); }); }},
    {"terminated",
     [](const Communicator& world) {
         ends(world, [] { std::raise(SIGTERM), compute(for_ever); });
     }},
    {"stopped", [](const Communicator& world) { ends(world, [] { std::raise(SIGSTOP); }); }},
    {"throws",
     [](const Communicator& world) {
         ends(world, [] { throw lop::FileError{"rank 1 cannot read its shots"}; });
     }},
    {"killed while all compute",
     [](const Communicator& world) {
         world.max(1);
         if (world.rank() == 1) std::raise(SIGKILL);
         compute(for_ever);
     }},
    {"returns",
     [](const Communicator& world) {
         if (world.rank() != 1) world.sum(1);
     }},
    {"catches its own",
     [](const Communicator& world) {
         try {
             ends(world, [] { throw lop::FileError{"rank 1 cannot read its shots"}; });
         } catch (const lop::Error&) {
         }
     }},
    {"misses a message",
     [](const Communicator& world) {
         if (!world.root()) return;
         std::array<char, 8> text{};
         const std::array peers{1};
         const lop::detail::Waiting waiting{world, "halo", peers, "pressure"};
         MPI_Recv(text.data(), 8, MPI_BYTE, 1, 1, world.native(), MPI_STATUS_IGNORE);
     }},
    {"one ends early",
     [](const Communicator& world) {
         // Rank 0 has sent all that rank 1 wants of it, and waits at the end for longer than the watch
         // grants to ranks that left; rank 2 is late.
         std::array<char, 8> text{};
         if (world.rank() == 0) MPI_Send(text.data(), 8, MPI_BYTE, 1, 1, world.native());
         if (world.rank() == 2) {
             compute(8);
             MPI_Send(text.data(), 8, MPI_BYTE, 1, 1, world.native());
         }
         if (world.rank() != 1) return;
         const std::array peers{0, 2};
         const lop::detail::Waiting waiting{world, "halo", peers, "pressure"};
         for (const int peer : peers)
             MPI_Recv(text.data(), 8, MPI_BYTE, peer, 1, world.native(), MPI_STATUS_IGNORE);
     }},
    {"unlike calls",
     [](const Communicator& world) {
         if (world.root()) world.barrier();
         else world.max(1);
     }},
};

}  // namespace

int main(int argc, char** argv) {
    const lop::Session session{argc, argv};
    scenes.at(argv[1])(session.world());
    if (session.root()) std::puts("done");
}
