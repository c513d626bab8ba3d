/// Progress of a command, counted in propagations of shots whatever operator runs them.
#pragma once

#include <memory>
#include <string>

#include <lop/algebra/operator.hpp>
#include <lop/core/progress.hpp>

namespace lop::app {

/// A progress bar that many hold.
class Tally {
 public:
    Tally(const std::string& title, index_t total) : progress_{title, total, "runs"} {
        progress_.update(0);
    }
    void add(index_t count) { progress_.update(done_ += count, note_); }
    /// A few words beside the bar from now on.
    void note(std::string words) { note_ = std::move(words); }

 private:
    Progress progress_;
    index_t done_ = 0;
    std::string note_;
};

/// An operator that adds `cost` to a tally each time it is applied, either way.
template <LinearOperator A> class Counted : public Operator<Counted<A>, DomainOf<A>, RangeOf<A>> {
 public:
    Counted(A a, std::shared_ptr<Tally> tally, index_t cost)
        : Operator<Counted, DomainOf<A>, RangeOf<A>>{a.domain(), a.range()},
          a_{std::move(a)},
          tally_{std::move(tally)},
          cost_{cost} {}
    std::string label() const { return a_.label(); }
    void forward(const DomainVector<A>& x, RangeVector<A>& y) const {
        a_.forward(x, y);
        tally_->add(cost_);
    }
    void adjoint(const RangeVector<A>& y, DomainVector<A>& x) const {
        a_.adjoint(y, x);
        tally_->add(cost_);
    }

 private:
    A a_;
    std::shared_ptr<Tally> tally_;
    index_t cost_;
};

}  // namespace lop::app
