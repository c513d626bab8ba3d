/// Counts what a rank says through MPI. A program that links lop_test_mpi_count calls MPI through
/// this layer: each function counts and calls its PMPI_ twin.
#pragma once

#include <lop/core/scalar.hpp>

#include <map>
#include <string>
#include <vector>

namespace lop::testing {

/// What this rank sent and took part in. Making communicators, windows and requests is not counted,
/// and what one rank reads in the memory of another without MPI cannot be.
struct MpiCounts {
    struct Traffic {
        index_t messages = 0;
        index_t bytes = 0;
        bool operator==(const Traffic&) const = default;
    };
    /// Messages from one rank to another, by the receiver's rank of the world. One-sided puts and
    /// accumulations are among them. A persistent send counts each time it is started.
    std::map<int, Traffic> sent;
    /// Receives that were posted, and one-sided gets.
    index_t receives = 0;
    index_t collectives = 0;
    /// What this rank puts into collectives: its part of a gather, a reduction or an exchange, and
    /// the whole of a broadcast on every rank. What it receives from a scatter is not among them.
    index_t collective_bytes = 0;

    index_t sends() const;
    index_t sent_bytes() const;
    /// The receivers, in ascending order.
    std::vector<int> destinations() const;
    /// Nothing was sent or received, and no collective called.
    bool silent() const;
};

/// Counts from its construction on.
class MpiCounter {
 public:
    MpiCounter();
    MpiCounts counts() const;

 private:
    MpiCounts begin_;
};

/// What this rank did and when, by MPI_Wtime: calls that start persistent requests or wait for them,
/// and what a program marks.
struct TraceEvent {
    std::string what{};
    double begin = 0, end = 0;
};

/// Traces from its construction to the end of its scope; one at a time.
class MpiTrace {
 public:
    MpiTrace();
    ~MpiTrace();
    MpiTrace(const MpiTrace&) = delete;
    MpiTrace& operator=(const MpiTrace&) = delete;
    const std::vector<TraceEvent>& events() const;
};

double trace_time();
void add_to_trace(const char* what, double begin);

/// Runs `work`, and enters it into the trace if there is one.
template <class Work> void traced(const char* what, const Work& work) {
    const double begin = trace_time();
    work();
    add_to_trace(what, begin);
}

}  // namespace lop::testing
