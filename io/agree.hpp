/// Ranks agree whether a step failed, and on one message.
#pragma once

#include <mpi.h>
#include <string>

namespace lop::io {

/// Collective. Returns the problem of the lowest rank that has one, the same text on every rank;
/// empty if none has.
std::string agreed_problem(MPI_Comm comm, const std::string& problem);

/// Collective. The text of rank `root`, on every rank.
std::string broadcast_text(MPI_Comm comm, std::string text, int root);

/// Collective. Is this text the same on all ranks?
bool same_everywhere(MPI_Comm comm, const std::string& text);

}  // namespace lop::io
