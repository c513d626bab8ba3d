/// What a solver passed through.
#pragma once

#include <lop/core/array.hpp>
#include <lop/solvers/solution.hpp>

#include <vector>

namespace peers {

/// Keeps a copy of every iterate, the start included.
template <class T> class Iterates {
 public:
    auto watch() {
        return [this](const lop::Iteration&, const lop::Array<T>& x) { list_.push_back(x); };
    }
    const std::vector<lop::Array<T>>& list() const { return list_; }

 private:
    std::vector<lop::Array<T>> list_;
};

}  // namespace peers
