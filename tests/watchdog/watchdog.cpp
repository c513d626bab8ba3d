/// The watchdog from outside: who is named when ranks wait, and how a job ends that cannot go on.
#include "app/running.hpp"

#include <doctest/doctest.h>
#include <regex>

using namespace running;

namespace {

/// What mpirun does when a rank dies is its own affair: by default it says so and ends the others at
/// once; quietly, it only ends them; with recovery it looks on and calls it well, and the ranks must
/// end by themselves.
const char* const plain = "";
const char* const quiet = "OMPI_MCA_orte_execute_quiet=1 ";
const char* const looks_on = "OMPI_MCA_orte_enable_recovery=1 ";

Outcome watched(const std::string& scene, int ranks, const std::string& environment = {}) {
    const Folder folder;
    return run(folder, "'" + scene + "'", {.ranks = ranks, .environment = environment});
}

/// "for N s" in place of "for 2 s": a busy machine is late.
std::string timeless(const std::string& text) {
    return std::regex_replace(text, std::regex{"for [0-9]+ s"}, "for N s");
}

/// Ended, in time, not as if all were well.
void check_ended(const Outcome& outcome, const char* launcher = plain) {
    CAPTURE(outcome.err);
    if (launcher != looks_on) CHECK(outcome.code != 0);
    CHECK(outcome.code != 124);  // by the limit of the test
    CHECK(outcome.seconds < 20);
    CHECK(outcome.out == "");
}

}  // namespace

TEST_CASE("ranks that wait name the one that computes, again each time the wait has doubled") {
    const Outcome outcome = watched("late", 3, "LOP_WATCHDOG_WARN=1 ");
    CAPTURE(outcome.err);
    CHECK(outcome.code == 0);
    CHECK(outcome.out == "done\n");
    const std::regex warning{
        "warning: rank ([02]) has waited for ([0-9]+) s in 'sum' for rank 1, with rank ([02])\n"
        "    rank 1 has not arrived: it has been computing for [0-9]+ s; its last call was "
        "'barrier'\n"};
    int count = 0;  // 3, of 1, 2 and 4 seconds, unless the machine is busy
    for (std::sregex_iterator at{outcome.err.begin(), outcome.err.end(), warning}, end; at != end;
         ++at, ++count) {
        CHECK((*at)[1] != (*at)[3]);
        CHECK(std::stoi((*at)[2]) >= 1 << count);
    }
    CHECK(count >= 2);
    CHECK(count <= 3);
    CHECK(count_of(outcome.err, "\n") == 2 * count);
}

TEST_CASE("ranks that wait no longer than the limit, or without one, say nothing") {
    for (const char* limit : {"", "LOP_WATCHDOG_WARN=0 "}) {
        const Outcome outcome = watched("late", 2, limit);
        CHECK(outcome.code == 0);
        CHECK(outcome.err == "");
    }
}

TEST_CASE("a wait for messages names the sender, and what it was for") {
    const Outcome outcome = watched("message", 3, "LOP_WATCHDOG_WARN=1 ");
    CAPTURE(outcome.err);
    CHECK(outcome.code == 0);
    CHECK(contains(timeless(outcome.err),
                   "warning: rank 0 has waited for N s in 'halo of pressure' for rank 1\n"
                   "    rank 1 has been computing for N s, and has made no call yet\n"));
    // Rank 2 is at the end of the session, and waits for both.
    CHECK(contains(
        timeless(outcome.err),
        "warning: rank 2 has waited for N s in 'the end of the session' for ranks 0 and 1\n"
        "    rank 0 has not arrived: it has waited for N s in 'halo of pressure' for rank 1"));
}

TEST_CASE("each group of ranks counts its own calls") {
    const Outcome outcome = watched("groups", 4, "LOP_WATCHDOG_WARN=1 ");
    CAPTURE(outcome.err);
    CHECK(outcome.code == 0);
    CHECK(contains(timeless(outcome.err),
                   "warning: rank 0 has waited for N s in 'maximum' for rank 2\n"
                   "    rank 2 has not arrived: it has been computing for N s; its "
                   "last call was 'sum'\n"));
    CHECK(contains(timeless(outcome.err),
                   " has waited for N s in 'sum' for ranks 0 and 2, with rank "));
    CHECK(contains(timeless(outcome.err),
                   "    rank 0 has not arrived: it has waited for N s in 'maximum'\n"));
}

TEST_CASE("a wait beyond the second limit ends the job, and says for whom it waited") {
    const Outcome outcome = watched("never", 3, "LOP_WATCHDOG_ABORT=2 ");
    check_ended(outcome);
    CHECK(count_of(outcome.err, "error: rank ") == 1);
    CHECK(contains(timeless(outcome.err), " has waited for N s in 'sum' for rank 1, with rank "));
    CHECK(contains(timeless(outcome.err),
                   "    rank 1 has not arrived: it has been computing for N s"));
    CHECK(
        contains(outcome.err, "    the job ends: this is longer than 2 s (LOP_WATCHDOG_ABORT)\n"));
}

TEST_CASE("ranks that make unlike calls are told apart") {
    const Outcome outcome = watched("unlike calls", 2, "LOP_WATCHDOG_ABORT=2 ");
    check_ended(outcome);
    CHECK(contains(timeless(outcome.err), "makes another call there: it has waited for N s in '"));
}

TEST_CASE("a rank that comes to the end before the others, which wait for it, ends the job") {
    const std::string rank = "the job ends: rank 1 has", both = "the job ends: ranks 1 and 2 have";
    for (const std::string scene : {"returns", "catches its own", "misses a message"})
        for (const int ranks : {2, 3}) {
            CAPTURE(scene);
            const Outcome outcome = watched(scene, ranks, "LOP_WATCHDOG_WARN=0 ");
            check_ended(outcome);
            const bool two = scene == "misses a message" && ranks == 3;
            CHECK(count_of(outcome.err, (two ? both : rank) +
                                            " come to the end of the session without the others") ==
                  1);
        }
}

TEST_CASE("a rank that is done before others, which wait for a third one, ends nothing") {
    const Outcome outcome = watched("one ends early", 3, "LOP_WATCHDOG_WARN=0 ");
    CAPTURE(outcome.err);
    CHECK(outcome.code == 0);
    CHECK(outcome.out == "done\n");
    CHECK(outcome.err == "");
}

TEST_CASE("a process that is stopped is said to be") {
    const Outcome outcome = watched("stopped", 2, "LOP_WATCHDOG_ABORT=2 ");
    check_ended(outcome);
    CHECK(contains(outcome.err, "    rank 1 has not arrived: it has been computing for "));
    CHECK(contains(outcome.err, "; its process is stopped\n"));
}

TEST_CASE("a rank that is killed ends the job by name, whatever its launcher says and does") {
    for (const char* launcher : {plain, quiet, looks_on})
        for (const int ranks : {2, 4}) {
            CAPTURE(launcher);
            const Outcome outcome = watched("killed", ranks, launcher);
            check_ended(outcome, launcher);
            CHECK(count_of(outcome.err,
                           "error: rank 1's process is gone: the job ends\n"
                           "    rank 1 (process ") == 1);
            CHECK(contains(outcome.err, ") was computing; its last call was 'barrier'\n"));
        }
}

TEST_CASE("a rank that is killed ends the others while they compute, too") {
    for (const char* launcher : {plain, looks_on}) {
        const Outcome outcome = watched("killed while all compute", 3, launcher);
        check_ended(outcome, launcher);
        CHECK(count_of(outcome.err, "error: rank 1's process is gone: the job ends\n") == 1);
    }
}

TEST_CASE("a rank that leaves without ending its session is gone, too") {
    for (const char* launcher : {plain, looks_on}) {
        const Outcome outcome = watched("exits", 3, launcher);
        check_ended(outcome, launcher);
        CHECK(count_of(outcome.err, "error: rank 1's process is gone: the job ends\n") == 1);
    }
}

TEST_CASE("a rank that was asked to terminate does, and the others do not outlive it") {
    for (const char* launcher : {plain, looks_on})
        check_ended(watched("terminated", 3, launcher), launcher);
}

TEST_CASE("an exception on one rank ends the others, which wait for it, with its message") {
    const Outcome outcome = watched("throws", 3, "LOP_WATCHDOG_WARN=1 ");
    check_ended(outcome);
    CHECK(count_of(outcome.err, "rank 1 cannot read its shots\n") == 1);
    CHECK_FALSE(contains(outcome.err, "is gone"));
}

TEST_CASE("limits that are no seconds are refused by name") {
    for (const char* bad : {"LOP_WATCHDOG_WARN=soon ", "LOP_WATCHDOG_WARN=-1 ",
                            "LOP_WATCHDOG_ABORT='1 h' ", "LOP_WATCHDOG_ABORT=inf "}) {
        const Outcome outcome = watched("late", 2, bad);
        check_ended(outcome);
        CHECK(contains(outcome.err, "the environment variable LOP_WATCHDOG_"));
        CHECK(contains(outcome.err, "    expected seconds from 0 (never) to 1e9\n"));
    }
}

TEST_CASE("a guard costs less than a microsecond") {
    const Outcome outcome = watched("cost", 2);
    CAPTURE(outcome.out);
    CHECK(outcome.code == 0);
    CHECK(std::atof(outcome.out.c_str()) < 1000);
}
