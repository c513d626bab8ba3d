/// The ranks that share a shot: each holds some planes of the model along x.
#pragma once

#include <lop/distributed/communicator.hpp>
#include <lop/distributed/partition.hpp>

#include <array>
#include <optional>
#include <vector>

namespace lop::wave {

/// Planes of a model over ranks, in the order of the ranks; or all of them on this one. The layers beyond the first
/// and the last plane of the model belong to whom these belong.
class Domain {
 public:
    Domain() = default;
    Domain(Communicator ranks, Cuts planes)
        : ranks_{std::move(ranks)}, planes_{std::move(planes)} {}

    bool is_cut() const { return ranks_.size() > 1; }
    const Communicator& ranks() const { return ranks_; }
    /// Of a model of `extent` planes this rank's: the first, and one past the last.
    std::array<index_t, 2> own(index_t extent) const {
        return is_cut()
                   ? std::array{planes_->first(ranks_.rank()), planes_->first(ranks_.rank() + 1)}
                   : std::array<index_t, 2>{0, extent};
    }
    /// The rank that holds a plane of the model.
    int owner(index_t plane) const { return is_cut() ? planes_->owner(plane) : 0; }
    /// The ranks before and after this one, or -1.
    int before() const { return ranks_.rank() - 1; }
    int after() const { return ranks_.rank() + 1 < ranks_.size() ? ranks_.rank() + 1 : -1; }

    /// Runs `work`, which does not communicate; where it throws on one rank, all throw.
    template <class Work> void together(const Work& work) const {
        if (is_cut()) ranks_.collectively(work);
        else work();
    }
    /// Whether all ranks say so: they go the same way.
    bool all(bool here) const { return least(here ? 1 : 0) == 1; }
    /// The least that any of the ranks has.
    index_t least(index_t count) const {
        return -static_cast<index_t>(largest(static_cast<double>(-count)));
    }
    /// The most that any of the ranks asks for.
    std::size_t most(std::size_t bytes) const {
        return static_cast<std::size_t>(largest(static_cast<double>(bytes)));
    }
    double largest(double value) const { return is_cut() ? ranks_.max(value) : value; }
    /// values = their sum over the ranks.
    template <class T> void sum(T* values, index_t count) const;

 private:
    Communicator ranks_ = Communicator::self();
    std::optional<Cuts> planes_{};
};

}  // namespace lop::wave
