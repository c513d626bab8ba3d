/// Sizes at which every operator is tried: odd extents, single elements, empty axes.
#pragma once

#include <lop/algebra/any_operator.hpp>
#include <lop/core/grid.hpp>
#include <lop/testing/doctest.hpp>

#include <doctest/doctest.h>
#include <functional>
#include <string>
#include <vector>

namespace lop::testing {

inline const std::vector<Shape>& every_size() {
    static const std::vector<Shape> shapes{{7},    {5, 3}, {3, 5, 7},  //
                                           {1},    {1, 1}, {5, 1},    {1, 5},    {1, 1, 1}, {0},
                                           {3, 0}, {0, 3}, {0, 0},    {2, 0, 3}, {5, 3, 0}};
    return shapes;
}

template <class T> ArraySpace<T> space(const Shape& shape) { return {"x", shape}; }

inline bool is_empty(const Shape& shape) { return shape.product(0, shape.rank()) == 0; }

/// The laws of an operator behind AnyOperator: its type does not tell, so that a whole catalogue costs
/// the compiler one suite for each pair of spaces.
template <LinearOperator A> void check_laws_of_any(const A& a) {
    check_laws(AnyOperator<DomainOf<A>, RangeOf<A>>{a});
}

/// An operator along one axis, as a row of a catalogue.
template <Space Domain, Space Range = Domain> struct AlongAxis {
    std::string name;
    std::function<AnyOperator<Domain, Range>(const Shape&, int axis)> make;
    /// Part of what it says to an axis without samples; nothing where it is lawful there too.
    std::string refusal{};
};

/// Every operator of a catalogue, along every axis of every size, obeys the laws, or refuses the axis
/// without samples by its own name.
template <Space Domain, Space Range>
void check_catalogue(const std::vector<AlongAxis<Domain, Range>>& catalogue) {
    for (const auto& row : catalogue)
        for (const Shape& shape : every_size())
            for (int axis = 0; axis < shape.rank(); ++axis) {
                INFO(row.name << " along axis " << axis << " of " << shape.str());
                if (shape[axis] > 0 || row.refusal.empty()) {
                    check_laws(row.make(shape, axis));
                    continue;
                }
                const std::string words = row.name + " of " + shape.str() + "\n    expected " +
                                          row.refusal + " along axis " + std::to_string(axis);
                CHECK_THROWS_WITH_AS(row.make(shape, axis), doctest::Contains(words.c_str()),
                                     ArgumentError);
            }
}

}  // namespace lop::testing
