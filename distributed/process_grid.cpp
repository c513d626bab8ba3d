/// Grids of ranks and their groups.
#include <lop/distributed/process_grid.hpp>

#include <lop/core/error.hpp>

#include <algorithm>
#include <numeric>

namespace lop {
namespace {

std::string sides_in_words(const std::vector<int>& sides) {
    std::string words;
    for (const int side : sides) words += (words.empty() ? "" : " x ") + std::to_string(side);
    return words.empty() ? "no sides" : words;
}

}  // namespace

ProcessGrid::ProcessGrid(Communicator communicator, std::vector<int> sides)
    : communicator_{std::move(communicator)}, sides_{std::move(sides)} {
    const bool positive = std::all_of(sides_.begin(), sides_.end(), [](int s) { return s > 0; });
    const auto ranks =
        std::accumulate(sides_.begin(), sides_.end(), index_t{1}, std::multiplies<index_t>{});
    if (positive && ranks == communicator_.size()) return;
    throw ArgumentError{"a process grid of " + sides_in_words(sides_),
                        {.expected = "sides that multiply to the number of ranks, " +
                                     std::to_string(communicator_.size()),
                         .remedy = "ProcessGrid::balanced(communicator, dimension), or mpirun with "
                                   "another number of ranks"}};
}

ProcessGrid ProcessGrid::balanced(Communicator communicator, int dimension) {
    if (dimension < 1)
        throw ArgumentError{"a process grid of " + counted(dimension, "side"),
                            {.expected = "at least one"}};
    std::vector<int> sides(static_cast<std::size_t>(dimension), 1);
    // The largest prime factors go first, each to the side that is shortest so far.
    std::vector<int> factors;
    for (int rest = communicator.size(), f = 2; rest > 1; ++f)
        for (; rest % f == 0; rest /= f) factors.push_back(f);
    for (auto f = factors.rbegin(); f != factors.rend(); ++f)
        *std::min_element(sides.begin(), sides.end()) *= *f;
    std::sort(sides.rbegin(), sides.rend());
    return {std::move(communicator), std::move(sides)};
}

int ProcessGrid::place(int d) const {
    int rank = communicator_.rank();
    for (int faster = dimension() - 1; faster > d; --faster) rank /= side(faster);
    return rank % side(d);
}

ProcessGrid ProcessGrid::along(const std::vector<int>& sides) const {
    std::vector<int> lengths;
    for (std::size_t k = 0; k < sides.size(); ++k) {
        const int d = sides[k];
        if (d < 0 || d >= dimension() || (k > 0 && d <= sides[k - 1]))
            throw ArgumentError{
                "sides of a process grid of " + sides_in_words(sides_),
                {.expected = "ascending ones from 0 to " + std::to_string(dimension() - 1),
                 .found = std::to_string(d)}};
        lengths.push_back(side(d));
    }
    int color = 0;
    for (int d = 0; d < dimension(); ++d)
        if (std::find(sides.begin(), sides.end(), d) == sides.end())
            color = color * side(d) + place(d);
    return {communicator_.split(color), std::move(lengths)};
}

ProcessGrid ProcessGrid::domain() const {
    std::vector<int> others(static_cast<std::size_t>(std::max(0, dimension() - 1)));
    std::iota(others.begin(), others.end(), 1);
    return along(others);
}

Partition ProcessGrid::partition(const Shape& shape, const std::vector<int>& axes) const {
    if (axes.size() != sides_.size())
        throw ArgumentError{
            "the axes of an array over a process grid of " + sides_in_words(sides_),
            {.expected = counted(dimension(), "axis", "axes"),
             .found = counted(static_cast<std::int64_t>(axes.size()), "axis", "axes"),
             .remedy = "-1 for a side whose ranks hold the same"}};
    Partition whole = Partition::replicated();
    for (int d = 0; d < dimension(); ++d) {
        const int axis = axes[static_cast<std::size_t>(d)];
        if (axis >= shape.rank() || axis < -1)
            throw ArgumentError{"an axis of [" + shape.str() + "] over a process grid",
                                {.expected = "0 to " + std::to_string(shape.rank() - 1) + ", or -1",
                                 .found = std::to_string(axis)}};
        const Partition part =
            axis < 0 ? Partition::copies(side(d)) : Partition::balanced(shape[axis], side(d), axis);
        whole = d == 0 ? part : whole * part;
    }
    return whole;
}

}  // namespace lop
