/// Media in which everything varies from point to point.
#pragma once

#include <lop/core/array.hpp>
#include <lop/core/grid.hpp>
#include <lop/core/random.hpp>

/// Values between two, another one at every point of a grid.
template <lop::Scalar T>
lop::Array<T> rough(const lop::Grid& grid, double low, double high, std::uint64_t seed) {
    auto values = lop::Array<T>{grid.shape()};
    for (lop::index_t i = 0; i < values.size(); ++i)
        values[i] = static_cast<T>(
            low + (high - low) * lop::random_uniform(seed, static_cast<std::uint64_t>(i)));
    return values;
}
