/// Ranks agree by one reduction; only a failure costs more.
#include "agree.hpp"

#include <lop/distributed/communicator.hpp>

#include <cstdint>

namespace lop::io {

std::string agreed_problem(MPI_Comm comm, const std::string& problem) {
    int rank = 0;
    int size = 1;
    MPI_Comm_rank(comm, &rank);
    MPI_Comm_size(comm, &size);
    const int mine = problem.empty() ? size : rank;
    int first = size;
    MPI_Allreduce(&mine, &first, 1, MPI_INT, MPI_MIN, comm);
    if (first == size) return {};
    return broadcast_text(comm, problem, first);
}

std::string broadcast_text(MPI_Comm comm, std::string text, int root) {
    int length = static_cast<int>(text.size());
    MPI_Bcast(&length, 1, MPI_INT, root, comm);
    text.resize(static_cast<std::size_t>(length));
    MPI_Bcast(text.data(), length, MPI_CHAR, root, comm);
    return text;
}

bool same_everywhere(MPI_Comm comm, const std::string& text) {
    std::uint64_t hash = 14695981039346656037u;  // FNV-1a, 64 bits (Fowler, Noll, Vo 1991)
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
    return Communicator{comm}.agree(hash);
}

}  // namespace lop::io
