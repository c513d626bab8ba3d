/// Plans of fetches, and their messages.
#include <lop/distributed/fetch.hpp>

#include <lop/core/error.hpp>
#include <lop/distributed/exchange.hpp>
#include <lop/distributed/watchdog.hpp>

#include <algorithm>
#include <complex>
#include <cstddef>
#include <limits>
#include <numeric>

namespace lop::detail {
namespace {

/// How many items every rank gives to this one.
std::vector<index_t> counts_from_all(const Communicator& communicator,
                                     const std::vector<index_t>& counts) {
    if (communicator.size() == 1) return counts;
    std::vector<index_t> from(counts.size());
    const Waiting waiting{communicator, "counts"};
    MPI_Alltoall(counts.data(), 1, MPI_INT64_T, from.data(), 1, MPI_INT64_T, communicator.native());
    return from;
}

/// Counts as MPI takes them, and where each rank's items begin.
struct Places {
    std::vector<int> counts, firsts;
    explicit Places(const std::vector<index_t>& of) : firsts(of.size(), 0) {
        for (const index_t count : of) counts.push_back(static_cast<int>(count));
        std::partial_sum(counts.begin(), counts.end() - 1, firsts.begin() + 1);
    }
};

}  // namespace

std::vector<std::byte> deal_bytes(const Communicator& communicator, const std::byte* items,
                                  std::size_t item_size, const std::vector<index_t>& counts) {
    const auto from = counts_from_all(communicator, counts);
    const index_t given = std::accumulate(counts.begin(), counts.end(), index_t{0});
    const index_t gotten = std::accumulate(from.begin(), from.end(), index_t{0});
    communicator.collectively([&] {
        constexpr index_t most = std::numeric_limits<int>::max();
        if (std::max(given, gotten) > most)
            throw ArgumentError{"too many items are dealt to other ranks at once",
                                {.expected = "at most " + std::to_string(most) + " on a rank",
                                 .found = std::to_string(std::max(given, gotten)),
                                 .remedy = "more ranks, or rows that each rank makes itself"}};
    });
    std::vector<std::byte> dealt(static_cast<std::size_t>(gotten) * item_size);
    if (communicator.size() == 1) {
        std::copy(items, items + dealt.size(), dealt.begin());
        return dealt;
    }
    const Places to{counts};
    const Places at{from};
    MPI_Datatype item = MPI_DATATYPE_NULL;
    MPI_Type_contiguous(static_cast<int>(item_size), MPI_BYTE, &item);
    MPI_Type_commit(&item);
    {
        const Waiting waiting{communicator, "items dealt"};
        MPI_Alltoallv(items, to.counts.data(), to.firsts.data(), item, dealt.data(),
                      at.counts.data(), at.firsts.data(), item, communicator.native());
    }
    MPI_Type_free(&item);
    return dealt;
}

template <Scalar T>
Fetch<T>::Fetch(const Communicator& communicator, std::string name,
                const std::vector<index_t>& firsts, const std::vector<index_t>& wanted)
    : flights_{std::make_shared<ScratchPool<Flight>>()} {
    const auto plan = std::make_shared<Plan>(Plan{communicator, std::move(name)});
    const auto ranks = static_cast<std::size_t>(communicator.size());
    const auto me = static_cast<std::size_t>(communicator.rank());
    plan->wanted = static_cast<index_t>(wanted.size());
    std::vector<index_t> asked(ranks, 0);
    std::vector<index_t> of_others;
    std::size_t k = 0;
    for (std::size_t r = 0; r < ranks; ++r) {
        const std::size_t begin = k;
        for (; k < wanted.size() && wanted[k] >= firsts[r] && wanted[k] < firsts[r + 1]; ++k)
            if (r == me) plan->kept.push_back({static_cast<index_t>(k), wanted[k] - firsts[r]});
            else of_others.push_back(wanted[k]);
        if (r == me || k == begin) continue;
        asked[r] = static_cast<index_t>(k - begin);
        plan->receives.push_back({static_cast<int>(r), asked[r]});
        plan->received_at.push_back(static_cast<index_t>(begin));
    }
    const auto asks = counts_from_all(communicator, asked);
    plan->given = deal(communicator, of_others, asked);
    for (index_t& element : plan->given) element -= firsts[me];
    for (std::size_t r = 0; r < ranks; ++r)
        if (r != me && asks[r] > 0) plan->sends.push_back({static_cast<int>(r), asks[r]});
    for (const auto* messages : {&plan->receives, &plan->sends})
        for (const Message& message : *messages) plan->peers.push_back(message.peer);
    std::sort(plan->peers.begin(), plan->peers.end());
    plan->peers.erase(std::unique(plan->peers.begin(), plan->peers.end()), plan->peers.end());
    plan_ = plan;
}

template <Scalar T> Fetch<T>::Flight::Flight(const Plan& plan)
    : sent(plan.given.size()),
      fetched(static_cast<std::size_t>(plan.wanted)),
      messages{plan.communicator, MessageTag::fetch} {
    const auto bytes = [](const Message& message) {
        return static_cast<std::size_t>(message.count) * sizeof(T);
    };
    for (std::size_t m = 0; m < plan.receives.size(); ++m)
        messages.receive(fetched.data() + plan.received_at[m], bytes(plan.receives[m]),
                         plan.receives[m].peer);
    T* values = sent.data();
    for (const Message& message : plan.sends) {
        messages.send(values, bytes(message), message.peer);
        values += message.count;
    }
}

template <Scalar T> Scratch<typename Fetch<T>::Flight> Fetch<T>::start(const T* own) const {
    const Plan& plan = *plan_;
    Scratch<Flight> flight{flights_, [&] { return Flight{plan}; }};
    for (std::size_t k = 0; k < plan.given.size(); ++k) flight->sent[k] = own[plan.given[k]];
    for (const Kept& kept : plan.kept)
        flight->fetched[static_cast<std::size_t>(kept.to)] = own[kept.from];
    flight->messages.start();
    return flight;
}

template <Scalar T> const T* Fetch<T>::finish(Flight& flight) const {
    if (!flight.messages.empty()) {
        const Waiting waiting{plan_->communicator, "elements", plan_->peers, plan_->name};
        flight.messages.wait();
    }
    return flight.fetched.data();
}

template class Fetch<float>;
template class Fetch<double>;
template class Fetch<std::complex<float>>;
template class Fetch<std::complex<double>>;

}  // namespace lop::detail
