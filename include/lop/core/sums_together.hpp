/// Sums that several vectors wait for at once, so that the ranks meet once for all of them.
#pragma once

#include <cstddef>
#include <vector>

namespace lop {

/// Collects sums over vectors and puts them together over ranks in one message:
///
///     SumsTogether sums;
///     sums.add(xx, [&](auto* s) { return assign_norm2(x, x + alpha * p, s); });
///     sums.add(rr, [&](auto* s) { return assign_norm2(r, r - alpha * q, s); });
///     sums.finish();   // now xx and rr are known, with the bits they would have had alone
///
/// Vectors that no other rank shares are summed at once. Nothing is allocated once it has run.
class SumsTogether {
 public:
    /// A sum of which this rank knows its own part. `fold` puts all parts together that carry it.
    struct Part {
        const void* layout;  // outlives the sums
        std::size_t begin;   // of its numbers, in numbers()
        std::size_t count;
        void (*fold)(SumsTogether& sums);  // null: the only number is the sum
        double sum;
    };

    /// sum(this) returns what is known at once, and pushes the rest.
    template <class Sum> void add(double& result, const Sum& sum) {
        const std::size_t first = parts_.size();
        const double known = sum(this);
        results_.push_back({&result, known, first, parts_.size()});
    }
    /// Collective where a vector is.
    void finish() {
        for (const Part& part : parts_)
            if (part.fold) {
                part.fold(*this);
                break;
            }
        for (const Result& result : results_) {
            double total = result.known;
            for (std::size_t p = result.first; p < result.end; ++p) total += parts_[p].sum;
            *result.to = total;
        }
        results_.clear();
        parts_.clear();
        numbers_.clear();
    }

    /// For vectors over ranks: `count` numbers of this rank, which fold() is to put together.
    void push(const void* layout, const double* numbers, std::size_t count,
              void (*fold)(SumsTogether&)) {
        parts_.push_back({layout, numbers_.size(), count, fold, 0});
        numbers_.insert(numbers_.end(), numbers, numbers + count);
    }
    /// A sum that is known, in its place among the others.
    void push_known(double sum) { parts_.push_back({nullptr, numbers_.size(), 0, nullptr, sum}); }
    std::vector<Part>& parts() { return parts_; }
    const std::vector<double>& numbers() const { return numbers_; }

 private:
    struct Result {
        double* to;
        double known;
        std::size_t first, end;
    };
    std::vector<Result> results_{};
    std::vector<Part> parts_{};
    std::vector<double> numbers_{};
};

namespace detail {

/// The sum of the terms over a vector; 0 where it was left to `sums`.
template <class V, class Term>
double reduce_together(const V& x, const Term& term, SumsTogether* sums) {
    if constexpr (requires { x.reduce_later(term, *sums); })
        if (sums) {
            x.reduce_later(term, *sums);
            return 0;
        }
    return x.template reduce<double>(term);
}

}  // namespace detail

}  // namespace lop
