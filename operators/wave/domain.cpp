/// Sums over the ranks that share a shot.
#include "domain.hpp"

#include <lop/distributed/messages.hpp>

#include <type_traits>

namespace lop::wave {

template <class T> void Domain::sum(T* values, index_t count) const {
    if (!is_cut()) return;
    constexpr std::size_t whole_numbers = ~(sizeof(T) - 1);
    const std::size_t limit = std::max(lop::detail::message_limit() & whole_numbers, sizeof(T));
    const MPI_Datatype type = std::is_same_v<T, float> ? MPI_FLOAT : MPI_DOUBLE;
    const auto most = static_cast<index_t>(limit / sizeof(T));
    for (index_t at = 0; at < count; at += most)
        MPI_Allreduce(MPI_IN_PLACE, values + at, static_cast<int>(std::min(most, count - at)), type,
                      MPI_SUM, ranks_.native());
}

template void Domain::sum(float*, index_t) const;
template void Domain::sum(double*, index_t) const;

}  // namespace lop::wave
