/// Shares of axes.
#include <lop/distributed/partition.hpp>

#include <lop/core/error.hpp>
#include <lop/core/random.hpp>

#include <algorithm>

namespace lop {
namespace {

std::string ranks_in_words(int ranks) {
    return ranks == 1 ? "1 rank" : std::to_string(ranks) + " ranks";
}

/// The parts tell unlike partitions apart in errors; of many the first ones must do.
std::string parts_in_words(const Cuts& cuts) {
    constexpr int shown = 8;
    std::string parts;
    for (int p = 0; p < std::min(shown, cuts.parts()); ++p)
        parts += (p > 0 ? ", " : "") + std::to_string(cuts.count(p));
    return cuts.parts() > shown ? parts + ", ..." : parts;
}

}  // namespace

Cuts::Cuts(int axis, const std::vector<index_t>& counts) : axis_{axis} {
    std::vector<index_t> firsts{0};
    for (const index_t count : counts) {
        if (count < 0)
            throw ArgumentError{"a partition with a part of " + std::to_string(count) + " indices",
                                {.expected = "none or more"}};
        firsts.push_back(firsts.back() + count);
    }
    firsts_ = std::make_shared<const std::vector<index_t>>(std::move(firsts));
}

int Cuts::owner(index_t index) const {
    const auto after = std::upper_bound(firsts_->begin(), firsts_->end(), index);
    return static_cast<int>(after - firsts_->begin()) - 1;
}

Cuts Cuts::of_axis(int axis) const {
    Cuts cuts = *this;
    cuts.axis_ = axis;
    return cuts;
}

bool Cuts::operator==(const Cuts& other) const {
    return axis_ == other.axis_ && (firsts_ == other.firsts_ || *firsts_ == *other.firsts_);
}

Partition::Partition(std::vector<Side> sides)
    : sides_{std::make_shared<const std::vector<Side>>(std::move(sides))} {
    for (const Side& side : *sides_) cut_axes_ += side.cuts.empty() ? 0 : 1;
}

Partition Partition::replicated() { return Partition{{}}; }

Partition Partition::copies(int count) {
    if (count < 1)
        throw ArgumentError{"a partition of " + std::to_string(count) + " copies",
                            {.expected = "at least one"}};
    return Partition{{Side{count, {}}}};
}

Partition Partition::balanced(index_t extent, int ranks, int axis) {
    if (ranks < 1 || extent < 0)
        throw ArgumentError{"a balanced partition of " + std::to_string(extent) + " indices over " +
                                std::to_string(ranks) + " ranks",
                            {.expected = "no negative number of indices, and at least one rank"}};
    std::vector<index_t> counts(static_cast<std::size_t>(ranks), extent / ranks);
    for (index_t r = 0; r < extent % ranks; ++r) ++counts[static_cast<std::size_t>(r)];
    return given(std::move(counts), axis);
}

Partition Partition::given(std::vector<index_t> counts, int axis) {
    const int ranks = static_cast<int>(counts.size());
    return Partition{{Side{ranks, {Cuts{axis, counts}}}}};
}

Partition operator*(const Partition& slow, const Partition& fast) {
    std::vector<Partition::Side> sides = *slow.sides_;
    for (const auto& side : *fast.sides_) {
        if (!side.cuts.empty() && slow.cuts(side.cuts.front().axis()))
            throw ArgumentError{
                "a partition over axis " + std::to_string(side.cuts.front().axis()) + ", twice",
                {.expected = "every axis shared out over one side of the grid of ranks"}};
        sides.push_back(side);
    }
    if (slow.sides_->empty() || fast.sides_->empty())
        throw ArgumentError{"a grid of partitions one of which leaves its number of ranks open",
                            {.expected = "axes shared out, or a number of copies",
                             .remedy = "Partition::copies(n)"}};
    return Partition{std::move(sides)};
}

std::uint64_t Partition::hash() const {
    std::uint64_t hash = 1;
    const auto add = [&](std::int64_t number) {
        hash = mix_bits(hash ^ static_cast<std::uint64_t>(number));
    };
    for (const Side& side : *sides_) {
        add(side.length);
        for (const Cuts& cuts : side.cuts) {
            add(cuts.axis());
            for (int part = 0; part <= cuts.parts(); ++part) add(cuts.first(part));
        }
    }
    return hash;
}

int Partition::ranks() const {
    if (sides_->empty()) return 0;
    int ranks = 1;
    for (const Side& side : *sides_) ranks *= side.length;
    return ranks;
}

int Partition::copies() const {
    int copies = 1;
    for (const Side& side : *sides_)
        if (side.cuts.empty()) copies *= side.length;
    return copies;
}

int Partition::place(int rank, std::size_t side) const {
    for (std::size_t faster = sides_->size(); --faster > side;) rank /= (*sides_)[faster].length;
    return rank % (*sides_)[side].length;
}

int Partition::copy(int rank) const {
    int copy = 0;
    for (std::size_t s = 0; s < sides_->size(); ++s)
        if ((*sides_)[s].cuts.empty()) copy = copy * (*sides_)[s].length + place(rank, s);
    return copy;
}

const Cuts* Partition::cuts(int axis) const {
    for (const Side& side : *sides_)
        if (!side.cuts.empty() && side.cuts.front().axis() == axis) return &side.cuts.front();
    return nullptr;
}

int Partition::part(int rank, int axis) const {
    for (std::size_t s = 0; s < sides_->size(); ++s)
        if (!(*sides_)[s].cuts.empty() && (*sides_)[s].cuts.front().axis() == axis)
            return place(rank, s);
    return 0;
}

IndexBox Partition::box(const Shape& shape, int rank) const {
    IndexBox box{shape};
    for (int axis = 0; axis < shape.rank(); ++axis)
        if (const Cuts* cut = cuts(axis)) {
            const int mine = part(rank, axis);
            box = box.with(axis, cut->first(mine), cut->count(mine));
        }
    return box;
}

const Cuts& Partition::only() const {
    if (!is_over_one_axis())
        throw ArgumentError{"the axis of an array " + str(std::max(1, ranks())),
                            {.expected = "an array scattered over one axis"}};
    for (const Side& side : *sides_)
        if (!side.cuts.empty()) return side.cuts.front();
    throw Error{"a partition has lost its axis"};
}

index_t Partition::first(int rank) const {
    // One behind the last rank is where the array ends.
    return rank == ranks() ? extent() : only().first(part(rank, axis()));
}

int Partition::owner(index_t index) const {
    const int holder = only().owner(index);
    return rank_of([&](int) { return holder; }, 0);
}

Partition Partition::shifted(int by) const {
    std::vector<Side> sides = *sides_;
    for (Side& side : sides)
        for (Cuts& cuts : side.cuts) cuts = cuts.of_axis(cuts.axis() + by);
    return Partition{std::move(sides)};
}

Partition Partition::replaced(int axis, const Cuts& cuts) const {
    std::vector<Side> sides = *sides_;
    for (Side& side : sides)
        for (Cuts& old : side.cuts)
            if (old.axis() == axis) old = cuts;
    return Partition{std::move(sides)};
}

Partition Partition::without(int axis) const {
    std::vector<Side> sides = *sides_;
    for (Side& side : sides)
        if (!side.cuts.empty() && side.cuts.front().axis() == axis) side.cuts.clear();
    return Partition{std::move(sides)};
}

Partition Partition::dropped(int axis) const {
    std::vector<Side> sides = *sides_;
    for (Side& side : sides)
        for (Cuts& cuts : side.cuts)
            if (cuts.axis() > axis) cuts = cuts.of_axis(cuts.axis() - 1);
    return Partition{std::move(sides)};
}

Partition whole_along(const Shape& shape, const Partition& partition, int axis) {
    const Cuts* cuts = partition.cuts(axis);
    if (!cuts) return partition;
    int longest = -1;
    for (int other = 0; other < shape.rank(); ++other)
        if (!partition.cuts(other) && (longest < 0 || shape[other] > shape[longest]))
            longest = other;
    if (longest < 0) return partition.without(axis);
    const Partition moved = Partition::balanced(shape[longest], cuts->parts(), longest);
    return partition.replaced(axis, *moved.cuts(longest));
}

std::string Partition::str(int ranks) const {
    if (sides_->empty()) return "replicated on " + ranks_in_words(ranks);
    std::string text;
    for (const Side& side : *sides_) {
        text += text.empty() ? "" : " x ";
        if (side.cuts.empty()) {
            text += std::to_string(side.length) + (side.length == 1 ? " copy" : " copies");
        } else {
            const Cuts& cuts = side.cuts.front();
            text += "axis " + std::to_string(cuts.axis()) + " of " + ranks_in_words(side.length) +
                    " (" + parts_in_words(cuts) + ")";
        }
    }
    return (is_replicated() ? "replicated: " : "scattered over ") + text;
}

}  // namespace lop
