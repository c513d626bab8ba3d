/// The counting layer between a test and MPI: functions of MPI's own names, as its profiling
/// interface allows.
#include "mpi_count.hpp"

#include <mpi.h>
#include <numeric>

namespace {

using lop::index_t;

// Only the thread that started MPI calls it, so the counts need no lock.
lop::testing::MpiCounts& total() {
    static lop::testing::MpiCounts counts;
    return counts;
}

/// A message that is sent or received each time its request is started.
struct Persistent {
    int rank;  // of the world
    index_t bytes;
    bool incoming;
};
std::map<MPI_Request, Persistent>& kept() {
    static std::map<MPI_Request, Persistent> requests;
    return requests;
}

int size_of(MPI_Comm comm) {
    int size = 0;
    PMPI_Comm_size(comm, &size);
    return size;
}

int rank_in(MPI_Comm comm) {
    int rank = 0;
    PMPI_Comm_rank(comm, &rank);
    return rank;
}

/// The ranks that this one sends to in a topology of neighbours.
int readers_in(MPI_Comm comm) {
    int kind = MPI_UNDEFINED;
    PMPI_Topo_test(comm, &kind);
    int readers = 0;
    if (kind == MPI_CART) {
        PMPI_Cartdim_get(comm, &readers);
        return 2 * readers;
    }
    if (kind == MPI_GRAPH) {
        PMPI_Graph_neighbors_count(comm, rank_in(comm), &readers);
        return readers;
    }
    int sources = 0;
    int weighted = 0;
    PMPI_Dist_graph_neighbors_count(comm, &sources, &readers, &weighted);
    return readers;
}

int world_rank(MPI_Group group, int rank) {
    MPI_Group world = MPI_GROUP_NULL;
    PMPI_Comm_group(MPI_COMM_WORLD, &world);
    int translated = MPI_UNDEFINED;
    PMPI_Group_translate_ranks(group, 1, &rank, world, &translated);
    PMPI_Group_free(&world);
    PMPI_Group_free(&group);
    return translated;
}

int world_rank(MPI_Comm comm, int rank) {
    MPI_Group group = MPI_GROUP_NULL;
    PMPI_Comm_group(comm, &group);
    return world_rank(group, rank);
}

index_t bytes_of(index_t count, MPI_Datatype type) {
    if (count == 0) return 0;  // the type may then be none
    int size = 0;
    PMPI_Type_size(type, &size);
    return count * size;
}

index_t bytes_of_first(const int* counts, MPI_Datatype type, int ranks) {
    return bytes_of(std::accumulate(counts, counts + ranks, index_t{0}), type);
}

index_t bytes_of_all(const int* counts, MPI_Datatype type, MPI_Comm comm) {
    return bytes_of_first(counts, type, size_of(comm));
}

index_t bytes_of_all(const int* counts, const MPI_Datatype* types, MPI_Comm comm) {
    index_t bytes = 0;
    for (int r = 0; r < size_of(comm); ++r) bytes += bytes_of(counts[r], types[r]);
    return bytes;
}

index_t bytes_of_readers(const int* counts, MPI_Datatype type, MPI_Comm comm) {
    return bytes_of_first(counts, type, readers_in(comm));
}

void add_message(int to, index_t bytes) {
    auto& traffic = total().sent[to];
    ++traffic.messages;
    traffic.bytes += bytes;
}

void count_send(int count, MPI_Datatype type, int to, MPI_Comm comm) {
    if (to != MPI_PROC_NULL) add_message(world_rank(comm, to), bytes_of(count, type));
}

void count_receive(int from) {
    if (from != MPI_PROC_NULL) ++total().receives;
}

void count_put(int count, MPI_Datatype type, int to, MPI_Win window) {
    if (to == MPI_PROC_NULL) return;
    MPI_Group group = MPI_GROUP_NULL;
    PMPI_Win_get_group(window, &group);
    add_message(world_rank(group, to), bytes_of(count, type));
}

void count_collective(index_t bytes) {
    ++total().collectives;
    total().collective_bytes += bytes;
}

void keep(MPI_Request request, Persistent message) { kept().insert_or_assign(request, message); }

void keep_send(MPI_Request request, int count, MPI_Datatype type, int to, MPI_Comm comm) {
    const int rank = to == MPI_PROC_NULL ? to : world_rank(comm, to);
    keep(request, {rank, bytes_of(count, type), false});
}

void count_start(MPI_Request request) {
    const auto found = kept().find(request);
    if (found == kept().end() || found->second.rank == MPI_PROC_NULL) return;
    if (found->second.incoming) ++total().receives;
    else add_message(found->second.rank, found->second.bytes);
}

}  // namespace

namespace lop::testing {
namespace {

bool tracing = false;
std::vector<TraceEvent>& trace() {
    static std::vector<TraceEvent> events;
    return events;
}

}  // namespace

MpiTrace::MpiTrace() {
    trace().clear();
    tracing = true;
}
MpiTrace::~MpiTrace() { tracing = false; }
const std::vector<TraceEvent>& MpiTrace::events() const { return trace(); }
double trace_time() { return tracing ? PMPI_Wtime() : 0; }
void add_to_trace(const char* what, double begin) {
    if (tracing) trace().push_back({what, begin, PMPI_Wtime()});
}

index_t MpiCounts::sends() const {
    index_t sum = 0;
    for (const auto& [to, traffic] : sent) sum += traffic.messages;
    return sum;
}

index_t MpiCounts::sent_bytes() const {
    index_t sum = 0;
    for (const auto& [to, traffic] : sent) sum += traffic.bytes;
    return sum;
}

std::vector<int> MpiCounts::destinations() const {
    std::vector<int> ranks;
    for (const auto& [to, traffic] : sent) ranks.push_back(to);
    return ranks;
}

bool MpiCounts::silent() const { return sent.empty() && receives == 0 && collectives == 0; }

MpiCounter::MpiCounter() : begin_{total()} {}

MpiCounts MpiCounter::counts() const {
    MpiCounts counts = total();
    for (const auto& [to, before] : begin_.sent) {
        auto& traffic = counts.sent[to];
        traffic.messages -= before.messages;
        traffic.bytes -= before.bytes;
        if (traffic.messages == 0) counts.sent.erase(to);
    }
    counts.receives -= begin_.receives;
    counts.collectives -= begin_.collectives;
    counts.collective_bytes -= begin_.collective_bytes;
    return counts;
}

}  // namespace lop::testing

// MPI declares these functions extern "C".

// ---- messages ---------------------------------------------------------------------------------

int MPI_Send(const void* buffer, int count, MPI_Datatype type, int to, int tag, MPI_Comm comm) {
    count_send(count, type, to, comm);
    return PMPI_Send(buffer, count, type, to, tag, comm);
}

int MPI_Bsend(const void* buffer, int count, MPI_Datatype type, int to, int tag, MPI_Comm comm) {
    count_send(count, type, to, comm);
    return PMPI_Bsend(buffer, count, type, to, tag, comm);
}

int MPI_Ssend(const void* buffer, int count, MPI_Datatype type, int to, int tag, MPI_Comm comm) {
    count_send(count, type, to, comm);
    return PMPI_Ssend(buffer, count, type, to, tag, comm);
}

int MPI_Rsend(const void* buffer, int count, MPI_Datatype type, int to, int tag, MPI_Comm comm) {
    count_send(count, type, to, comm);
    return PMPI_Rsend(buffer, count, type, to, tag, comm);
}

int MPI_Isend(const void* buffer, int count, MPI_Datatype type, int to, int tag, MPI_Comm comm,
              MPI_Request* request) {
    count_send(count, type, to, comm);
    return PMPI_Isend(buffer, count, type, to, tag, comm, request);
}

int MPI_Ibsend(const void* buffer, int count, MPI_Datatype type, int to, int tag, MPI_Comm comm,
               MPI_Request* request) {
    count_send(count, type, to, comm);
    return PMPI_Ibsend(buffer, count, type, to, tag, comm, request);
}

int MPI_Issend(const void* buffer, int count, MPI_Datatype type, int to, int tag, MPI_Comm comm,
               MPI_Request* request) {
    count_send(count, type, to, comm);
    return PMPI_Issend(buffer, count, type, to, tag, comm, request);
}

int MPI_Irsend(const void* buffer, int count, MPI_Datatype type, int to, int tag, MPI_Comm comm,
               MPI_Request* request) {
    count_send(count, type, to, comm);
    return PMPI_Irsend(buffer, count, type, to, tag, comm, request);
}

int MPI_Recv(void* buffer, int count, MPI_Datatype type, int from, int tag, MPI_Comm comm,
             MPI_Status* status) {
    count_receive(from);
    return PMPI_Recv(buffer, count, type, from, tag, comm, status);
}

int MPI_Irecv(void* buffer, int count, MPI_Datatype type, int from, int tag, MPI_Comm comm,
              MPI_Request* request) {
    count_receive(from);
    return PMPI_Irecv(buffer, count, type, from, tag, comm, request);
}

int MPI_Mrecv(void* buffer, int count, MPI_Datatype type, MPI_Message* message,
              MPI_Status* status) {
    count_receive(0);
    return PMPI_Mrecv(buffer, count, type, message, status);
}

int MPI_Imrecv(void* buffer, int count, MPI_Datatype type, MPI_Message* message,
               MPI_Request* request) {
    count_receive(0);
    return PMPI_Imrecv(buffer, count, type, message, request);
}

int MPI_Sendrecv(const void* send, int send_count, MPI_Datatype send_type, int to, int send_tag,
                 void* receive, int receive_count, MPI_Datatype receive_type, int from,
                 int receive_tag, MPI_Comm comm, MPI_Status* status) {
    count_send(send_count, send_type, to, comm);
    count_receive(from);
    return PMPI_Sendrecv(send, send_count, send_type, to, send_tag, receive, receive_count,
                         receive_type, from, receive_tag, comm, status);
}

int MPI_Sendrecv_replace(void* buffer, int count, MPI_Datatype type, int to, int send_tag, int from,
                         int receive_tag, MPI_Comm comm, MPI_Status* status) {
    count_send(count, type, to, comm);
    count_receive(from);
    return PMPI_Sendrecv_replace(buffer, count, type, to, send_tag, from, receive_tag, comm,
                                 status);
}

// ---- persistent messages ----------------------------------------------------------------------

int MPI_Send_init(const void* buffer, int count, MPI_Datatype type, int to, int tag, MPI_Comm comm,
                  MPI_Request* request) {
    const int code = PMPI_Send_init(buffer, count, type, to, tag, comm, request);
    keep_send(*request, count, type, to, comm);
    return code;
}

int MPI_Bsend_init(const void* buffer, int count, MPI_Datatype type, int to, int tag, MPI_Comm comm,
                   MPI_Request* request) {
    const int code = PMPI_Bsend_init(buffer, count, type, to, tag, comm, request);
    keep_send(*request, count, type, to, comm);
    return code;
}

int MPI_Ssend_init(const void* buffer, int count, MPI_Datatype type, int to, int tag, MPI_Comm comm,
                   MPI_Request* request) {
    const int code = PMPI_Ssend_init(buffer, count, type, to, tag, comm, request);
    keep_send(*request, count, type, to, comm);
    return code;
}

int MPI_Rsend_init(const void* buffer, int count, MPI_Datatype type, int to, int tag, MPI_Comm comm,
                   MPI_Request* request) {
    const int code = PMPI_Rsend_init(buffer, count, type, to, tag, comm, request);
    keep_send(*request, count, type, to, comm);
    return code;
}

int MPI_Recv_init(void* buffer, int count, MPI_Datatype type, int from, int tag, MPI_Comm comm,
                  MPI_Request* request) {
    const int code = PMPI_Recv_init(buffer, count, type, from, tag, comm, request);
    keep(*request, {from, 0, true});
    return code;
}

int MPI_Start(MPI_Request* request) {
    count_start(*request);
    return PMPI_Start(request);
}

int MPI_Startall(int count, MPI_Request requests[]) {
    for (int i = 0; i < count; ++i) count_start(requests[i]);
    int result = MPI_SUCCESS;
    lop::testing::traced("start", [&] { result = PMPI_Startall(count, requests); });
    return result;
}

int MPI_Waitall(int count, MPI_Request requests[], MPI_Status statuses[]) {
    int result = MPI_SUCCESS;
    lop::testing::traced("wait", [&] { result = PMPI_Waitall(count, requests, statuses); });
    return result;
}

int MPI_Request_free(MPI_Request* request) {
    kept().erase(*request);
    return PMPI_Request_free(request);
}

// ---- one-sided --------------------------------------------------------------------------------

int MPI_Put(const void* origin, int origin_count, MPI_Datatype origin_type, int target, MPI_Aint at,
            int target_count, MPI_Datatype target_type, MPI_Win window) {
    count_put(origin_count, origin_type, target, window);
    return PMPI_Put(origin, origin_count, origin_type, target, at, target_count, target_type,
                    window);
}

int MPI_Accumulate(const void* origin, int origin_count, MPI_Datatype origin_type, int target,
                   MPI_Aint at, int target_count, MPI_Datatype target_type, MPI_Op op,
                   MPI_Win window) {
    count_put(origin_count, origin_type, target, window);
    return PMPI_Accumulate(origin, origin_count, origin_type, target, at, target_count, target_type,
                           op, window);
}

int MPI_Get(void* origin, int origin_count, MPI_Datatype origin_type, int target, MPI_Aint at,
            int target_count, MPI_Datatype target_type, MPI_Win window) {
    count_receive(target);
    return PMPI_Get(origin, origin_count, origin_type, target, at, target_count, target_type,
                    window);
}

// ---- collectives ------------------------------------------------------------------------------

int MPI_Barrier(MPI_Comm comm) {
    count_collective(0);
    return PMPI_Barrier(comm);
}

int MPI_Ibarrier(MPI_Comm comm, MPI_Request* request) {
    count_collective(0);
    return PMPI_Ibarrier(comm, request);
}

int MPI_Bcast(void* buffer, int count, MPI_Datatype type, int root, MPI_Comm comm) {
    count_collective(bytes_of(count, type));
    return PMPI_Bcast(buffer, count, type, root, comm);
}

int MPI_Ibcast(void* buffer, int count, MPI_Datatype type, int root, MPI_Comm comm,
               MPI_Request* request) {
    count_collective(bytes_of(count, type));
    return PMPI_Ibcast(buffer, count, type, root, comm, request);
}

int MPI_Allreduce(const void* send, void* receive, int count, MPI_Datatype type, MPI_Op op,
                  MPI_Comm comm) {
    count_collective(bytes_of(count, type));
    return PMPI_Allreduce(send, receive, count, type, op, comm);
}

int MPI_Iallreduce(const void* send, void* receive, int count, MPI_Datatype type, MPI_Op op,
                   MPI_Comm comm, MPI_Request* request) {
    count_collective(bytes_of(count, type));
    return PMPI_Iallreduce(send, receive, count, type, op, comm, request);
}

int MPI_Scan(const void* send, void* receive, int count, MPI_Datatype type, MPI_Op op,
             MPI_Comm comm) {
    count_collective(bytes_of(count, type));
    return PMPI_Scan(send, receive, count, type, op, comm);
}

int MPI_Iscan(const void* send, void* receive, int count, MPI_Datatype type, MPI_Op op,
              MPI_Comm comm, MPI_Request* request) {
    count_collective(bytes_of(count, type));
    return PMPI_Iscan(send, receive, count, type, op, comm, request);
}

int MPI_Exscan(const void* send, void* receive, int count, MPI_Datatype type, MPI_Op op,
               MPI_Comm comm) {
    count_collective(bytes_of(count, type));
    return PMPI_Exscan(send, receive, count, type, op, comm);
}

int MPI_Iexscan(const void* send, void* receive, int count, MPI_Datatype type, MPI_Op op,
                MPI_Comm comm, MPI_Request* request) {
    count_collective(bytes_of(count, type));
    return PMPI_Iexscan(send, receive, count, type, op, comm, request);
}

int MPI_Reduce(const void* send, void* receive, int count, MPI_Datatype type, MPI_Op op, int root,
               MPI_Comm comm) {
    count_collective(bytes_of(count, type));
    return PMPI_Reduce(send, receive, count, type, op, root, comm);
}

int MPI_Ireduce(const void* send, void* receive, int count, MPI_Datatype type, MPI_Op op, int root,
                MPI_Comm comm, MPI_Request* request) {
    count_collective(bytes_of(count, type));
    return PMPI_Ireduce(send, receive, count, type, op, root, comm, request);
}

int MPI_Reduce_scatter_block(const void* send, void* receive, int count, MPI_Datatype type,
                             MPI_Op op, MPI_Comm comm) {
    count_collective(bytes_of(count, type) * size_of(comm));
    return PMPI_Reduce_scatter_block(send, receive, count, type, op, comm);
}

int MPI_Ireduce_scatter_block(const void* send, void* receive, int count, MPI_Datatype type,
                              MPI_Op op, MPI_Comm comm, MPI_Request* request) {
    count_collective(bytes_of(count, type) * size_of(comm));
    return PMPI_Ireduce_scatter_block(send, receive, count, type, op, comm, request);
}

int MPI_Reduce_scatter(const void* send, void* receive, const int counts[], MPI_Datatype type,
                       MPI_Op op, MPI_Comm comm) {
    count_collective(bytes_of_all(counts, type, comm));
    return PMPI_Reduce_scatter(send, receive, counts, type, op, comm);
}

int MPI_Ireduce_scatter(const void* send, void* receive, const int counts[], MPI_Datatype type,
                        MPI_Op op, MPI_Comm comm, MPI_Request* request) {
    count_collective(bytes_of_all(counts, type, comm));
    return PMPI_Ireduce_scatter(send, receive, counts, type, op, comm, request);
}

int MPI_Gather(const void* send, int send_count, MPI_Datatype send_type, void* receive,
               int receive_count, MPI_Datatype receive_type, int root, MPI_Comm comm) {
    if (send == MPI_IN_PLACE) count_collective(bytes_of(receive_count, receive_type));
    else count_collective(bytes_of(send_count, send_type));
    return PMPI_Gather(send, send_count, send_type, receive, receive_count, receive_type, root,
                       comm);
}

int MPI_Igather(const void* send, int send_count, MPI_Datatype send_type, void* receive,
                int receive_count, MPI_Datatype receive_type, int root, MPI_Comm comm,
                MPI_Request* request) {
    if (send == MPI_IN_PLACE) count_collective(bytes_of(receive_count, receive_type));
    else count_collective(bytes_of(send_count, send_type));
    return PMPI_Igather(send, send_count, send_type, receive, receive_count, receive_type, root,
                        comm, request);
}

int MPI_Gatherv(const void* send, int send_count, MPI_Datatype send_type, void* receive,
                const int receive_counts[], const int offsets[], MPI_Datatype receive_type,
                int root, MPI_Comm comm) {
    if (send == MPI_IN_PLACE)
        count_collective(bytes_of(receive_counts[rank_in(comm)], receive_type));
    else count_collective(bytes_of(send_count, send_type));
    return PMPI_Gatherv(send, send_count, send_type, receive, receive_counts, offsets, receive_type,
                        root, comm);
}

int MPI_Igatherv(const void* send, int send_count, MPI_Datatype send_type, void* receive,
                 const int receive_counts[], const int offsets[], MPI_Datatype receive_type,
                 int root, MPI_Comm comm, MPI_Request* request) {
    if (send == MPI_IN_PLACE)
        count_collective(bytes_of(receive_counts[rank_in(comm)], receive_type));
    else count_collective(bytes_of(send_count, send_type));
    return PMPI_Igatherv(send, send_count, send_type, receive, receive_counts, offsets,
                         receive_type, root, comm, request);
}

int MPI_Allgather(const void* send, int send_count, MPI_Datatype send_type, void* receive,
                  int receive_count, MPI_Datatype receive_type, MPI_Comm comm) {
    if (send == MPI_IN_PLACE) count_collective(bytes_of(receive_count, receive_type));
    else count_collective(bytes_of(send_count, send_type));
    return PMPI_Allgather(send, send_count, send_type, receive, receive_count, receive_type, comm);
}

int MPI_Iallgather(const void* send, int send_count, MPI_Datatype send_type, void* receive,
                   int receive_count, MPI_Datatype receive_type, MPI_Comm comm,
                   MPI_Request* request) {
    if (send == MPI_IN_PLACE) count_collective(bytes_of(receive_count, receive_type));
    else count_collective(bytes_of(send_count, send_type));
    return PMPI_Iallgather(send, send_count, send_type, receive, receive_count, receive_type, comm,
                           request);
}

int MPI_Allgatherv(const void* send, int send_count, MPI_Datatype send_type, void* receive,
                   const int receive_counts[], const int offsets[], MPI_Datatype receive_type,
                   MPI_Comm comm) {
    if (send == MPI_IN_PLACE)
        count_collective(bytes_of(receive_counts[rank_in(comm)], receive_type));
    else count_collective(bytes_of(send_count, send_type));
    return PMPI_Allgatherv(send, send_count, send_type, receive, receive_counts, offsets,
                           receive_type, comm);
}

int MPI_Iallgatherv(const void* send, int send_count, MPI_Datatype send_type, void* receive,
                    const int receive_counts[], const int offsets[], MPI_Datatype receive_type,
                    MPI_Comm comm, MPI_Request* request) {
    if (send == MPI_IN_PLACE)
        count_collective(bytes_of(receive_counts[rank_in(comm)], receive_type));
    else count_collective(bytes_of(send_count, send_type));
    return PMPI_Iallgatherv(send, send_count, send_type, receive, receive_counts, offsets,
                            receive_type, comm, request);
}

int MPI_Scatter(const void* send, int send_count, MPI_Datatype send_type, void* receive,
                int receive_count, MPI_Datatype receive_type, int root, MPI_Comm comm) {
    count_collective(rank_in(comm) == root ? bytes_of(send_count, send_type) * size_of(comm) : 0);
    return PMPI_Scatter(send, send_count, send_type, receive, receive_count, receive_type, root,
                        comm);
}

int MPI_Iscatter(const void* send, int send_count, MPI_Datatype send_type, void* receive,
                 int receive_count, MPI_Datatype receive_type, int root, MPI_Comm comm,
                 MPI_Request* request) {
    count_collective(rank_in(comm) == root ? bytes_of(send_count, send_type) * size_of(comm) : 0);
    return PMPI_Iscatter(send, send_count, send_type, receive, receive_count, receive_type, root,
                         comm, request);
}

int MPI_Scatterv(const void* send, const int send_counts[], const int offsets[],
                 MPI_Datatype send_type, void* receive, int receive_count,
                 MPI_Datatype receive_type, int root, MPI_Comm comm) {
    count_collective(rank_in(comm) == root ? bytes_of_all(send_counts, send_type, comm) : 0);
    return PMPI_Scatterv(send, send_counts, offsets, send_type, receive, receive_count,
                         receive_type, root, comm);
}

int MPI_Iscatterv(const void* send, const int send_counts[], const int offsets[],
                  MPI_Datatype send_type, void* receive, int receive_count,
                  MPI_Datatype receive_type, int root, MPI_Comm comm, MPI_Request* request) {
    count_collective(rank_in(comm) == root ? bytes_of_all(send_counts, send_type, comm) : 0);
    return PMPI_Iscatterv(send, send_counts, offsets, send_type, receive, receive_count,
                          receive_type, root, comm, request);
}

int MPI_Alltoall(const void* send, int send_count, MPI_Datatype send_type, void* receive,
                 int receive_count, MPI_Datatype receive_type, MPI_Comm comm) {
    if (send == MPI_IN_PLACE)
        count_collective(bytes_of(receive_count, receive_type) * size_of(comm));
    else count_collective(bytes_of(send_count, send_type) * size_of(comm));
    return PMPI_Alltoall(send, send_count, send_type, receive, receive_count, receive_type, comm);
}

int MPI_Ialltoall(const void* send, int send_count, MPI_Datatype send_type, void* receive,
                  int receive_count, MPI_Datatype receive_type, MPI_Comm comm,
                  MPI_Request* request) {
    if (send == MPI_IN_PLACE)
        count_collective(bytes_of(receive_count, receive_type) * size_of(comm));
    else count_collective(bytes_of(send_count, send_type) * size_of(comm));
    return PMPI_Ialltoall(send, send_count, send_type, receive, receive_count, receive_type, comm,
                          request);
}

int MPI_Alltoallv(const void* send, const int send_counts[], const int send_offsets[],
                  MPI_Datatype send_type, void* receive, const int receive_counts[],
                  const int receive_offsets[], MPI_Datatype receive_type, MPI_Comm comm) {
    if (send == MPI_IN_PLACE) count_collective(bytes_of_all(receive_counts, receive_type, comm));
    else count_collective(bytes_of_all(send_counts, send_type, comm));
    return PMPI_Alltoallv(send, send_counts, send_offsets, send_type, receive, receive_counts,
                          receive_offsets, receive_type, comm);
}

int MPI_Ialltoallv(const void* send, const int send_counts[], const int send_offsets[],
                   MPI_Datatype send_type, void* receive, const int receive_counts[],
                   const int receive_offsets[], MPI_Datatype receive_type, MPI_Comm comm,
                   MPI_Request* request) {
    if (send == MPI_IN_PLACE) count_collective(bytes_of_all(receive_counts, receive_type, comm));
    else count_collective(bytes_of_all(send_counts, send_type, comm));
    return PMPI_Ialltoallv(send, send_counts, send_offsets, send_type, receive, receive_counts,
                           receive_offsets, receive_type, comm, request);
}

int MPI_Alltoallw(const void* send, const int send_counts[], const int send_offsets[],
                  const MPI_Datatype send_types[], void* receive, const int receive_counts[],
                  const int receive_offsets[], const MPI_Datatype receive_types[], MPI_Comm comm) {
    if (send == MPI_IN_PLACE) count_collective(bytes_of_all(receive_counts, receive_types, comm));
    else count_collective(bytes_of_all(send_counts, send_types, comm));
    return PMPI_Alltoallw(send, send_counts, send_offsets, send_types, receive, receive_counts,
                          receive_offsets, receive_types, comm);
}

int MPI_Ialltoallw(const void* send, const int send_counts[], const int send_offsets[],
                   const MPI_Datatype send_types[], void* receive, const int receive_counts[],
                   const int receive_offsets[], const MPI_Datatype receive_types[], MPI_Comm comm,
                   MPI_Request* request) {
    if (send == MPI_IN_PLACE) count_collective(bytes_of_all(receive_counts, receive_types, comm));
    else count_collective(bytes_of_all(send_counts, send_types, comm));
    return PMPI_Ialltoallw(send, send_counts, send_offsets, send_types, receive, receive_counts,
                           receive_offsets, receive_types, comm, request);
}

int MPI_Neighbor_alltoall(const void* send, int send_count, MPI_Datatype send_type, void* receive,
                          int receive_count, MPI_Datatype receive_type, MPI_Comm comm) {
    count_collective(bytes_of(send_count, send_type) * readers_in(comm));
    return PMPI_Neighbor_alltoall(send, send_count, send_type, receive, receive_count, receive_type,
                                  comm);
}

int MPI_Ineighbor_alltoall(const void* send, int send_count, MPI_Datatype send_type, void* receive,
                           int receive_count, MPI_Datatype receive_type, MPI_Comm comm,
                           MPI_Request* request) {
    count_collective(bytes_of(send_count, send_type) * readers_in(comm));
    return PMPI_Ineighbor_alltoall(send, send_count, send_type, receive, receive_count,
                                   receive_type, comm, request);
}

int MPI_Neighbor_alltoallv(const void* send, const int send_counts[], const int send_offsets[],
                           MPI_Datatype send_type, void* receive, const int receive_counts[],
                           const int receive_offsets[], MPI_Datatype receive_type, MPI_Comm comm) {
    count_collective(bytes_of_readers(send_counts, send_type, comm));
    return PMPI_Neighbor_alltoallv(send, send_counts, send_offsets, send_type, receive,
                                   receive_counts, receive_offsets, receive_type, comm);
}

int MPI_Ineighbor_alltoallv(const void* send, const int send_counts[], const int send_offsets[],
                            MPI_Datatype send_type, void* receive, const int receive_counts[],
                            const int receive_offsets[], MPI_Datatype receive_type, MPI_Comm comm,
                            MPI_Request* request) {
    count_collective(bytes_of_readers(send_counts, send_type, comm));
    return PMPI_Ineighbor_alltoallv(send, send_counts, send_offsets, send_type, receive,
                                    receive_counts, receive_offsets, receive_type, comm, request);
}

int MPI_Neighbor_allgather(const void* send, int send_count, MPI_Datatype send_type, void* receive,
                           int receive_count, MPI_Datatype receive_type, MPI_Comm comm) {
    count_collective(bytes_of(send_count, send_type) * readers_in(comm));
    return PMPI_Neighbor_allgather(send, send_count, send_type, receive, receive_count,
                                   receive_type, comm);
}

int MPI_Ineighbor_allgather(const void* send, int send_count, MPI_Datatype send_type, void* receive,
                            int receive_count, MPI_Datatype receive_type, MPI_Comm comm,
                            MPI_Request* request) {
    count_collective(bytes_of(send_count, send_type) * readers_in(comm));
    return PMPI_Ineighbor_allgather(send, send_count, send_type, receive, receive_count,
                                    receive_type, comm, request);
}

int MPI_Neighbor_allgatherv(const void* send, int send_count, MPI_Datatype send_type, void* receive,
                            const int receive_counts[], const int offsets[],
                            MPI_Datatype receive_type, MPI_Comm comm) {
    count_collective(bytes_of(send_count, send_type) * readers_in(comm));
    return PMPI_Neighbor_allgatherv(send, send_count, send_type, receive, receive_counts, offsets,
                                    receive_type, comm);
}

int MPI_Ineighbor_allgatherv(const void* send, int send_count, MPI_Datatype send_type,
                             void* receive, const int receive_counts[], const int offsets[],
                             MPI_Datatype receive_type, MPI_Comm comm, MPI_Request* request) {
    count_collective(bytes_of(send_count, send_type) * readers_in(comm));
    return PMPI_Ineighbor_allgatherv(send, send_count, send_type, receive, receive_counts, offsets,
                                     receive_type, comm, request);
}
