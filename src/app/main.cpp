/// The program: starts MPI, runs the command, and ends all ranks alike.
#include "commands.hpp"
#include <lop/core/error.hpp>
#include <lop/distributed/communicator.hpp>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <string>
#include <thread>

namespace {

/// Ends after an error. Where all ranks failed, as they do at every public door, they meet here
/// and leave in order; where others still wait in a collective, nobody comes and all are aborted.
int fail(MPI_Comm meeting, const std::string& message) {
    using namespace std::chrono_literals;
    MPI_Request request;
    MPI_Ibarrier(meeting, &request);
    int met = 0;
    for (auto waited = 0ms; met == 0 && waited < 3000ms; waited += 10ms) {
        MPI_Test(&request, &met, MPI_STATUS_IGNORE);
        if (met == 0) std::this_thread::sleep_for(10ms);
    }
    if (met == 0) lop::abort_all("lop: " + message);
    if (lop::Communicator::world().root()) std::fprintf(stderr, "lop: %s\n", message.c_str());
    return 1;
}

}  // namespace

int main(int argc, char** argv) {
    // A file that outgrows the limit of the process is then an error in words, not a signal.
    std::signal(SIGXFSZ, SIG_IGN);
    const lop::Session session{argc, argv};
    MPI_Comm meeting;
    MPI_Comm_dup(MPI_COMM_WORLD, &meeting);
    int code = 1;
    try {
        code = lop::app::run_program(argc, argv);
    } catch (const std::exception& error) {
        code = fail(meeting, lop::error_words(error));
    }
    MPI_Comm_free(&meeting);
    return code;
}
